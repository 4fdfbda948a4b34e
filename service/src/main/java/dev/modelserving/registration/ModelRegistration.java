package dev.modelserving.registration;

import dev.modelserving.artifact.ArtifactException;
import dev.modelserving.artifact.ArtifactFile;
import dev.modelserving.artifact.ArtifactStore;
import dev.modelserving.artifact.Manifest;
import dev.modelserving.model.BatchingVerdict;
import dev.modelserving.model.ModelRef;
import dev.modelserving.model.ModelSignature;
import dev.modelserving.registry.ModelRegistry;
import dev.modelserving.registry.RegistryException;
import dev.modelserving.runtime.RunInterrupt;
import dev.modelserving.verification.BatchingProof;
import dev.modelserving.verification.CheckedModel;
import dev.modelserving.verification.VerificationException;
import java.nio.file.Path;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Registers versions of models: a check on this machine, the upload with the manifest last, the registry's items. What
 * was begun and broken off is finished by the same call again. Safe for use by several threads; every method blocks.
 */
public final class ModelRegistration {
    private static final Logger LOG = LoggerFactory.getLogger(ModelRegistration.class);
    private static final int LONGEST_MANIFEST = Manifest.LONGEST_BYTES + 1;

    private final ArtifactStore artifacts;
    private final ModelRegistry registry;

    public ModelRegistration(ArtifactStore artifacts, ModelRegistry registry) {
        this.artifacts = artifacts;
        this.registry = registry;
    }

    /** As the other, of a version of which nothing else is told. */
    public boolean register(ModelRef ref, Path folder, String description)
            throws RegistrationException, ArtifactException, RegistryException {
        return register(ref, folder, description, Manifest.Details.NONE);
    }

    /**
     * Registers the files in {@code folder} as a VERIFIED version.
     *
     * @param folder holds {@code model.onnx}, the files it refers to, and {@code examples.json} if there are examples
     * @param details what else its manifest says
     * @return false when this very version was registered before
     * @throws RegistrationException when the model does not load, answers an example wrongly, or other files are
     *     registered under this version; nothing was uploaded then
     */
    public boolean register(ModelRef ref, Path folder, String description, Manifest.Details details)
            throws RegistrationException, ArtifactException, RegistryException {
        Manifest manifest = new ModelFolder(folder).manifest(ref, description, details);
        Checked checked = check(folder, manifest);
        String manifestKey = Manifest.prefix(ref) + Manifest.FILE_NAME;
        Optional<byte[]> published = artifacts.read(manifestKey, LONGEST_MANIFEST);
        if (published.isEmpty()) {
            for (ArtifactFile file : manifest.files()) {
                artifacts.upload(folder.resolve(file.path()), Manifest.prefix(ref) + file.path());
            }
            byte[] json = manifest.toJson();
            published = artifacts.create(manifestKey, json)
                    ? Optional.of(json)
                    : artifacts.read(manifestKey, LONGEST_MANIFEST);
        }
        requireSameFiles(manifest, Manifest.fromJson(published.orElseThrow()));
        boolean added = registry.register(manifest);
        registry.recordVerified(manifest, checked.signature, checked.batching);
        LOG.info("{} {} is registered", added ? "now" : "already", ref);
        return added;
    }

    /**
     * Makes the version answer for the alias.
     *
     * @param who for the audit
     */
    public void point(String alias, ModelRef ref, String who) throws RegistryException {
        registry.moveAlias(ref.id(), alias, ref.version(), who);
        LOG.info("{} of {} is version {}", alias, ref.id(), ref.version());
    }

    private record Checked(ModelSignature signature, BatchingVerdict batching) {}

    private static Checked check(Path folder, Manifest manifest) throws RegistrationException {
        RunInterrupt interrupt = new RunInterrupt();
        try (CheckedModel checked = CheckedModel.load(folder, manifest.examples(), interrupt, step -> {})) {
            checked.requireRightAnswers();
            return new Checked(checked.model().signature(), BatchingProof.of(checked, manifest.details(), interrupt));
        } catch (VerificationException e) {
            throw new RegistrationException(manifest.ref() + ": " + e.getMessage(), e);
        }
    }

    private static void requireSameFiles(Manifest local, Manifest published) throws RegistrationException {
        if (!local.files().equals(published.files()) || !local.examples().equals(published.examples())) {
            throw new RegistrationException(
                    local.ref() + " is registered with other files; a version never changes, take the next number");
        }
    }
}
