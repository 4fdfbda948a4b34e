package dev.modelserving.serving;

import dev.modelserving.model.BatchingVerdict;
import dev.modelserving.model.Excerpt;
import dev.modelserving.model.ModelId;
import dev.modelserving.model.ModelRef;
import dev.modelserving.model.ModelSignature;
import dev.modelserving.model.ModelVersion;
import dev.modelserving.registry.AliasRecord;
import dev.modelserving.registry.RegisteredModel;
import dev.modelserving.registry.RegistryFollower;
import dev.modelserving.registry.ReplicaReport;
import dev.modelserving.registry.VersionRecord;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
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
     * @param signature of that version, once it was loaded for the first time
     * @param memory of that version, while it is loaded
     * @param batching whether requests to that version may be joined, once that is known
     */
    public record Entry(
            ModelId id,
            String description,
            Optional<ModelVersion> version,
            ModelState state,
            Optional<ModelSignature> signature,
            Optional<Memory> memory,
            Optional<BatchingVerdict> batching) {}

    /** @param bytes of native memory that the version took when it was loaded and warmed up */
    public record Memory(long bytes, Instant loadedAt) {}

    /** A model with everything that the registry knows of it, and each of its versions as it is on this replica. */
    public record Detail(Entry entry, RegisteredModel registered, List<Version> versions) {}

    /**
     * One version of a model.
     *
     * @param state nothing when this replica has never been asked for it
     * @param signature once it was loaded for the first time
     * @param memory while it is loaded
     * @param batching whether requests may be joined; before it was loaded here, what the registry says
     */
    public record Version(
            VersionRecord record,
            Optional<ModelState> state,
            Optional<ModelSignature> signature,
            Optional<Memory> memory,
            Optional<BatchingVerdict> batching) {}

    /** Every model that has a champion, by id. */
    public List<Entry> served() {
        return follower.snapshot().models().values().stream()
                .filter(model -> model.champion().isPresent())
                .map(this::entry)
                .toList();
    }

    /** Whether it is registered. */
    public boolean knows(ModelId id) {
        return follower.snapshot().model(id).isPresent();
    }

    /** Whether a version answers for the model, if need be after it was loaded again. */
    public boolean answers(ModelId id) {
        return follower.snapshot()
                .model(id)
                .flatMap(this::routed)
                .filter(ModelCatalog::answers)
                .isPresent();
    }

    /** Whether that version answers when it is asked for, if need be after it was loaded. */
    public boolean answers(Version version) {
        return version.record().status() == VersionRecord.Status.VERIFIED
                && cache.find(version.record().ref())
                        .filter(slot -> !answers(slot))
                        .isEmpty();
    }

    private static boolean answers(ModelSlot slot) {
        return slot.state().phase() != ModelState.Phase.FAILED;
    }

    /** Any registered model. */
    public Optional<Detail> detail(ModelId id) {
        return follower.snapshot().model(id).map(this::detail);
    }

    /** Every registered model. */
    public List<Detail> all() {
        return follower.snapshot().models().values().stream().map(this::detail).toList();
    }

    private Detail detail(RegisteredModel model) {
        return new Detail(
                entry(model),
                model,
                model.versions().values().stream().map(this::version).toList());
    }

    /** What a version has done since it was loaded; nothing when it is not in memory. */
    public Optional<ModelStatistics> statistics(ModelRef ref) {
        return cache.find(ref)
                .flatMap(ModelSlot::peek)
                .map(model -> model.counters().sum());
    }

    /** The same for other replicas and the workflow; see {@link ReplicaReport.Model}. */
    Map<ModelId, ReplicaReport.Model> report() {
        Map<ModelId, ReplicaReport.Model> report = new HashMap<>();
        for (RegisteredModel model : follower.snapshot().models().values()) {
            model.champion().ifPresent(champion -> {
                ModelVersion target = champion.version();
                Optional<ModelVersion> routed =
                        routed(model).map(slot -> slot.ref().version());
                ModelState state = state(model, target);
                boolean answers = routed.equals(Optional.of(target)) && state.phase() == ModelState.Phase.EVICTED;
                report.put(
                        model.id(),
                        new ReplicaReport.Model(
                                routed.orElse(target),
                                target,
                                answers ? ReplicaReport.READY : state.phase().name(),
                                answers ? "" : Excerpt.of(state.reason().orElse(""))));
            });
        }
        return report;
    }

    private Optional<ModelSlot> routed(RegisteredModel model) {
        return keeper.routes().champion(model.id());
    }

    private Entry entry(RegisteredModel model) {
        Optional<ModelVersion> target = model.champion().map(AliasRecord::version);
        return routed(model)
                .map(slot -> entry(model, target, slot))
                .orElseGet(() -> new Entry(
                        model.id(),
                        model.description(),
                        target,
                        target.map(version -> state(model, version))
                                .orElse(new ModelState(ModelState.Phase.DECLARED, "the model has no champion")),
                        Optional.empty(),
                        Optional.empty(),
                        Optional.empty()));
    }

    private Entry entry(RegisteredModel model, Optional<ModelVersion> target, ModelSlot slot) {
        ModelState state = stateOf(slot);
        String reason = target.filter(version -> !version.equals(slot.ref().version()))
                .map(version -> explain(version, state(model, version)))
                .orElse(state.explanation());
        return new Entry(
                model.id(),
                model.description(),
                Optional.of(slot.ref().version()),
                new ModelState(state.phase(), reason),
                slot.signature(),
                slot.peek().map(ModelCatalog::memory),
                slot.batching());
    }

    private Version version(VersionRecord record) {
        Optional<ModelSlot> slot = cache.find(record.ref());
        return new Version(
                record,
                slot.map(ModelCatalog::stateOf),
                slot.flatMap(ModelSlot::signature),
                slot.flatMap(ModelSlot::peek).map(ModelCatalog::memory),
                slot.flatMap(ModelSlot::batching).or(record::batching));
    }

    private static Memory memory(LoadedModel model) {
        return new Memory(model.memoryBytes(), model.loadedAt());
    }

    private static ModelState stateOf(ModelSlot slot) {
        ModelState state = slot.state();
        return state.phase() == ModelState.Phase.DECLARED
                ? new ModelState(ModelState.Phase.DECLARED, "loaded when it is asked for")
                : state;
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
            String reason = record.get().reason();
            return ModelState.failed(
                    "version " + version + " is " + record.get().status() + (reason.isEmpty() ? "" : ": " + reason));
        }
        return cache.find(record.get().ref()).map(ModelSlot::state).orElse(ModelState.of(ModelState.Phase.DECLARED));
    }
}
