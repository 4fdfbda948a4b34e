package dev.modelserving.deployment;

import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Replays what was written down of one model's champion, in the order of rev. What is missing or out of place is told. */
final class AuditTrail {
    private static final String MOVED = "alias champion";
    private static final String CONFIRMED = "alias champion confirmed";

    private final List<Map<String, String>> entries;
    private @Nullable Champion current;
    private @Nullable Champion confirmed;
    private long rev;

    /**
     * Where the champion points to.
     *
     * @param unconfirmed whether nobody has seen it served yet
     */
    record Champion(long version, @Nullable Long previous, long rev, String by, boolean unconfirmed) {}

    private AuditTrail(List<Map<String, String>> entries) {
        this.entries = entries;
    }

    /**
     * The champion that the entries lead to; empty when they lead to none.
     *
     * @throws IllegalStateException when they do not follow from each other
     */
    static Optional<Champion> replay(List<Map<String, String>> entries) {
        AuditTrail trail = new AuditTrail(entries);
        entries.stream()
                .filter(entry -> MOVED.equals(entry.get("what")))
                .sorted(Comparator.comparingLong(AuditTrail::revOf))
                .forEach(trail::move);
        return Optional.ofNullable(trail.current);
    }

    private void move(Map<String, String> entry) {
        Champion before = current;
        check(Objects.equals(number(entry, "from"), before == null ? null : before.version), "from", entry);
        check(before == null ? revOf(entry) > rev : revOf(entry) == rev + 1, "rev", entry);
        rev = revOf(entry);
        boolean restores = entry.getOrDefault("reason", "").startsWith("restored: ");
        current = restores ? restored(entry) : moved(entry);
        if (restores) {
            confirmed = current;
        }
        entries.stream()
                .filter(confirmation -> CONFIRMED.equals(confirmation.get("what")) && revOf(confirmation) == rev)
                .forEach(this::confirm);
    }

    private Champion moved(Map<String, String> entry) {
        Champion was = confirmed;
        long to = Long.parseLong(entry.get("to"));
        Long previous = was == null ? null : was.version == to ? was.previous : Long.valueOf(was.version);
        return new Champion(to, previous, rev, entry.getOrDefault("who", ""), true);
    }

    private @Nullable Champion restored(Map<String, String> entry) {
        Champion was = confirmed;
        check(Objects.equals(number(entry, "to"), was == null ? null : was.version), "to", entry);
        return was == null ? null : new Champion(was.version, was.previous, rev, entry.getOrDefault("who", ""), false);
    }

    private void confirm(Map<String, String> entry) {
        Champion moved = Objects.requireNonNull(current);
        check(moved.unconfirmed && Objects.equals(number(entry, "to"), moved.version), "confirmation", entry);
        current = new Champion(moved.version, moved.previous, moved.rev, moved.by, false);
        confirmed = current;
    }

    private void check(boolean follows, String what, Map<String, String> entry) {
        if (!follows) {
            throw new IllegalStateException("%s does not follow: %s after %s".formatted(what, entry, current));
        }
    }

    private static long revOf(Map<String, String> entry) {
        return Long.parseLong(entry.get("rev"));
    }

    private static @Nullable Long number(Map<String, String> entry, String name) {
        String digits = entry.get(name);
        return digits == null ? null : Long.valueOf(digits);
    }
}
