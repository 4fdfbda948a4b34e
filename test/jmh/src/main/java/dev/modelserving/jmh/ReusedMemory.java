package dev.modelserving.jmh;

import dev.modelserving.model.TensorMemory;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/** One piece of memory that is given out again after {@link #close()}: what a pool costs is not measured. */
final class ReusedMemory implements TensorMemory {
    private static final int ALIGNMENT = 64;

    private final ByteBuffer whole = ByteBuffer.allocateDirect(4 << 20);
    private int used;

    @Override
    public ByteBuffer allocate(int bytes) {
        ByteBuffer part = whole.slice(used, bytes).order(ByteOrder.nativeOrder());
        used += (bytes + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
        return part;
    }

    @Override
    public void close() {
        used = 0;
    }
}
