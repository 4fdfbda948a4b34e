package ai.onnxruntime;

/**
 * The address of a value's {@code OrtValue}, which ONNX Runtime's Java API keeps within its package. It stands here, in
 * that package, so that no reflection is needed to reach it; {@code dev.modelserving.runtime.OrtNative} says what for.
 */
public final class ValueHandle {
    private ValueHandle() {}

    /** Valid until the tensor is closed. */
    public static long of(OnnxTensor tensor) {
        return tensor.getNativeHandle();
    }

    /** Valid until the map is closed. */
    public static long of(OnnxMap map) {
        return map.nativeHandle;
    }
}
