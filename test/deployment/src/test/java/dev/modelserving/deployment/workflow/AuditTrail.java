package dev.modelserving.deployment.workflow;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Replays what was written down of one model's champion, in the order of rev, which each move and each confirmation counts
 * up. What is missing or out of place is told.
 */
final class AuditTrail {
    private static final String MOVED = "alias champion";
    private static final String CONFIRMED = "alias champion confirmed";

    private @Nullable Champion current;
    private @Nullable Champion confirmed;
    private long rev;

    /**
     * Where the champion points to.
     *
     * @param unconfirmed whether nobody has seen it served yet
     * @param rolledBack whether that move is a rollback, which nobody takes back but itself
     */
    record Champion(
            long version, @Nullable Long previous, long rev, String by, boolean unconfirmed, boolean rolledBack) {
        private Champion confirmed(long at) {
            return new Champion(version, previous, at, by, false, false);
        }
    }

    /**
     * The champion that the entries lead to; empty when they lead to none.
     *
     * @throws IllegalStateException when they do not follow from each other
     */
    static Optional<Champion> replay(List<Map<String, String>> entries) {
        AuditTrail trail = new AuditTrail();
        entries.stream()
                .filter(entry -> MOVED.equals(entry.get("what")) || CONFIRMED.equals(entry.get("what")))
                .sorted(Comparator.comparingLong(AuditTrail::revOf))
                .forEach(trail::change);
        return Optional.ofNullable(trail.current);
    }

    /** The champion of the model is where its entries lead to, to the letter; gives it. */
    static Champion assertExplains(Registry registry, String modelId) {
        Champion replayed = replay(registry.audit(modelId)).orElseThrow();
        Map<String, String> champion = registry.champion(modelId).orElseThrow();
        assertThat(champion)
                .containsEntry("version", Long.toString(replayed.version))
                .containsEntry("rev", Long.toString(replayed.rev))
                .containsEntry("updatedBy", replayed.by);
        assertThat(champion.get("previousVersion"))
                .isEqualTo(replayed.previous == null ? null : Long.toString(replayed.previous));
        assertThat(champion.containsKey("unconfirmed.since")).isEqualTo(replayed.unconfirmed);
        return replayed;
    }

    private void change(Map<String, String> entry) {
        check(current == null ? revOf(entry) > rev : revOf(entry) == rev + 1, "rev", entry);
        rev = revOf(entry);
        if (CONFIRMED.equals(entry.get("what"))) {
            confirm(entry);
            return;
        }
        Champion before = current;
        check(Objects.equals(number(entry, "from"), before == null ? null : before.version), "from", entry);
        if (entry.getOrDefault("reason", "").startsWith("restored: ")) {
            current = restored(entry);
            confirmed = current;
        } else {
            current = moved(entry);
        }
    }

    private Champion moved(Map<String, String> entry) {
        if (current != null && current.unconfirmed && current.rolledBack) {
            confirmed = current;
        }
        Champion was = confirmed;
        long to = Long.parseLong(entry.get("to"));
        Long previous = was == null ? null : was.version == to ? was.previous : Long.valueOf(was.version);
        boolean rollback = "rollback".equals(entry.get("reason"));
        if (rollback) {
            Champion from = Objects.requireNonNull(current);
            Champion back = Objects.requireNonNull(was);
            check(Objects.equals(to, from.unconfirmed ? Long.valueOf(back.version) : back.previous), "to", entry);
            previous = from.unconfirmed ? back.previous : null;
        }
        return new Champion(to, previous, rev, entry.getOrDefault("who", ""), true, rollback);
    }

    private @Nullable Champion restored(Map<String, String> entry) {
        Champion was = confirmed;
        check(Objects.equals(number(entry, "to"), was == null ? null : was.version), "to", entry);
        return was == null
                ? null
                : new Champion(was.version, was.previous, rev, entry.getOrDefault("who", ""), false, false);
    }

    private void confirm(Map<String, String> entry) {
        Champion moved = current;
        check(moved != null && moved.unconfirmed, "confirmation", entry);
        current = Objects.requireNonNull(moved).confirmed(rev);
        check(Objects.equals(number(entry, "to"), moved.version), "to", entry);
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
