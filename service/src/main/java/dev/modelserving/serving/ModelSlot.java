package dev.modelserving.serving;

import dev.modelserving.model.BatchingVerdict;
import dev.modelserving.model.ModelRef;
import dev.modelserving.model.ModelSignature;
import dev.modelserving.registry.VersionRecord;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import org.jspecify.annotations.Nullable;

/**
 * The place of one version on this replica: whether it is in memory, on its way there, or why not. A version that failed
 * is tried again by the first to ask after a pause that doubles from failure to failure, or at once when its registration
 * was mended.
 *
 * <p>Leases are given without a lock; everything else is guarded by this object's lock, under which nothing loads. Time
 * is {@link System#nanoTime}, which no change of the clock moves.
 */
final class ModelSlot {
    private static final Duration FIRST_PAUSE = Duration.ofSeconds(1);
    private static final Duration LONGEST_PAUSE = Duration.ofMinutes(5);
    private static final Duration LONGEST_PAUSE_FROM_OUTSIDE = Duration.ofSeconds(15);
    private static final int MOST_DOUBLINGS = 9;

    private final ModelRef ref;

    private VersionRecord version;
    private CompletableFuture<LoadedModel> loading = new CompletableFuture<>();
    private ModelState state = ModelState.of(ModelState.Phase.DECLARED);
    private boolean begun;
    private boolean checked;
    private boolean retired;
    private int failures;
    private LoadFailure.@Nullable Retry retry;
    private long failedAt;
    private long pause;
    private @Nullable ModelSignature signature;
    private long knownBytes;

    private volatile @Nullable LoadedModel loaded;
    private volatile long lastUse = System.nanoTime();
    private volatile @Nullable BatchingVerdict batching;

    /** @param isNew whether the caller has to do the loading */
    record Attempt(CompletableFuture<LoadedModel> loading, VersionRecord version, boolean isNew) {}

    ModelSlot(VersionRecord version) {
        this.ref = version.ref();
        this.version = version;
    }

    ModelRef ref() {
        return ref;
    }

    /** A lease on what is in memory now; counts as a use. */
    Optional<ModelLease> lease() {
        LoadedModel now = loaded;
        lastUse = System.nanoTime();
        return now == null ? Optional.empty() : now.lease();
    }

    /** What is in memory now, for those who only want to know. */
    Optional<LoadedModel> peek() {
        return Optional.ofNullable(loaded);
    }

    /** Larger is later. */
    long lastUse() {
        return lastUse;
    }

    synchronized ModelState state() {
        return state;
    }

    synchronized VersionRecord version() {
        return version;
    }

    /** What it takes and gives, once it was loaded for the first time. */
    synchronized Optional<ModelSignature> signature() {
        return Optional.ofNullable(signature);
    }

    /** Whether requests may be joined here, once it was loaded for the first time. */
    Optional<BatchingVerdict> batching() {
        return Optional.ofNullable(batching);
    }

    void settleBatching(BatchingVerdict verdict) {
        batching = verdict;
    }

    /** Whether it was in memory here once and answered its examples; it may be evicted meanwhile. */
    synchronized boolean isChecked() {
        return checked;
    }

    /** The memory that it took when it was last loaded; 0 when it never was. */
    synchronized long knownBytes() {
        return knownBytes;
    }

    /**
     * The least that was measured until now, with {@code measured}: what else the process allocates at that moment, such as
     * its compiler, can only add to it.
     */
    synchronized long leastOf(long measured) {
        return knownBytes == 0 ? measured : Math.min(knownBytes, measured);
    }

    /** Whether it is on its way into memory, or there. */
    synchronized boolean isActive() {
        return loaded != null || (begun && !loading.isDone());
    }

    /** Whether it is neither on its way into memory nor in use. */
    synchronized boolean isIdle() {
        LoadedModel model = loaded;
        return model == null ? !begun || loading.isDone() : model.isIdle();
    }

    /** Whether it failed, of something that says nothing about the version. */
    synchronized boolean hasFailedFromOutside() {
        return retry == LoadFailure.Retry.SOON;
    }

    /** The attempt that is under way or was the last one, or a new one where that is due. */
    synchronized Attempt begin(VersionRecord current) {
        lastUse = System.nanoTime();
        if (begun && (loaded != null || !loading.isDone() || !isToBeTriedAgain(current))) {
            return new Attempt(loading, version, false);
        }
        begun = true;
        version = current;
        loading = new CompletableFuture<>();
        retry = null;
        state = ModelState.of(ModelState.Phase.DECLARED);
        return new Attempt(loading, version, true);
    }

    private boolean isToBeTriedAgain(VersionRecord current) {
        if (state.phase() != ModelState.Phase.FAILED || !current.equals(version)) {
            return true;
        }
        return retry != LoadFailure.Retry.NEVER && System.nanoTime() - failedAt >= pause;
    }

    synchronized void progress(ModelState.Phase phase) {
        state = ModelState.of(phase);
    }

    /** Takes over the model. It is leased while those who wait for it are told, so that nothing takes it away from them. */
    void succeed(LoadedModel model) {
        Optional<ModelLease> forThoseWhoWait = model.lease();
        CompletableFuture<LoadedModel> waiting;
        boolean isWanted;
        synchronized (this) {
            waiting = loading;
            isWanted = !retired;
            if (isWanted) {
                loaded = model;
                signature = model.signature();
                knownBytes = model.memoryBytes();
                checked = true;
                failures = 0;
                lastUse = System.nanoTime();
                state = ModelState.of(ModelState.Phase.READY);
            }
        }
        if (!isWanted) {
            model.release();
        }
        waiting.complete(model);
        forThoseWhoWait.ifPresent(ModelLease::close);
    }

    void fail(LoadFailure.Retry how, String reason, Throwable cause) {
        CompletableFuture<LoadedModel> waiting;
        synchronized (this) {
            Duration longest = how == LoadFailure.Retry.SOON ? LONGEST_PAUSE_FROM_OUTSIDE : LONGEST_PAUSE;
            pause = Math.min(FIRST_PAUSE.toNanos() << Math.min(failures, MOST_DOUBLINGS), longest.toNanos());
            failures++;
            failedAt = System.nanoTime();
            retry = how;
            state = ModelState.failed(reason);
            waiting = loading;
        }
        waiting.completeExceptionally(new CompletionException(reason, cause));
    }

    /** Takes the model out of memory unless somebody uses it; it is loaded again when it is asked for. */
    boolean evictIfIdle() {
        LoadedModel model;
        synchronized (this) {
            model = loaded;
            if (model == null || !model.endIfIdle()) {
                return false;
            }
            loaded = null;
            state = new ModelState(ModelState.Phase.EVICTED, "loaded again when it is asked for");
        }
        model.close();
        return true;
    }

    /** Ends it for good; what is in memory goes when its last use ends. */
    void retire() {
        LoadedModel model;
        synchronized (this) {
            retired = true;
            model = loaded;
            loaded = null;
        }
        if (model != null) {
            model.release();
        }
    }
}
