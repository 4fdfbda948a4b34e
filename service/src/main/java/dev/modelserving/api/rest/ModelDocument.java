package dev.modelserving.api.rest;

import dev.modelserving.model.BatchingVerdict;
import dev.modelserving.model.ModelSignature;
import dev.modelserving.model.ModelVersion;
import dev.modelserving.model.TensorSpec;
import dev.modelserving.registry.AliasRecord;
import dev.modelserving.registry.RegisteredModel;
import dev.modelserving.serving.ModelCatalog;
import dev.modelserving.serving.ModelState;
import io.micronaut.serde.annotation.Serdeable;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** One model as {@code GET /models} tells it; {@code versions} and {@code aliases} only where one model is asked for. */
@Serdeable
record ModelDocument(
        String id,
        String description,
        @Nullable Long version,
        String state,
        @Nullable String reason,
        @Nullable List<TensorDocument> inputs,
        @Nullable List<TensorDocument> outputs,
        @Nullable Long memoryBytes,
        @Nullable String loadedAt,
        @Nullable BatchingDocument batching,
        @Nullable List<VersionDocument> versions,
        @Nullable Map<String, Long> aliases) {

    /** {"models":[...]}. */
    @Serdeable
    record Models(List<ModelDocument> models) {}

    @Serdeable
    record TensorDocument(String name, String datatype, List<Long> shape) {
        static List<TensorDocument> of(List<TensorSpec> specs) {
            return specs.stream()
                    .map(spec -> new TensorDocument(spec.name(), spec.type().name(), dimensions(spec)))
                    .toList();
        }

        static List<Long> dimensions(TensorSpec spec) {
            return Arrays.stream(spec.shape().toArray()).boxed().toList();
        }
    }

    /** Whether requests may be joined, and why or why not. */
    @Serdeable
    record BatchingDocument(boolean allowed, String reason) {
        static @Nullable BatchingDocument of(Optional<BatchingVerdict> verdict) {
            return verdict.map(known -> new BatchingDocument(known.allowed(), known.reason()))
                    .orElse(null);
        }
    }

    /** One version; from {@code state} on only where this replica was asked for it. */
    @Serdeable
    record VersionDocument(
            long version,
            String status,
            @Nullable String reason,
            @Nullable String state,
            @Nullable List<TensorDocument> inputs,
            @Nullable List<TensorDocument> outputs,
            @Nullable Long memoryBytes,
            @Nullable String loadedAt,
            @Nullable BatchingDocument batching) {
        static VersionDocument of(ModelCatalog.Version version) {
            String registered = version.record().reason();
            return new VersionDocument(
                    version.record().ref().version().value(),
                    version.record().status().name(),
                    version.state().flatMap(ModelState::reason).orElse(registered.isEmpty() ? null : registered),
                    version.state().map(state -> state.phase().name()).orElse(null),
                    inputsOf(version.signature()),
                    outputsOf(version.signature()),
                    version.memory().map(ModelCatalog.Memory::bytes).orElse(null),
                    loadTimeOf(version.memory()),
                    BatchingDocument.of(version.batching()));
        }
    }

    static ModelDocument of(ModelCatalog.Entry entry) {
        return of(entry, null, null);
    }

    static ModelDocument of(ModelCatalog.Detail detail) {
        RegisteredModel registered = detail.registered();
        Map<String, Long> aliases = new TreeMap<>();
        for (AliasRecord alias : registered.aliases().values()) {
            aliases.put(alias.alias(), alias.version().value());
        }
        return of(
                detail.entry(),
                detail.versions().stream().map(VersionDocument::of).toList(),
                aliases);
    }

    private static ModelDocument of(
            ModelCatalog.Entry entry, @Nullable List<VersionDocument> versions, @Nullable Map<String, Long> aliases) {
        return new ModelDocument(
                entry.id().value(),
                entry.description(),
                entry.version().map(ModelVersion::value).orElse(null),
                entry.state().phase().name(),
                entry.state().reason().orElse(null),
                inputsOf(entry.signature()),
                outputsOf(entry.signature()),
                entry.memory().map(ModelCatalog.Memory::bytes).orElse(null),
                loadTimeOf(entry.memory()),
                BatchingDocument.of(entry.batching()),
                versions,
                aliases);
    }

    private static @Nullable List<TensorDocument> inputsOf(Optional<ModelSignature> signature) {
        return signature.map(ModelSignature::inputs).map(TensorDocument::of).orElse(null);
    }

    private static @Nullable List<TensorDocument> outputsOf(Optional<ModelSignature> signature) {
        return signature.map(ModelSignature::outputs).map(TensorDocument::of).orElse(null);
    }

    private static @Nullable String loadTimeOf(Optional<ModelCatalog.Memory> memory) {
        return memory.map(loaded -> loaded.loadedAt().toString()).orElse(null);
    }
}
