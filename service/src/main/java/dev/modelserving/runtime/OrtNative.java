package dev.modelserving.runtime;

import ai.onnxruntime.OnnxMap;
import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.ValueHandle;
import com.sun.jna.Function;
import com.sun.jna.Memory;
import com.sun.jna.Native;
import com.sun.jna.NativeLibrary;
import com.sun.jna.Pointer;
import com.sun.jna.ptr.LongByReference;
import com.sun.jna.ptr.PointerByReference;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * The few calls of ONNX Runtime's C API that its Java API lacks: strings as the bytes that they are. In Java they cross
 * JNI as modified UTF-8, in which NUL and characters beyond U+FFFF are other bytes than in UTF-8, or end the string.
 *
 * <p>A function's place in the API's table never changes (onnxruntime_c_api.cc, "ordering of these fields MUST not
 * change"). Safe for use by several threads, each with values of its own.
 */
final class OrtNative {
    private static final int API_VERSION = 15;
    private static final int GET_ERROR_MESSAGE = 2;
    private static final int GET_TENSOR_MUTABLE_DATA = 51;
    private static final int GET_STRING_TENSOR_DATA_LENGTH = 53;
    private static final int GET_STRING_TENSOR_CONTENT = 54;
    private static final int GET_ALLOCATOR_WITH_DEFAULT_OPTIONS = 78;
    private static final int GET_VALUE = 80;
    private static final int RELEASE_STATUS = 93;
    private static final int RELEASE_VALUE = 96;
    private static final int GET_RESIZED_STRING_TENSOR_ELEMENT_BUFFER = 252;
    private static final int KEYS = 0;
    private static final int VALUES = 1;

    private final Pointer api;
    private final Pointer allocator;

    private OrtNative(Pointer api) {
        this.api = api;
        PointerByReference found = new PointerByReference();
        call(GET_ALLOCATOR_WITH_DEFAULT_OPTIONS, found);
        this.allocator = found.getValue();
    }

    private static final class Holder {
        private static final OrtNative INSTANCE = new OrtNative(table());

        private Holder() {}
    }

    /**
     * The API of the library that ONNX Runtime for Java has loaded.
     *
     * @throws UnsatisfiedLinkError when it cannot be found on this platform
     */
    static OrtNative get() {
        return Holder.INSTANCE;
    }

    /** On Linux a library is found again by the name that it gives itself; on macOS its symbols are the process's. */
    private static Pointer table() {
        NativeLibrary library = com.sun.jna.Platform.isLinux()
                ? NativeLibrary.getInstance("libonnxruntime.so.1")
                : NativeLibrary.getProcess();
        Pointer base = library.getFunction("OrtGetApiBase").invokePointer(new Object[0]);
        return Function.getFunction(base.getPointer(0)).invokePointer(new Object[] {API_VERSION});
    }

    /** Puts {@code text} in the place of one element of a string tensor. */
    void set(OnnxTensor tensor, int index, String text) {
        byte[] utf8 = text.getBytes(StandardCharsets.UTF_8);
        PointerByReference element = new PointerByReference();
        call(
                GET_RESIZED_STRING_TENSOR_ELEMENT_BUFFER,
                new Pointer(ValueHandle.of(tensor)),
                (long) index,
                (long) utf8.length,
                element);
        element.getValue().write(0, utf8, 0, utf8.length);
    }

    /** The elements of a string tensor. What is not UTF-8 becomes U+FFFD. */
    List<String> strings(OnnxTensor tensor) {
        return strings(
                new Pointer(ValueHandle.of(tensor)),
                Math.toIntExact(tensor.getInfo().getNumElements()));
    }

    /** A map's keys, which are strings, in the order of {@link #floats}. */
    List<String> keys(OnnxMap map) {
        Pointer keys = part(map, KEYS);
        try {
            return strings(keys, map.size());
        } finally {
            release(keys);
        }
    }

    /** A map's values, which are of type FLOAT, in the order of {@link #keys}. */
    float[] floats(OnnxMap map) {
        Pointer values = part(map, VALUES);
        try {
            PointerByReference data = new PointerByReference();
            call(GET_TENSOR_MUTABLE_DATA, values, data);
            return data.getValue().getFloatArray(0, map.size());
        } finally {
            release(values);
        }
    }

    private Pointer part(OnnxMap map, int which) {
        PointerByReference part = new PointerByReference();
        call(GET_VALUE, new Pointer(ValueHandle.of(map)), which, allocator, part);
        return part.getValue();
    }

    private void release(Pointer value) {
        function(RELEASE_VALUE).invokeVoid(new Object[] {value});
    }

    private List<String> strings(Pointer tensor, int count) {
        if (count == 0) {
            return List.of();
        }
        LongByReference length = new LongByReference();
        call(GET_STRING_TENSOR_DATA_LENGTH, tensor, length);
        try (Memory content = new Memory(length.getValue() + 1);
                Memory offsets = new Memory((long) count * Long.BYTES)) {
            call(GET_STRING_TENSOR_CONTENT, tensor, content, length.getValue(), offsets, (long) count);
            List<String> elements = new ArrayList<>(count);
            for (int index = 0; index < count; index++) {
                long begin = offsets.getLong((long) index * Long.BYTES);
                long end = index + 1 == count ? length.getValue() : offsets.getLong((index + 1L) * Long.BYTES);
                byte[] utf8 = content.getByteArray(begin, Math.toIntExact(end - begin));
                elements.add(new String(utf8, StandardCharsets.UTF_8));
            }
            return elements;
        }
    }

    private Function function(int place) {
        return Function.getFunction(api.getPointer((long) place * Native.POINTER_SIZE));
    }

    private void call(int place, Object... arguments) {
        Pointer status = function(place).invokePointer(arguments);
        if (status != null) {
            String message = function(GET_ERROR_MESSAGE).invokeString(new Object[] {status}, false);
            function(RELEASE_STATUS).invokeVoid(new Object[] {status});
            throw new IllegalStateException("ONNX Runtime refused a call: " + message);
        }
    }
}
