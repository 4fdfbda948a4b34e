package dev.modelserving.batching;

import java.util.Arrays;
import java.util.NoSuchElementException;
import java.util.function.Consumer;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** Calls in the order in which they came, each with its rows and its place in the order of the whole queue. */
final class WaitingCalls {
    private static final int FIRST_CAPACITY = 16;

    private @Nullable Call[] calls = new Call[FIRST_CAPACITY];
    private int[] rows = new int[FIRST_CAPACITY];
    private long[] places = new long[FIRST_CAPACITY];
    private int first;
    private int size;
    private long allRows;

    int size() {
        return size;
    }

    /** The rows of all of them. */
    int rows() {
        return (int) Math.min(allRows, Integer.MAX_VALUE);
    }

    void add(Call call, int itsRows, long place) {
        if (size == calls.length) {
            grow();
        }
        int at = (first + size) & (calls.length - 1);
        calls[at] = call;
        rows[at] = itsRows;
        places[at] = place;
        size++;
        allRows += itsRows;
    }

    private void grow() {
        int capacity = calls.length;
        @Nullable Call[] moreCalls = Arrays.copyOf(calls, 2 * capacity);
        int[] moreRows = Arrays.copyOf(rows, 2 * capacity);
        long[] morePlaces = Arrays.copyOf(places, 2 * capacity);
        // What had wrapped around goes behind the rest.
        System.arraycopy(calls, 0, moreCalls, capacity, first);
        System.arraycopy(rows, 0, moreRows, capacity, first);
        System.arraycopy(places, 0, morePlaces, capacity, first);
        calls = moreCalls;
        rows = moreRows;
        places = morePlaces;
    }

    private Call call(int at) {
        Call call = calls[at];
        if (call == null) {
            throw new NoSuchElementException();
        }
        return call;
    }

    Call first() {
        return call(first);
    }

    int rowsOfFirst() {
        return rows[first];
    }

    long placeOfFirst() {
        return places[first];
    }

    void removeFirst() {
        calls[first] = null;
        allRows -= rows[first];
        first = (first + 1) & (calls.length - 1);
        size--;
    }

    /** Takes out what is {@code over}; the order of the others stays. */
    void removeIf(Predicate<Call> over, Consumer<Call> removed) {
        for (int left = size; left > 0; left--) {
            Call call = first();
            int itsRows = rowsOfFirst();
            long place = placeOfFirst();
            removeFirst();
            if (over.test(call)) {
                removed.accept(call);
            } else {
                add(call, itsRows, place);
            }
        }
    }
}
