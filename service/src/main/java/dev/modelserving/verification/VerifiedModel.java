package dev.modelserving.verification;

import dev.modelserving.artifact.Manifest;
import dev.modelserving.codec.Example;
import dev.modelserving.codec.ExamplesReader;
import dev.modelserving.model.InferenceException;
import dev.modelserving.runtime.ModelLoadException;
import dev.modelserving.runtime.OrtModel;
import dev.modelserving.runtime.RunInterrupt;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
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
        progress.accept(Step.LOADING);
        OrtModel model = load(folder.resolve(Manifest.MODEL_FILE_NAME));
        try {
            progress.accept(Step.WARMING);
            return new VerifiedModel(model, examplesPath.isEmpty() ? 0 : check(model, folder, examplesPath.get()));
        } catch (VerificationException | RuntimeException e) {
            model.close();
            throw e;
        }
    }

    private static OrtModel load(Path file) throws VerificationException {
        try {
            return OrtModel.load(file);
        } catch (ModelLoadException e) {
            throw new VerificationException(String.valueOf(e.getMessage()), e);
        }
    }

    private static int check(OrtModel model, Path folder, String examplesPath) throws VerificationException {
        try {
            List<Example> examples =
                    ExamplesReader.read(Files.readAllBytes(folder.resolve(examplesPath)), model.signature());
            for (Example example : examples) {
                Optional<String> mismatch = example.mismatch(model.run(example.request(), new RunInterrupt()));
                if (mismatch.isPresent()) {
                    throw new VerificationException(mismatch.get());
                }
            }
            return examples.size();
        } catch (InferenceException | IOException e) {
            throw new VerificationException(examplesPath + ": " + e.getMessage(), e);
        }
    }
}
