package dev.modelserving.registry;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps a snapshot of the registry up to date by reading what changed. A change is found by its {@code updatedAt}, which
 * writers' clocks only hint at, so each reading begins a minute before the last change seen and skips what is known by
 * its rev. Aliases are few and are read whole each time, so that a model that was taken away is noticed at once. A full
 * reading now and then finds what clocks hid, and what else was deleted.
 *
 * <p>{@link #poll()} belongs to one thread; everything else may be called by any.
 */
public final class RegistryFollower {
    private static final Logger LOG = LoggerFactory.getLogger(RegistryFollower.class);
    private static final Duration OVERLAP = Duration.ofSeconds(60);
    private static final Duration FULL_READING_INTERVAL = Duration.ofMinutes(5);

    private final ModelRegistry registry;
    private final Clock clock;

    private final Map<String, RegistryRecord> known = new HashMap<>();
    private Instant cursor = Instant.EPOCH;
    private Instant lastFullReading = Instant.MIN;
    /** Whether {@code known} is ahead of the snapshot; stays so when a reading breaks off in the middle. */
    private boolean changed;

    private volatile RegistrySnapshot snapshot = RegistrySnapshot.EMPTY;
    private volatile Health health = new Health(null, null);

    /** How the registry is to reach: when it was last read, and why it could not be read since. */
    public record Health(@Nullable Instant readAt, @Nullable String problem) {
        public Optional<Instant> lastRead() {
            return Optional.ofNullable(readAt);
        }

        public Optional<String> failure() {
            return Optional.ofNullable(problem);
        }
    }

    public RegistryFollower(ModelRegistry registry, Clock clock) {
        this.registry = registry;
        this.clock = clock;
    }

    /** The registry as it was last read. */
    public RegistrySnapshot snapshot() {
        return snapshot;
    }

    public Health health() {
        return health;
    }

    /**
     * Reads what changed; blocks on the network. After a failure everything is as it was before, and the next call tries
     * again.
     *
     * @return whether the snapshot is another one now
     */
    public boolean poll() {
        Instant now = clock.instant();
        try {
            if (isFullReadingDue(now)) {
                readAll();
                lastFullReading = now;
            } else {
                readChanges();
            }
            boolean renewed = changed;
            if (changed) {
                snapshot = RegistrySnapshot.of(known.values());
                changed = false;
            }
            if (health.failure().isPresent()) {
                LOG.info("the registry answers again");
            }
            health = new Health(now, null);
            return renewed;
        } catch (RegistryException e) {
            if (health.failure().isEmpty()) {
                LOG.warn(
                        "the registry cannot be read, going on with what is known and trying again: {}",
                        e.getMessage());
            }
            health = new Health(health.readAt(), e.getMessage());
            return false;
        }
    }

    /** Also when the clock was set back. */
    private boolean isFullReadingDue(Instant now) {
        return lastFullReading.equals(Instant.MIN)
                || now.isBefore(lastFullReading)
                || !now.isBefore(lastFullReading.plus(FULL_READING_INTERVAL));
    }

    private void readAll() throws RegistryException {
        ModelRegistry.Reading reading = registry.changedSince(Instant.EPOCH);
        Set<String> present = new HashSet<>();
        for (RegistryRecord record : reading.records()) {
            present.add(record.key());
            take(record);
        }
        dropDeletedAliases(present);
        changed |= known.entrySet()
                .removeIf(entry -> !(entry.getValue() instanceof AliasRecord) && !present.contains(entry.getKey()));
        moveCursor(reading.latestChange());
    }

    private void readChanges() throws RegistryException {
        ModelRegistry.Reading reading = registry.changedSince(cursor.minus(OVERLAP));
        Set<String> present = new HashSet<>();
        for (RegistryRecord record : reading.records()) {
            present.add(record.key());
            take(record);
        }
        dropDeletedAliases(present);
        moveCursor(reading.latestChange());
    }

    /** An index that is behind may lack an alias that is there, so the table itself is asked. */
    private void dropDeletedAliases(Set<String> present) throws RegistryException {
        for (RegistryRecord record : List.copyOf(known.values())) {
            if (record instanceof AliasRecord alias && !present.contains(alias.key())) {
                takeAlias(alias);
            }
        }
    }

    /** A writer whose clock is ahead must not hide the changes of the others. */
    private void moveCursor(Instant latestChange) {
        Instant now = clock.instant();
        Instant reached = latestChange.isAfter(now) ? now : latestChange;
        cursor = reached.isAfter(cursor) ? reached : cursor;
    }

    private void take(RegistryRecord record) throws RegistryException {
        RegistryRecord before = known.get(record.key());
        if (record.equals(before) || (before != null && record.rev() < before.rev())) {
            return;
        }
        if (record instanceof AliasRecord hint) {
            takeAlias(hint);
        } else {
            known.put(record.key(), record);
            changed = true;
        }
    }

    /** The index may be behind the table; where an alias points decides who answers, so the table itself is asked. */
    private void takeAlias(AliasRecord hint) throws RegistryException {
        Optional<AliasRecord> current = registry.alias(hint.id(), hint.alias());
        if (current.isPresent()) {
            changed |= !current.get().equals(known.put(hint.key(), current.get()));
        } else {
            changed |= known.remove(hint.key()) != null;
        }
    }
}
