package dev.modelserving.registry;

import dev.modelserving.artifact.Manifest;
import dev.modelserving.model.BatchingVerdict;
import dev.modelserving.model.ModelId;
import dev.modelserving.model.ModelSignature;
import dev.modelserving.model.ModelVersion;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/** A registry on the heap whose index can be made to differ from its table, and which can be made to fail. */
public final class InMemoryModelRegistry implements ModelRegistry {
    private final Map<String, RegistryRecord> table = new ConcurrentHashMap<>();
    private final Map<String, Indexed> index = new ConcurrentHashMap<>();
    private volatile @Nullable String failure;
    private volatile boolean failingAliasReads;

    private record Indexed(RegistryRecord record, Instant updatedAt) {}

    public void write(RegistryRecord record, Instant updatedAt) {
        table.put(record.key(), record);
        showInIndex(record, updatedAt);
    }

    public void showInIndex(RegistryRecord record, Instant updatedAt) {
        index.put(record.key(), new Indexed(record, updatedAt));
    }

    public void hideInIndex(RegistryRecord record) {
        index.remove(record.key());
    }

    public void delete(RegistryRecord record) {
        table.remove(record.key());
        index.remove(record.key());
    }

    public void fail(String reason) {
        failure = reason;
    }

    public void recover() {
        failure = null;
    }

    public void failAliasReads(boolean failing) {
        failingAliasReads = failing;
    }

    @Override
    public Reading changedSince(Instant since) throws RegistryException {
        failIfTold();
        List<RegistryRecord> records = new ArrayList<>();
        Instant latest = Instant.EPOCH;
        for (Indexed item : index.values()) {
            if (item.record instanceof AliasRecord || !item.updatedAt.isBefore(since)) {
                records.add(item.record);
                latest = item.updatedAt.isAfter(latest) ? item.updatedAt : latest;
            }
        }
        records.sort((a, b) -> Integer.compare(order(a), order(b)));
        return new Reading(records, latest);
    }

    private static int order(RegistryRecord record) {
        return record instanceof ModelRecord ? 0 : record instanceof VersionRecord ? 1 : 2;
    }

    @Override
    public Optional<AliasRecord> alias(ModelId id, String alias) throws RegistryException {
        failIfTold();
        if (failingAliasReads) {
            throw RegistryException.unavailable("alias read", new IllegalStateException());
        }
        return Optional.ofNullable((AliasRecord) table.get(AliasRecord.key(id, alias)));
    }

    @Override
    public boolean register(Manifest manifest) {
        VersionRecord version = record(manifest, VersionRecord.Status.REGISTERED, null);
        if (table.containsKey(version.key())) {
            return false;
        }
        write(new ModelRecord(manifest.ref().id(), manifest.description()), Instant.now());
        write(version, Instant.now());
        return true;
    }

    @Override
    public void recordVerified(Manifest manifest, ModelSignature signature, @Nullable BatchingVerdict batching) {
        write(record(manifest, VersionRecord.Status.VERIFIED, batching), Instant.now());
    }

    private static VersionRecord record(
            Manifest manifest, VersionRecord.Status status, @Nullable BatchingVerdict batching) {
        return new VersionRecord(
                manifest.ref(),
                status,
                "",
                Manifest.prefix(manifest.ref()),
                manifest.files(),
                manifest.examplesPath(),
                null,
                manifest.details().largestBatch(),
                batching,
                status == VersionRecord.Status.REGISTERED ? 1 : 2);
    }

    @Override
    public void moveAlias(ModelId id, String alias, ModelVersion version, String who) {
        AliasRecord before = (AliasRecord) table.get(AliasRecord.key(id, alias));
        write(
                new AliasRecord(
                        id,
                        alias,
                        version,
                        before == null ? null : before.version(),
                        before == null ? 1 : before.rev() + 1),
                Instant.now());
    }

    private void failIfTold() throws RegistryException {
        String reason = failure;
        if (reason != null) {
            throw RegistryException.unavailable(reason, new IllegalStateException(reason));
        }
    }
}
