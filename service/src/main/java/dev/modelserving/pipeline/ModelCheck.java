package dev.modelserving.pipeline;

import dev.modelserving.artifact.ArtifactFile;
import dev.modelserving.artifact.Manifest;
import dev.modelserving.model.BatchingVerdict;
import dev.modelserving.model.InferenceException;
import dev.modelserving.model.ModelSignature;
import dev.modelserving.model.TensorSpec;
import dev.modelserving.pipeline.CandidateCheck.Rejection;
import dev.modelserving.registry.Verdict.Measured;
import dev.modelserving.registry.VerdictCode;
import dev.modelserving.registry.VersionChange;
import dev.modelserving.runtime.NativeMemory;
import dev.modelserving.verification.BatchingProof;
import dev.modelserving.verification.CheckedModel;
import dev.modelserving.verification.Latency;
import dev.modelserving.verification.LoadMarkers;
import dev.modelserving.verification.VerificationException;
import dev.modelserving.verification.VerifiedModel;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.OptionalLong;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Stream;

/** Loads a version that is on disk, under a marker that tells a later process if this one dies of it, and runs it. */
final class ModelCheck {
    /** What the signature may take of the version's item, of 400 KB, in which the manifest has its part too. */
    private static final int LARGEST_SIGNATURE_BYTES = 96 << 10;

    private final LoadMarkers markers;
    private final Interruption interruption;

    /** The marker that is set; empty for none. */
    private final AtomicReference<String> marked = new AtomicReference<>("");

    ModelCheck(LoadMarkers markers, Interruption interruption) {
        this.markers = markers;
        this.interruption = interruption;
    }

    /** For a process that ends in the middle of a load, so that the version is not blamed for it. */
    void withdrawMarker() {
        String key = marked.getAndSet("");
        if (!key.isEmpty()) {
            markers.end(key);
        }
    }

    Finding check(Manifest manifest, Path folder) throws Rejection, StepFailure, InterruptedException {
        String key = LoadMarkers.key(manifest.ref(), folder);
        if (markers.verdict(key).filter(LoadMarkers.Verdict.GUILTY::equals).isPresent()) {
            throw new Rejection(
                    VerdictCode.CRASHED,
                    "it crashed the runtime while it was loaded; mend the export and register it as a new version");
        }
        try {
            marked.set(key);
            markers.begin(key);
            Finding finding = load(manifest, folder);
            if (markers.verdict(key).isPresent()) {
                markers.acquit(key);
            }
            return finding;
        } catch (IOException e) {
            throw new StepFailure(ExitCode.INTERNAL_FAILURE, "the model cache cannot be written: " + e);
        } finally {
            withdrawMarker();
        }
    }

    private Finding load(Manifest manifest, Path folder) throws Rejection, StepFailure, InterruptedException {
        AtomicLong loaded = new AtomicLong();
        OptionalLong memoryBefore = NativeMemory.inUse();
        long begin = System.nanoTime();
        try (CheckedModel checked = CheckedModel.load(folder, manifest.examples(), interruption.runs(), step -> {
            if (step == VerifiedModel.Step.WARMING) {
                loaded.set(System.nanoTime());
            }
        })) {
            interruption.check();
            return judge(manifest, checked, (loaded.get() - begin) / 1_000_000, memoryBytes(manifest, memoryBefore));
        } catch (VerificationException e) {
            interruption.check();
            if (!Files.exists(folder.resolve(Manifest.MODEL_FILE_NAME))) {
                throw new StepFailure(
                        ExitCode.TEMPORARY_FAILURE,
                        "another process has removed the files of " + manifest.ref() + " from the model cache");
            }
            VerdictCode code = e.kind() == VerificationException.Kind.LOAD
                    ? VerdictCode.LOAD_FAILED
                    : VerdictCode.EXAMPLES_INVALID;
            throw new Rejection(code, String.valueOf(e.getMessage()));
        }
    }

    private Finding judge(Manifest manifest, CheckedModel checked, long loadMillis, long memory)
            throws Rejection, InterruptedException {
        int examples = checked.examples().size();
        int failed = checked.mismatches().size();
        if (failed > 0) {
            throw new Rejection(
                    VerdictCode.EXAMPLES_MISMATCH,
                    failed + " of " + examples + " examples answered wrongly: "
                            + checked.mismatches().get(0),
                    new Measured(examples - failed, failed, loadMillis, memory, 0, 0));
        }
        ModelSignature signature = checked.model().signature();
        if (bytesOf(signature) > LARGEST_SIGNATURE_BYTES) {
            throw new Rejection(
                    VerdictCode.TOO_LARGE,
                    "its " + signature.inputs().size() + " inputs and "
                            + signature.outputs().size() + " outputs are more than the registry can keep");
        }
        Latency latency = latency(checked);
        BatchingVerdict batching = batching(checked, manifest);
        return new Finding(
                VerdictCode.VERIFIED,
                examples == 0 ? "loads; it has no examples" : "loads, and answers " + examples + " examples",
                new Measured(examples, 0, loadMillis, memory, latency.microsP50(), latency.microsP99()),
                new VersionChange.Found(manifest, signature, batching));
    }

    private Latency latency(CheckedModel checked) throws Rejection, InterruptedException {
        try {
            Latency latency = Latency.measure(checked, interruption.runs());
            interruption.check();
            return latency;
        } catch (InferenceException e) {
            interruption.check();
            throw new Rejection(
                    VerdictCode.EXAMPLES_MISMATCH,
                    "it answered an example once, and failed on it later: " + e.getMessage());
        }
    }

    private BatchingVerdict batching(CheckedModel checked, Manifest manifest) throws InterruptedException {
        try {
            return BatchingProof.of(checked, manifest.details(), interruption.runs());
        } catch (InferenceException e) {
            interruption.check();
            throw e;
        }
    }

    /** What the process has allocated since; at least its files but its examples, which the runtime keeps. */
    private static long memoryBytes(Manifest manifest, OptionalLong before) {
        OptionalLong now = NativeMemory.inUse();
        long taken = before.isPresent() && now.isPresent() ? now.getAsLong() - before.getAsLong() : 0;
        long files = manifest.files().stream()
                .filter(file -> !file.path().equals(manifest.examplesPath()))
                .mapToLong(ArtifactFile::sizeBytes)
                .sum();
        return Math.max(files, taken);
    }

    /** Roughly what DynamoDB counts. */
    private static long bytesOf(ModelSignature signature) {
        List<TensorSpec> specs = Stream.concat(signature.inputs().stream(), signature.outputs().stream())
                .toList();
        return specs.stream()
                .mapToLong(spec ->
                        40L + 3L * spec.name().length() + 12L * spec.shape().rank())
                .sum();
    }
}
