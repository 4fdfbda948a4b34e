package dev.modelserving.verification;

import dev.modelserving.runtime.OrtModel;
import dev.modelserving.runtime.RunInterrupt;
import java.nio.file.Path;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * A model in memory that has answered each of its examples rightly, which has warmed it up too.
 *
 * @param model the caller's to close
 * @param examples how many there were
 */
public record VerifiedModel(OrtModel model, int examples) {
    /** The steps that take time, as they begin. */
    public enum Step {
        LOADING,
        WARMING
    }

    /**
     * Loads the model in {@code folder} and runs its examples. Blocks.
     *
     * @param examplesPath the file with examples, below the folder, if there is one
     * @throws VerificationException when it does not load, or answers an example otherwise than it must
     */
    public static VerifiedModel load(Path folder, Optional<String> examplesPath, Consumer<Step> progress)
            throws VerificationException {
        CheckedModel checked = CheckedModel.load(folder, examplesPath, new RunInterrupt(), progress);
        if (!checked.mismatches().isEmpty()) {
            checked.close();
            throw new VerificationException(
                    VerificationException.Kind.ANSWER, checked.mismatches().get(0));
        }
        return new VerifiedModel(checked.model(), checked.examples().size());
    }
}
