package dev.modelserving.pipeline;

import dev.modelserving.artifact.ArtifactCache;
import dev.modelserving.artifact.ArtifactStore;
import dev.modelserving.model.ModelRef;
import dev.modelserving.registry.Candidate;
import dev.modelserving.registry.RegistryException;
import dev.modelserving.registry.Verdict;
import dev.modelserving.registry.VerificationRecords;
import dev.modelserving.registry.VersionChange;
import dev.modelserving.registry.VersionRecord;
import dev.modelserving.verification.LoadMarkers;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ThreadLocalRandom;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Verifies versions one after the other and records a verdict on each. What is temporary is tried again a few times.
 * Belongs to one thread, but for {@link #abandon()}. Several processes may verify the same versions at the same time.
 */
public final class Pipeline {
    private static final Logger LOG = LoggerFactory.getLogger(Pipeline.class);
    private static final int ATTEMPTS = 4;
    private static final int WRITING_ATTEMPTS = 10;
    private static final Duration FIRST_PAUSE = Duration.ofMillis(500);
    private static final Duration CONFLICT_PAUSE = Duration.ofMillis(20);

    private final VerificationRecords records;
    private final ModelCheck models;
    private final CandidateCheck check;
    private final Verdict.Run run;
    private final String serviceVersion;
    private final @Nullable String manifestVersionId;
    private final Interruption interruption;

    /**
     * @param run for the verdicts
     * @param serviceVersion which build this is
     * @param manifestVersionId which version of the manifest's S3 object is verified; null: the one that is registered, else
     *     the latest
     */
    public Pipeline(
            VerificationRecords records,
            ArtifactStore store,
            ArtifactCache cache,
            LoadMarkers markers,
            Verdict.Run run,
            String serviceVersion,
            @Nullable String manifestVersionId,
            Interruption interruption) {
        this.records = records;
        this.models = new ModelCheck(markers, interruption);
        this.check = new CandidateCheck(store, cache, models, interruption);
        this.run = run;
        this.serviceVersion = serviceVersion;
        this.manifestVersionId = manifestVersionId;
        this.interruption = interruption;
    }

    /** Before the process ends in the middle of a step. */
    public void abandon() {
        models.withdrawMarker();
    }

    /**
     * Verifies the candidate; nothing: the version of every champion. Blocks.
     *
     * @throws InterruptedException when it was told to end; what was not written by then is not written
     */
    public ExitCode verify(Optional<ModelRef> candidate) throws InterruptedException {
        Summary summary = new Summary();
        try {
            for (ModelRef ref : candidate.isPresent() ? List.of(candidate.get()) : champions()) {
                ExitCode code = verify(ref, summary);
                if (code == ExitCode.CONFIGURATION) {
                    break;
                }
            }
        } catch (StepFailure e) {
            summary.failed("the champions", e);
        }
        LOG.info("execution {}: {}", run.id(), summary);
        return summary.exitCode();
    }

    private List<ModelRef> champions() throws StepFailure, InterruptedException {
        return repeated("the champions", () -> {
            try {
                return records.champions();
            } catch (RegistryException e) {
                throw StepFailure.of(e);
            }
        });
    }

    private ExitCode verify(ModelRef ref, Summary summary) throws InterruptedException {
        try {
            Optional<Finding> finding = repeated(ref.toString(), () -> verifyOnce(ref));
            return summary.add(ref, finding);
        } catch (StepFailure e) {
            return summary.failed(ref.toString(), e);
        }
    }

    private interface Step<T> {
        T take() throws StepFailure, InterruptedException;
    }

    /** Tries what is temporary again, at growing distances. */
    private <T> T repeated(String what, Step<T> step) throws StepFailure, InterruptedException {
        Duration pause = FIRST_PAUSE;
        for (int attempt = 1; ; attempt++) {
            interruption.check();
            try {
                return step.take();
            } catch (StepFailure e) {
                interruption.check();
                if (e.code() != ExitCode.TEMPORARY_FAILURE || attempt == ATTEMPTS) {
                    throw e;
                }
                LOG.warn("{}: attempt {} of {} failed: {}", what, attempt, ATTEMPTS, e.getMessage());
                interruption.pause(jittered(pause));
                pause = pause.multipliedBy(2);
            }
        }
    }

    /** Nothing when the version is not registered. */
    private Optional<Finding> verifyOnce(ModelRef ref) throws StepFailure, InterruptedException {
        long begin = System.nanoTime();
        Optional<Candidate> candidate = read(ref);
        if (candidate.isEmpty()) {
            LOG.error("{} is not in the registry", ref);
            return Optional.empty();
        }
        LOG.info("verifying {}, which is {}", ref, candidate.get().status());
        boolean archived = candidate.get().status() == VersionRecord.Status.ARCHIVED;
        Finding finding = archived ? Finding.archived() : check.check(candidate.get());
        Optional<Finding> written = write(candidate.get(), finding);
        written.ifPresent(told -> log(ref, told, (System.nanoTime() - begin) / 1_000_000));
        return written;
    }

    private static void log(ModelRef ref, Finding finding, long millis) {
        Verdict.Measured measured = finding.measured();
        if (finding.code().isVerified()) {
            LOG.info(
                    "{} {} in {} ms: {}; loaded in {} ms, one run takes {} us (p50), {} us (p99), {} bytes",
                    ref,
                    finding.code(),
                    millis,
                    finding.message(),
                    measured.loadMillis(),
                    measured.latencyMicrosP50(),
                    measured.latencyMicrosP99(),
                    measured.memoryBytes());
            finding.batching().ifPresent(batching -> LOG.info("{} {}", ref, batching.inWords()));
        } else {
            LOG.warn("{} REJECTED in {} ms, {}: {}", ref, millis, finding.code(), finding.message());
        }
    }

    private Optional<Candidate> read(ModelRef ref) throws StepFailure {
        try {
            Optional<Candidate> candidate = records.candidate(ref);
            return manifestVersionId == null ? candidate : candidate.map(it -> it.withManifest(manifestVersionId));
        } catch (RegistryException e) {
            throw StepFailure.of(e);
        }
    }

    /** After a conflict with another writer everything is read and decided again. Nothing when the version is gone. */
    private Optional<Finding> write(Candidate candidate, Finding finding) throws StepFailure, InterruptedException {
        Candidate read = candidate;
        for (int attempt = 1; ; attempt++) {
            interruption.check();
            Finding now = finding.inTheLightOf(read);
            try {
                write(read, now, now.change(read));
                return Optional.of(now);
            } catch (RegistryException e) {
                if (e.kind() != RegistryException.Kind.OVERTAKEN || attempt == WRITING_ATTEMPTS) {
                    throw StepFailure.of(e);
                }
                LOG.info("{}; deciding again", e.getMessage());
            }
            interruption.pause(jittered(CONFLICT_PAUSE.multipliedBy(attempt)));
            Optional<Candidate> again = read(read.ref());
            if (again.isEmpty()) {
                return Optional.empty();
            }
            read = again.get();
        }
    }

    private void write(Candidate read, Finding finding, Optional<VersionChange> change) throws RegistryException {
        Verdict verdict = new Verdict(
                read.ref(),
                run,
                finding.code(),
                finding.message(),
                finding.measured(),
                finding.batching().orElse(null),
                serviceVersion);
        if (change.isPresent()) {
            records.write(verdict, read, change.get());
        } else {
            records.write(verdict);
        }
    }

    private static Duration jittered(Duration pause) {
        return Duration.ofNanos(ThreadLocalRandom.current().nextLong(pause.toNanos() / 2, pause.toNanos() + 1));
    }
}
