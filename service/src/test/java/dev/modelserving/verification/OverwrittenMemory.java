package dev.modelserving.verification;

import dev.modelserving.model.TensorMemory;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;

/** What is in its buffers is never what it should be: neither when it is taken nor once it was given back. */
final class OverwrittenMemory implements TensorMemory {
    private static final byte NOBODYS = 0x5A;

    private final List<ByteBuffer> taken = new ArrayList<>();

    @Override
    public ByteBuffer allocate(int bytes) {
        ByteBuffer buffer = TensorMemory.collected().allocate(bytes);
        overwrite(buffer);
        taken.add(buffer);
        return buffer;
    }

    @Override
    public void close() {
        taken.forEach(OverwrittenMemory::overwrite);
    }

    private static void overwrite(ByteBuffer buffer) {
        for (int at = 0; at < buffer.capacity(); at++) {
            buffer.put(at, NOBODYS);
        }
    }
}
