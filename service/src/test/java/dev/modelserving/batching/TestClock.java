package dev.modelserving.batching;

import java.util.function.LongSupplier;

/** Time that passes when it is told to. */
final class TestClock implements LongSupplier {
    private long now;
    private int reads;

    void advance(long nanos) {
        now += nanos;
    }

    void moveTo(long time) {
        now = time;
    }

    long now() {
        return now;
    }

    /** How often it was asked. */
    int reads() {
        return reads;
    }

    @Override
    public long getAsLong() {
        reads++;
        return now;
    }
}
