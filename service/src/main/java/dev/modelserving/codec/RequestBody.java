package dev.modelserving.codec;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;

/** A request's bytes, all of which are there, and which can be read again from any place. */
public interface RequestBody {
    int length();

    /** The bytes from {@code offset} on. The caller closes it. */
    InputStream open(int offset) throws IOException;

    /** Copies {@code count} bytes from {@code offset} on into {@code target}, from {@code at} on. */
    void copy(int offset, byte[] target, int at, int count);

    /** Fills {@code target} with the bytes from {@code offset} on. */
    default void copy(int offset, ByteBuffer target) {
        byte[] bytes = new byte[target.remaining()];
        copy(offset, bytes, 0, bytes.length);
        target.put(bytes);
    }

    /** Bytes that nobody changes any more. */
    static RequestBody of(byte[] bytes) {
        return new RequestBody() {
            @Override
            public int length() {
                return bytes.length;
            }

            @Override
            public InputStream open(int offset) {
                return new ByteArrayInputStream(bytes, offset, bytes.length - offset);
            }

            @Override
            public void copy(int offset, byte[] target, int at, int count) {
                System.arraycopy(bytes, offset, target, at, count);
            }

            @Override
            public void copy(int offset, ByteBuffer target) {
                target.put(bytes, offset, target.remaining());
            }
        };
    }
}
