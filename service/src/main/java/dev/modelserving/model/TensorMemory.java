package dev.modelserving.model;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * Where the tensors of one request have their memory, which is given back as a whole when the request is done. Owned by
 * one thread at a time; whoever made it closes it, after the last use of any buffer that it gave.
 */
public interface TensorMemory extends AutoCloseable {
    /**
     * A direct buffer in native byte order, of {@code bytes} from position 0 to its limit. What is in it is not known.
     *
     * @throws OutOfMemoryError when there is no memory for it
     */
    ByteBuffer allocate(int bytes);

    /**
     * Gives one buffer back before the rest, where that can be done; it must not be touched afterwards.
     *
     * @param buffer that {@link #allocate} gave; no part of it
     */
    default void free(ByteBuffer buffer) {}

    /** Gives all memory back; the buffers must not be touched afterwards. */
    @Override
    void close();

    /** Memory that the garbage collector frees some time after its last use. */
    static TensorMemory collected() {
        return new TensorMemory() {
            @Override
            public ByteBuffer allocate(int bytes) {
                return ByteBuffer.allocateDirect(bytes).order(ByteOrder.nativeOrder());
            }

            @Override
            public void close() {}
        };
    }
}
