package dev.modelserving.verification;

import java.time.Duration;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.LongSupplier;
import java.util.function.Supplier;

/** What a proof may take: time, and memory as far as the runs before tell what the next takes. Belongs to one thread. */
final class ProofBudget {
    /** More than at its beginning: a batch's intermediate results, which are not told beforehand. */
    private static final long MOST_BYTES = 256 << 20;

    private final Duration time;
    private final LongSupplier nanoTime;
    private final Supplier<OptionalLong> memoryInUse;
    private final long begin;
    private final OptionalLong memoryBefore;
    private long bytesPerRow;

    ProofBudget(Duration time, LongSupplier nanoTime, Supplier<OptionalLong> memoryInUse) {
        this.time = time;
        this.nanoTime = nanoTime;
        this.memoryInUse = memoryInUse;
        this.begin = nanoTime.getAsLong();
        this.memoryBefore = memoryInUse.get();
    }

    long nanosSpent() {
        return nanoTime.getAsLong() - begin;
    }

    /** Whether less than this part of the time is over. */
    boolean isWithin(double part) {
        return nanosSpent() < time.toNanos() * part;
    }

    /** To be told after a run of so many rows. */
    void ran(int rows) {
        OptionalLong now = memoryInUse.get();
        if (now.isPresent() && memoryBefore.isPresent()) {
            bytesPerRow = Math.max(0, now.getAsLong() - memoryBefore.getAsLong()) / rows;
        }
    }

    /** Why the budget does not suffice for another {@code rows} rows together, which will take {@code nanos}. */
    Optional<String> obstacle(int rows, long nanos) {
        if (nanosSpent() + nanos > time.toNanos()) {
            return Optional.of(exceededTime());
        }
        return bytesPerRow * rows > MOST_BYTES
                ? Optional.of("the " + (MOST_BYTES >> 20) + " MiB of memory that are given to it")
                : Optional.empty();
    }

    String exceededTime() {
        return "the " + time.toMillis() + " ms that are given to it";
    }
}
