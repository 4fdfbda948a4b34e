package dev.modelserving.codec;

import com.code_intelligence.jazzer.api.FuzzedDataProvider;
import com.code_intelligence.jazzer.junit.FuzzTest;

/** A hundred thousand generated requests, as part of every build. */
class CodecFuzz {
    @FuzzTest(maxExecutions = 100_000, maxDuration = "10m")
    void holdsForEveryRequest(FuzzedDataProvider data) {
        CodecProperties.check(data);
    }
}
