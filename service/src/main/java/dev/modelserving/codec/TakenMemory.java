package dev.modelserving.codec;

import dev.modelserving.model.TensorMemory;
import java.nio.ByteBuffer;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.Set;

/** Part of a memory: closing it gives back what was taken through it, and nothing else. */
final class TakenMemory implements TensorMemory {
    private final TensorMemory memory;
    private final Set<ByteBuffer> taken = Collections.newSetFromMap(new IdentityHashMap<>(2));

    TakenMemory(TensorMemory memory) {
        this.memory = memory;
    }

    @Override
    public ByteBuffer allocate(int bytes) {
        ByteBuffer buffer = memory.allocate(bytes);
        taken.add(buffer);
        return buffer;
    }

    @Override
    public void free(ByteBuffer buffer) {
        taken.remove(buffer);
        memory.free(buffer);
    }

    @Override
    public void close() {
        taken.forEach(memory::free);
        taken.clear();
    }
}
