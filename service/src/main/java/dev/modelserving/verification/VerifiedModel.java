package dev.modelserving.verification;

import dev.modelserving.codec.Example;
import dev.modelserving.model.InferenceRequest;
import dev.modelserving.model.ModelSignature;
import dev.modelserving.runtime.OrtModel;
import dev.modelserving.runtime.RunInterrupt;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * A model in memory that has answered each of its examples rightly, which has warmed it up too.
 *
 * @param model the caller's to close
 * @param examples that it answered
 */
public record VerifiedModel(OrtModel model, List<Example> examples) {
    public VerifiedModel {
        examples = List.copyOf(examples);
    }

    public ModelSignature signature() {
        return model.signature();
    }

    /** Of the examples. */
    public List<InferenceRequest> requests() {
        return examples.stream().map(Example::request).toList();
    }

    /** The steps that take time, as they begin. */
    public enum Step {
        LOADING,
        WARMING
    }

    /**
     * Loads the model in {@code folder} and runs its examples. Blocks.
     *
     * @param examplesPath the file with examples, below the folder, if there is one
     * @param threads that compute a run, see {@link OrtModel#load(Path, int)}
     * @throws VerificationException when it does not load, or answers an example otherwise than it must
     */
    public static VerifiedModel load(Path folder, Optional<String> examplesPath, int threads, Consumer<Step> progress)
            throws VerificationException {
        CheckedModel checked = CheckedModel.load(folder, examplesPath, threads, new RunInterrupt(), progress);
        try {
            checked.requireRightAnswers();
            return new VerifiedModel(checked.model(), checked.examples());
        } catch (VerificationException e) {
            checked.close();
            throw e;
        }
    }
}
