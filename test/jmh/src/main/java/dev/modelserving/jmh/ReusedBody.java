package dev.modelserving.jmh;

import dev.modelserving.codec.ResponseBody;
import java.nio.ByteBuffer;

/** One piece of direct memory that is written again after {@link #clear()}: what a pool costs is not measured. */
final class ReusedBody implements ResponseBody {
    private final ByteBuffer bytes = ByteBuffer.allocateDirect(4 << 20);

    void clear() {
        bytes.clear();
    }

    @Override
    public void append(byte[] source, int from, int count) {
        bytes.put(source, from, count);
    }

    @Override
    public int length() {
        return bytes.position();
    }

    @Override
    public byte[] toArray() {
        byte[] copy = new byte[length()];
        bytes.get(0, copy);
        return copy;
    }
}
