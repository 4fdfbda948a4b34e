package dev.modelserving.api.rest;

import dev.modelserving.model.TensorMemory;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;

/** Memory from the server's pool of direct buffers. */
public final class PooledMemory implements TensorMemory {
    /** A cache line, by which the runtime's own kernels like their tensors to begin. */
    private static final int ALIGNMENT = 64;

    private final ByteBufAllocator pool;
    private final List<ByteBuf> taken = new ArrayList<>(2);

    public PooledMemory(ByteBufAllocator pool) {
        this.pool = pool;
    }

    @Override
    public ByteBuffer allocate(int bytes) {
        ByteBuf buffer = pool.directBuffer(Math.addExact(bytes, ALIGNMENT));
        taken.add(buffer);
        ByteBuffer memory = buffer.internalNioBuffer(0, bytes + ALIGNMENT);
        int offset = (ALIGNMENT - memory.alignmentOffset(memory.position(), ALIGNMENT)) % ALIGNMENT;
        return memory.slice(memory.position() + offset, bytes).order(ByteOrder.nativeOrder());
    }

    @Override
    public void close() {
        taken.forEach(ByteBuf::release);
        taken.clear();
    }
}
