package dev.modelserving.runtime;

import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtLoggingLevel;
import dev.modelserving.model.RuntimeKind;

/** What computes in this process. */
public final class ThisRuntime {
    private static final class Holder {
        private static final RuntimeKind KIND = new RuntimeKind(
                OrtEnvironment.getEnvironment(OrtLoggingLevel.ORT_LOGGING_LEVEL_FATAL)
                        .getVersion(),
                CpuKind.here());

        private Holder() {}
    }

    private ThisRuntime() {}

    /** Loads ONNX Runtime, if nothing has done it before. */
    public static RuntimeKind kind() {
        return Holder.KIND;
    }

    /**
     * The same where several threads compute a run: some operators divide their sums among them.
     *
     * @see OrtModel#load(java.nio.file.Path, int)
     */
    public static RuntimeKind kind(int threads) {
        RuntimeKind one = kind();
        return threads == 1 ? one : new RuntimeKind(one.ortVersion(), one.cpu() + " " + threads + " threads");
    }
}
