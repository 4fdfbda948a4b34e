package dev.modelserving.serving;

import dev.modelserving.model.ModelId;
import dev.modelserving.model.ModelRef;
import dev.modelserving.model.ModelSignature;
import dev.modelserving.model.ModelVersion;
import dev.modelserving.registry.AliasRecord;
import dev.modelserving.registry.RegisteredModel;
import dev.modelserving.registry.RegistryFollower;
import dev.modelserving.registry.VersionRecord;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/** Tells what is served and what is not, and why. Safe for use by several threads; no method blocks. */
public final class ModelCatalog {
    private final RegistryFollower follower;
    private final ChampionKeeper keeper;
    private final ModelCache cache;

    ModelCatalog(RegistryFollower follower, ChampionKeeper keeper, ModelCache cache) {
        this.follower = follower;
        this.keeper = keeper;
        this.cache = cache;
    }

    /**
     * One model on this replica.
     *
     * @param version the one that answers; before there is one, the one that shall
     * @param state of that version; its reason also says why another that should answer does not
     * @param memory of what is loaded, if something is
     */
    public record Entry(
            ModelId id,
            String description,
            Optional<ModelVersion> version,
            ModelState state,
            Optional<Memory> memory) {}

    /** @param bytes what the version's files take, which is what the runtime keeps of them at least */
    public record Memory(ModelSignature signature, long bytes, Instant loadedAt) {}

    /** A model with everything that the registry knows of it, and each of its versions as it is on this replica. */
    public record Detail(Entry entry, RegisteredModel registered, List<Version> versions) {}

    /**
     * One version of a model.
     *
     * @param state nothing when this replica has never been asked to load it
     * @param memory of what is loaded, if it is
     */
    public record Version(VersionRecord record, Optional<ModelState> state, Optional<Memory> memory) {}

    /** Every model that has a champion, by id. */
    public List<Entry> served() {
        return follower.snapshot().models().values().stream()
                .filter(model -> model.champion().isPresent())
                .map(this::entry)
                .toList();
    }

    /** Any registered model. */
    public Optional<Detail> detail(ModelId id) {
        return follower.snapshot()
                .model(id)
                .map(model -> new Detail(
                        entry(model),
                        model,
                        model.versions().values().stream().map(this::version).toList()));
    }

    private Entry entry(RegisteredModel model) {
        Optional<LoadedModel> route = keeper.routes().champion(model.id());
        Optional<ModelVersion> target = model.champion().map(AliasRecord::version);
        if (route.isEmpty()) {
            return new Entry(
                    model.id(),
                    model.description(),
                    target,
                    target.map(version -> state(model, version))
                            .orElse(new ModelState(ModelState.Phase.DECLARED, "the model has no champion")),
                    Optional.empty());
        }
        LoadedModel loaded = route.get();
        String reason = target.filter(version -> !version.equals(loaded.ref().version()))
                .map(version -> explain(version, state(model, version)))
                .orElse("");
        return new Entry(
                model.id(),
                model.description(),
                Optional.of(loaded.ref().version()),
                new ModelState(ModelState.Phase.READY, reason),
                Optional.of(memory(loaded)));
    }

    private Version version(VersionRecord record) {
        return new Version(
                record, cache.state(record.ref()), cache.peek(record.ref()).map(ModelCatalog::memory));
    }

    private static Memory memory(LoadedModel model) {
        return new Memory(model.signature(), model.memoryBytes(), model.loadedAt());
    }

    private static String explain(ModelVersion target, ModelState state) {
        return "the champion is version " + target + ", which is " + state.phase()
                + state.reason().map(reason -> ": " + reason).orElse("");
    }

    private ModelState state(RegisteredModel model, ModelVersion version) {
        Optional<VersionRecord> record = model.version(version);
        if (record.isEmpty()) {
            return ModelState.failed("version " + version + " is not registered");
        }
        if (record.get().status() != VersionRecord.Status.VERIFIED) {
            return ModelState.failed(
                    "version " + version + " is " + record.get().status()
                            + (record.get().reason().isEmpty()
                                    ? ""
                                    : ": " + record.get().reason()));
        }
        return cache.state(new ModelRef(model.id(), version)).orElse(ModelState.of(ModelState.Phase.DECLARED));
    }
}
