package dev.modelserving.codec;

import dev.modelserving.model.InferenceException;
import dev.modelserving.model.InferenceException.Problem;
import java.util.ArrayList;
import java.util.List;

/** The faults of one request, as they are found. After a hundred nobody wants to know more, and reading ends. */
final class Problems {
    private static final int MOST = 100;

    private final List<Problem> found = new ArrayList<>();

    /** @throws InferenceException with all of them when they are too many */
    void add(String input, String problem, String expected, String actual) {
        found.add(new Problem(input, problem, expected, actual));
        if (found.size() >= MOST) {
            throwIfAny();
        }
    }

    void throwIfAny() {
        if (!found.isEmpty()) {
            throw InferenceException.invalid(found);
        }
    }

    int count() {
        return found.size();
    }
}
