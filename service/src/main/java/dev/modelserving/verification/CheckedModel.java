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
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * A model in memory that was asked each of its examples, which has warmed it up too.
 *
 * @param model closed with this object
 * @param mismatches what was wrong with the answers, one sentence for each example that was not answered rightly
 */
public record CheckedModel(OrtModel model, List<Example> examples, List<String> mismatches) implements AutoCloseable {
    public CheckedModel {
        examples = List.copyOf(examples);
        mismatches = List.copyOf(mismatches);
    }

    /**
     * Loads the model in {@code folder} and asks it every example. Blocks.
     *
     * @param examplesPath the file with examples, below the folder, if there is one
     * @param interrupt ends a run under way, and keeps further ones from beginning; those count as mismatches
     * @throws VerificationException when it does not load, or the examples cannot be read
     */
    public static CheckedModel load(
            Path folder, Optional<String> examplesPath, RunInterrupt interrupt, Consumer<VerifiedModel.Step> progress)
            throws VerificationException {
        return load(folder, examplesPath, 1, interrupt, progress);
    }

    /** @param threads that compute a run */
    static CheckedModel load(
            Path folder,
            Optional<String> examplesPath,
            int threads,
            RunInterrupt interrupt,
            Consumer<VerifiedModel.Step> progress)
            throws VerificationException {
        progress.accept(VerifiedModel.Step.LOADING);
        OrtModel model = load(folder.resolve(Manifest.MODEL_FILE_NAME), threads);
        try {
            progress.accept(VerifiedModel.Step.WARMING);
            List<Example> examples = examplesPath.isEmpty() ? List.of() : read(model, folder, examplesPath.get());
            List<String> mismatches = new ArrayList<>();
            for (Example example : examples) {
                ask(model, example, interrupt).ifPresent(mismatches::add);
            }
            return new CheckedModel(model, examples, mismatches);
        } catch (VerificationException | RuntimeException e) {
            model.close();
            throw e;
        }
    }

    private static OrtModel load(Path file, int threads) throws VerificationException {
        try {
            return OrtModel.load(file, threads);
        } catch (ModelLoadException e) {
            throw new VerificationException(VerificationException.Kind.LOAD, String.valueOf(e.getMessage()), e);
        }
    }

    private static List<Example> read(OrtModel model, Path folder, String examplesPath) throws VerificationException {
        try {
            return ExamplesReader.read(Files.readAllBytes(folder.resolve(examplesPath)), model.signature());
        } catch (InferenceException | IllegalArgumentException | IOException e) {
            throw new VerificationException(
                    VerificationException.Kind.EXAMPLES, examplesPath + ": " + e.getMessage(), e);
        }
    }

    private static Optional<String> ask(OrtModel model, Example example, RunInterrupt interrupt) {
        try {
            return example.mismatch(model.run(example.request(), interrupt));
        } catch (InferenceException e) {
            return Optional.of("example '" + example.name() + "': " + e.getMessage());
        }
    }

    /** @throws VerificationException when one was answered wrongly */
    public void requireRightAnswers() throws VerificationException {
        if (!mismatches.isEmpty()) {
            throw new VerificationException(VerificationException.Kind.ANSWER, mismatches.get(0));
        }
    }

    /** Frees the model's memory. */
    @Override
    public void close() {
        model.close();
    }
}
