package dev.modelserving.api.rest;

import dev.modelserving.model.Excerpt;
import dev.modelserving.model.InferenceException;
import dev.modelserving.model.InferenceException.Kind;
import dev.modelserving.model.InferenceException.Problem;
import dev.modelserving.model.ModelRef;
import dev.modelserving.model.ModelSignature;
import dev.modelserving.model.ModelVersion;
import dev.modelserving.registry.VersionRecord;
import dev.modelserving.serving.ModelCatalog;
import dev.modelserving.serving.ModelState;
import dev.modelserving.serving.ModelStatistics;
import dev.modelserving.serving.Serving;
import jakarta.inject.Singleton;
import java.util.List;
import java.util.Optional;

/**
 * Models and versions by the names that callers of the Open Inference Protocol give them; without a version the one that
 * answers. Every method throws {@link InferenceException} NOT_FOUND for what is not registered.
 */
@Singleton
public final class ServedModels {
    private final ModelCatalog catalog;
    private final Serving serving;

    ServedModels(ModelCatalog catalog, Serving serving) {
        this.catalog = catalog;
        this.serving = serving;
    }

    /** Whether it would be answered now. */
    public boolean isReady(String model, Optional<String> version) {
        ModelCatalog.Detail detail = PathNames.registered(catalog, model);
        boolean answers = version.isEmpty()
                ? catalog.answers(detail.entry().id())
                : catalog.answers(version(detail, version.get()));
        return serving.isReady() && answers;
    }

    /** Those that may be asked for. */
    public List<String> versions(String model) {
        return versions(PathNames.registered(catalog, model));
    }

    private static List<String> versions(ModelCatalog.Detail detail) {
        return detail.versions().stream()
                .map(ModelCatalog.Version::record)
                .filter(record -> record.status() == VersionRecord.Status.VERIFIED)
                .map(record -> record.ref().version().toString())
                .toList();
    }

    /** @throws InferenceException also NOT_READY, when it has not been loaded here yet */
    public ModelSignature signature(String model, Optional<String> version) {
        ModelCatalog.Detail detail = PathNames.registered(catalog, model);
        ModelCatalog.Entry entry = detail.entry();
        return version.isEmpty()
                ? entry.signature().orElseThrow(() -> notLoaded(entry.id().value()))
                : version(detail, version.get())
                        .signature()
                        .orElseThrow(() -> notLoaded(entry.id() + " version " + version.get()));
    }

    /** @throws InferenceException also NOT_READY, when it has not been loaded here yet */
    public ModelConfiguration configuration(String model, Optional<String> version) {
        ModelCatalog.Detail detail = PathNames.registered(catalog, model);
        return ModelConfiguration.of(
                signature(model, version),
                version.isEmpty()
                        ? detail.entry().batching()
                        : version(detail, version.get()).batching());
    }

    private static InferenceException notLoaded(String what) {
        return new InferenceException(
                Kind.NOT_READY, what + " has not been loaded here yet: what it takes is known then", List.of());
    }

    /** One version, or all of a model, or everything. */
    public List<Version> find(Optional<String> model, Optional<String> version) {
        List<ModelCatalog.Detail> models =
                model.map(name -> List.of(PathNames.registered(catalog, name))).orElseGet(catalog::all);
        if (version.isPresent()) {
            return List.of(of(version(models.get(0), version.get())));
        }
        return models.stream()
                .flatMap(detail -> detail.versions().stream())
                .map(this::of)
                .toList();
    }

    /**
     * @param state on this replica; nothing when it was never asked for it
     * @param statistics while it is in memory
     */
    public record Version(
            ModelRef ref,
            VersionRecord.Status status,
            Optional<ModelState> state,
            Optional<ModelStatistics> statistics) {}

    private Version of(ModelCatalog.Version version) {
        ModelRef ref = version.record().ref();
        return new Version(ref, version.record().status(), version.state(), catalog.statistics(ref));
    }

    private static ModelCatalog.Version version(ModelCatalog.Detail detail, String version) {
        ModelVersion wanted = PathNames.version(version);
        return detail.versions().stream()
                .filter(known -> known.record().ref().version().equals(wanted))
                .findFirst()
                .orElseThrow(() -> new InferenceException(
                        Kind.NOT_FOUND,
                        new Problem(
                                "version",
                                "is not registered:",
                                "one of " + versions(detail),
                                Excerpt.quoted(version))));
    }
}
