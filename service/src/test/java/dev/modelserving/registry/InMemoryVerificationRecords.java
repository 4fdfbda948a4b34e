package dev.modelserving.registry;

import dev.modelserving.artifact.ArtifactFile;
import dev.modelserving.artifact.Manifest;
import dev.modelserving.model.ModelRef;
import dev.modelserving.registry.VersionRecord.Status;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** Records on the heap, with another writer that can be made to come in between, and failures. */
public final class InMemoryVerificationRecords implements VerificationRecords {
    private final Map<ModelRef, Candidate> versions = new TreeMap<>();
    private final List<Verdict> verdicts = new ArrayList<>();
    private final List<VersionChange> changes = new ArrayList<>();
    private final Deque<Candidate> otherWriters = new ArrayDeque<>();
    private final Deque<RegistryException> failures = new ArrayDeque<>();

    public static Candidate candidate(ModelRef ref, Status status, long rev) {
        return new Candidate(ref, status, "", Manifest.prefix(ref), null, null, false, rev);
    }

    public static Candidate pointedTo(Candidate it) {
        return new Candidate(
                it.ref(), it.status(), it.reason(), it.artifactPrefix(), null, it.registeredFiles(), true, it.rev());
    }

    public static Candidate withFiles(Candidate it, List<ArtifactFile> files) {
        return new Candidate(
                it.ref(), it.status(), it.reason(), it.artifactPrefix(), null, files, it.pointedTo(), it.rev());
    }

    public void put(Candidate candidate) {
        versions.put(candidate.ref(), candidate);
    }

    /** What somebody else writes right before the next change is written. */
    public void putBeforeTheNextWrite(Candidate candidate) {
        otherWriters.add(candidate);
    }

    public void failNext(RegistryException.Kind kind, int times) {
        for (int count = 0; count < times; count++) {
            IllegalStateException cause = new IllegalStateException(kind.name());
            failures.add(
                    switch (kind) {
                        case REFUSED -> RegistryException.refused("refused", cause);
                        case OVERTAKEN -> RegistryException.overtaken("overtaken", cause);
                        case UNAVAILABLE -> RegistryException.unavailable("throttled", cause);
                        case MISCONFIGURED -> RegistryException.misconfigured("no such table", cause);
                    });
        }
    }

    public List<Verdict> verdicts() {
        return verdicts;
    }

    public List<VersionChange> changes() {
        return changes;
    }

    public Status status(ModelRef ref) {
        return candidate(ref).orElseThrow().status();
    }

    /** Every version that an alias points to. */
    @Override
    public List<ModelRef> champions() throws RegistryException {
        failIfTold();
        return versions.values().stream()
                .filter(Candidate::pointedTo)
                .map(Candidate::ref)
                .toList();
    }

    @Override
    public Optional<Candidate> candidate(ModelRef ref) {
        return Optional.ofNullable(versions.get(ref));
    }

    @Override
    public void write(Verdict verdict) throws RegistryException {
        failIfTold();
        verdicts.add(verdict);
    }

    @Override
    public void write(Verdict verdict, Candidate read, VersionChange change) throws RegistryException {
        failIfTold();
        @Nullable Candidate other = otherWriters.poll();
        if (other != null) {
            put(other);
        }
        if (versions.get(read.ref()).rev() != read.rev()) {
            throw RegistryException.overtaken(read.ref() + " was changed", new IllegalStateException());
        }
        verdicts.add(verdict);
        changes.add(change);
        put(new Candidate(
                read.ref(),
                change.status(),
                change.reason(),
                read.artifactPrefix(),
                read.manifestVersionId(),
                change.filledIn().map(found -> found.manifest().files()).orElse(read.registeredFiles()),
                read.pointedTo(),
                read.rev() + 1));
    }

    private void failIfTold() throws RegistryException {
        @Nullable RegistryException failure = failures.poll();
        if (failure != null) {
            throw failure;
        }
    }
}
