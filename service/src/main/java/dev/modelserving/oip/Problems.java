package dev.modelserving.oip;

import dev.modelserving.model.InferenceException;
import dev.modelserving.model.InferenceException.Problem;
import java.util.ArrayList;
import java.util.List;

/** The faults of one request, as they are found; beyond a hundred the rest is only counted. */
final class Problems {
    private static final int MOST = 100;

    private final List<Problem> found = new ArrayList<>();

    void add(String input, String problem, String expected, String actual) {
        if (found.size() < MOST) {
            found.add(new Problem(input, problem, expected, actual));
        }
    }

    void throwIfAny() {
        if (!found.isEmpty()) {
            throw InferenceException.invalid(found);
        }
    }
}
