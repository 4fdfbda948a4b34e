package dev.modelserving.serving;

import dev.modelserving.model.ModelId;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;

/** The ids that somebody may have meant: by edit distance (Levenshtein 1966), a third of the length off at most. */
final class NearestIds {
    private static final int MOST = 3;

    private NearestIds() {}

    static List<String> of(ModelId asked, Collection<ModelId> known) {
        int limit = Math.max(2, asked.value().length() / 3);
        record Near(String id, int distance) {}
        return known.stream()
                .map(id -> new Near(id.value(), distance(asked.value(), id.value())))
                .filter(near -> near.distance <= limit
                        || near.id.contains(asked.value())
                        || asked.value().contains(near.id))
                .sorted(Comparator.comparingInt(Near::distance).thenComparing(Near::id))
                .limit(MOST)
                .map(Near::id)
                .toList();
    }

    private static int distance(String a, String b) {
        int[] row = new int[b.length() + 1];
        for (int j = 0; j <= b.length(); j++) {
            row[j] = j;
        }
        for (int i = 1; i <= a.length(); i++) {
            int diagonal = row[0];
            row[0] = i;
            for (int j = 1; j <= b.length(); j++) {
                int substitution = diagonal + (a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1);
                diagonal = row[j];
                row[j] = Math.min(substitution, Math.min(row[j - 1], row[j]) + 1);
            }
        }
        return row[b.length()];
    }
}
