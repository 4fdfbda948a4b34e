package dev.modelserving.codec;

import static org.assertj.core.api.Assertions.assertThat;

import dev.modelserving.model.TensorMemory;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Set;

/** Memory that counts what is held of it, and refuses to take back what it did not give. */
final class HeldMemory implements TensorMemory {
    private final Set<ByteBuffer> held = Collections.newSetFromMap(new IdentityHashMap<>());
    private long bytes;
    private long mostBytes;

    long bytes() {
        return bytes;
    }

    /** The most that was held at a time. */
    long mostBytes() {
        return mostBytes;
    }

    @Override
    public ByteBuffer allocate(int size) {
        ByteBuffer buffer = ByteBuffer.allocateDirect(size).order(ByteOrder.nativeOrder());
        held.add(buffer);
        bytes += size;
        mostBytes = Math.max(mostBytes, bytes);
        return buffer;
    }

    @Override
    public void free(ByteBuffer buffer) {
        assertThat(held.remove(buffer)).isTrue();
        bytes -= buffer.capacity();
    }

    @Override
    public void close() {
        List.copyOf(held).forEach(this::free);
    }
}
