package dev.modelserving.codec;

import com.code_intelligence.jazzer.api.FuzzedDataProvider;
import com.code_intelligence.jazzer.junit.FuzzTest;

/** The same for ten million, under the profile {@code fuzz}. */
class CodecLongFuzz {
    @FuzzTest(maxExecutions = 10_000_000, maxDuration = "3h")
    void holdsForEveryRequest(FuzzedDataProvider data) {
        CodecProperties.check(data);
    }
}
