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
    private final List<Taken> taken = new ArrayList<>(2);

    private record Taken(ByteBuffer memory, ByteBuf buffer) {}

    public PooledMemory(ByteBufAllocator pool) {
        this.pool = pool;
    }

    @Override
    public ByteBuffer allocate(int bytes) {
        ByteBuf buffer = pool.directBuffer(Math.addExact(bytes, ALIGNMENT));
        ByteBuffer whole = buffer.internalNioBuffer(0, bytes + ALIGNMENT);
        int offset = (ALIGNMENT - whole.alignmentOffset(whole.position(), ALIGNMENT)) % ALIGNMENT;
        ByteBuffer memory = whole.slice(whole.position() + offset, bytes).order(ByteOrder.nativeOrder());
        taken.add(new Taken(memory, buffer));
        return memory;
    }

    @Override
    @SuppressWarnings("ReferenceEquality") // that buffer, and no other with the same content
    public void free(ByteBuffer memory) {
        for (int index = taken.size() - 1; index >= 0; index--) {
            if (taken.get(index).memory == memory) {
                taken.remove(index).buffer.release();
                return;
            }
        }
    }

    @Override
    public void close() {
        taken.forEach(one -> one.buffer.release());
        taken.clear();
    }
}
