package dev.modelserving.batching;

import dev.modelserving.model.TensorMemory;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;

/** Memory that is overwritten when it is closed, as a pool's is by the next who gets it. */
final class TestMemory implements Supplier<TensorMemory> {
    private int opened;
    private int closed;
    private boolean exhausted;

    void exhaust() {
        exhausted = true;
    }

    int opened() {
        return opened;
    }

    int closed() {
        return closed;
    }

    @Override
    public TensorMemory get() {
        opened++;
        List<ByteBuffer> taken = new ArrayList<>();
        return new TensorMemory() {
            @Override
            public ByteBuffer allocate(int bytes) {
                if (exhausted) {
                    throw new OutOfMemoryError("no direct memory");
                }
                ByteBuffer buffer = TensorMemory.collected().allocate(bytes);
                taken.add(buffer);
                return buffer;
            }

            @Override
            public void close() {
                closed++;
                for (ByteBuffer buffer : taken) {
                    buffer.put(0, new byte[buffer.capacity()]);
                }
            }
        };
    }
}
