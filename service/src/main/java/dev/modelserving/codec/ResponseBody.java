package dev.modelserving.codec;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;

/** An answer's bytes, which grow while it is written. For use by one thread; whoever made it owns its memory. */
public interface ResponseBody {
    /**
     * Puts {@code count} bytes of {@code source}, from {@code from} on, behind those that are there. An answer that is not
     * large comes in one piece.
     */
    void append(byte[] source, int from, int count);

    /** The same with the bytes from its position to its limit. */
    default void append(ByteBuffer source) {
        byte[] bytes = new byte[source.remaining()];
        source.get(bytes);
        append(bytes, 0, bytes.length);
    }

    int length();

    /** A copy on the heap. */
    byte[] toArray();

    /** Memory that the garbage collector frees. */
    static ResponseBody onHeap() {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream(0);
        return new ResponseBody() {
            @Override
            public void append(byte[] source, int from, int count) {
                bytes.write(source, from, count);
            }

            @Override
            public int length() {
                return bytes.size();
            }

            @Override
            public byte[] toArray() {
                return bytes.toByteArray();
            }
        };
    }
}
