package dev.modelserving.codec;

import dev.modelserving.model.InferenceException;
import dev.modelserving.model.InferenceException.Kind;
import dev.modelserving.model.InferenceException.Problem;
import dev.modelserving.model.TensorMemory;
import dev.modelserving.model.TensorType;
import java.nio.ByteBuffer;

/**
 * Where the elements of a body go. How many they are may show only as they come: then they begin in little memory, which
 * doubles.
 *
 * @param bodyLength bounds the memory: each element takes two bytes of the body at least, itself and what separates it
 */
record TensorRoom(TensorMemory memory, int bodyLength) {
    private static final int FIRST_ELEMENTS = 64;
    private static final int MOST_BYTES = Integer.MAX_VALUE;

    /** How many elements so many bytes of a body can hold. */
    static int mostElements(int bytes) {
        return bytes / 2 + 1;
    }

    /** For elements that nobody said the number of. */
    ByteBuffer begin(TensorType type) {
        return allocate(type, Math.min(FIRST_ELEMENTS, mostElements(bodyLength)));
    }

    /**
     * For a number of elements that is known, and that the body can hold.
     *
     * @throws InferenceException TOO_LARGE when they have more bytes than a buffer can
     */
    ByteBuffer allocate(TensorType type, long elements) {
        if (elements > MOST_BYTES / type.byteSize()) {
            throw new InferenceException(
                    Kind.TOO_LARGE,
                    new Problem("body", "has a tensor of", "at most " + MOST_BYTES + " bytes", "more bytes"));
        }
        return memory.allocate((int) elements * type.byteSize());
    }

    /**
     * More memory with all that is in {@code full}, whose own is given back.
     *
     * @param unread bytes of the body, which bound how many elements may still come
     */
    ByteBuffer grow(TensorType type, ByteBuffer full, int unread) {
        long count = full.capacity() / type.byteSize();
        long wanted = count + Math.min(Math.max(count, FIRST_ELEMENTS), mostElements(unread));
        long most = Math.max(count + 1, MOST_BYTES / type.byteSize());
        ByteBuffer larger = allocate(type, Math.min(wanted, most));
        larger.put(0, full, 0, full.capacity());
        memory.free(full);
        return larger;
    }
}
