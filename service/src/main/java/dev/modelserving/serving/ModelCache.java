package dev.modelserving.serving;

import dev.modelserving.model.ModelRef;
import dev.modelserving.registry.VersionRecord;
import dev.modelserving.serving.ModelLoader.LoadFailure;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutorService;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The versions that are in memory, on their way there, or failed to get there. Each is loaded by one thread at a time,
 * however many ask for it. A version that failed is tried again by the first to ask after a pause that doubles from
 * failure to failure. Versions that no alias needs are kept while they are few; beyond that the one that was not asked
 * for the longest goes.
 *
 * <p>Safe for use by several threads; the map and its entries are guarded by this object's lock, which is never held
 * while something loads or closes.
 */
final class ModelCache {
    private static final Logger LOG = LoggerFactory.getLogger(ModelCache.class);
    private static final Duration FIRST_PAUSE = Duration.ofSeconds(5);
    private static final Duration LONGEST_PAUSE = Duration.ofMinutes(5);
    private static final int MOST_ON_DEMAND = 8;

    private final ModelLoader loader;
    private final ExecutorService loaders;
    private final Clock clock;
    private final Map<ModelRef, Entry> entries = new HashMap<>();
    private Set<ModelRef> needed = Set.of();

    private static final class Entry {
        private VersionRecord version;
        private CompletableFuture<LoadedModel> loading = new CompletableFuture<>();
        private ModelState state = ModelState.of(ModelState.Phase.DECLARED);
        private Instant askedAt;
        private Instant retryAt = Instant.MAX;
        private int failures;

        Entry(VersionRecord version, Instant askedAt) {
            this.version = version;
            this.askedAt = askedAt;
        }

        Optional<LoadedModel> loaded() {
            return loading.isDone() && !loading.isCompletedExceptionally()
                    ? Optional.of(loading.join())
                    : Optional.empty();
        }

        /** A failure is worth another try after the pause, or at once when somebody has mended the registration. */
        boolean isToBeTriedAgain(VersionRecord current, Instant now) {
            return state.phase() == ModelState.Phase.FAILED && (!now.isBefore(retryAt) || !current.equals(version));
        }
    }

    /** @param loaders runs the loading; the caller's to shut down */
    ModelCache(ModelLoader loader, ExecutorService loaders, Clock clock) {
        this.loader = loader;
        this.loaders = loaders;
        this.clock = clock;
    }

    /**
     * The version in memory, now or later. Does not block. The future fails with the reason when loading does, and is
     * completed by the thread that loaded.
     */
    synchronized CompletableFuture<LoadedModel> load(VersionRecord version) {
        Instant now = clock.instant();
        Entry entry = entries.get(version.ref());
        if (entry == null) {
            entry = new Entry(version, now);
            entries.put(version.ref(), entry);
            begin(entry);
        } else if (entry.isToBeTriedAgain(version, now)) {
            entry.version = version;
            entry.loading = new CompletableFuture<>();
            begin(entry);
        }
        entry.askedAt = now;
        return entry.loading;
    }

    /** What is in memory of that version now, without a wait or a start. */
    synchronized Optional<LoadedModel> loaded(ModelRef ref) {
        Optional<Entry> entry = Optional.ofNullable(entries.get(ref));
        entry.ifPresent(found -> found.askedAt = clock.instant());
        return entry.flatMap(Entry::loaded);
    }

    /** The same for those who only want to know: it does not count as being asked for. */
    synchronized Optional<LoadedModel> peek(ModelRef ref) {
        return Optional.ofNullable(entries.get(ref)).flatMap(Entry::loaded);
    }

    synchronized Optional<ModelState> state(ModelRef ref) {
        return Optional.ofNullable(entries.get(ref)).map(entry -> entry.state);
    }

    /** Whether the version is in memory, or on its way there. */
    synchronized boolean isWanted(ModelRef ref) {
        return needed.contains(ref)
                || (entries.containsKey(ref) && state(ref).orElseThrow().phase() != ModelState.Phase.FAILED);
    }

    /** Tells which versions aliases need; they stay. What was needed before and is no more is retired. */
    void need(Set<ModelRef> refs) {
        List<LoadedModel> retired = new ArrayList<>();
        synchronized (this) {
            for (ModelRef ref : needed) {
                if (!refs.contains(ref)) {
                    remove(ref).ifPresent(retired::add);
                }
            }
            needed = Set.copyOf(refs);
        }
        retire(retired);
    }

    /** Retires everything. */
    void clear() {
        List<LoadedModel> retired = new ArrayList<>();
        synchronized (this) {
            List.copyOf(entries.keySet()).forEach(ref -> remove(ref).ifPresent(retired::add));
        }
        retire(retired);
    }

    private Optional<LoadedModel> remove(ModelRef ref) {
        Entry entry = entries.remove(ref);
        return entry == null ? Optional.empty() : entry.loaded();
    }

    private static void retire(List<LoadedModel> models) {
        for (LoadedModel model : models) {
            LOG.info("retiring {}", model.ref());
            model.release();
        }
    }

    private void begin(Entry entry) {
        entry.retryAt = Instant.MAX;
        entry.state = ModelState.of(ModelState.Phase.DECLARED);
        loaders.execute(() -> loadNow(entry));
    }

    private void loadNow(Entry entry) {
        try {
            LoadedModel model =
                    loader.load(entry.version, this::isWanted, phase -> setState(entry, ModelState.of(phase)));
            succeed(entry, model);
        } catch (LoadFailure e) {
            fail(entry, e, String.valueOf(e.getMessage()), e.isLast());
        } catch (RuntimeException | OutOfMemoryError e) {
            LOG.error("loading {} failed in a way that it should not", entry.version.ref(), e);
            fail(entry, e, "internal failure while loading: " + e, false);
        }
    }

    private void succeed(Entry entry, LoadedModel model) {
        List<LoadedModel> retired = new ArrayList<>();
        synchronized (this) {
            if (entries.get(entry.version.ref()) != entry) {
                retired.add(model); // removed while it was loading
            }
            entry.state = ModelState.of(ModelState.Phase.READY);
            entry.failures = 0;
            entry.loading.complete(model);
            leastAskedFor().flatMap(this::remove).ifPresent(retired::add);
        }
        retire(retired);
    }

    private void fail(Entry entry, Throwable cause, String reason, boolean last) {
        CompletableFuture<LoadedModel> loading;
        synchronized (this) {
            Duration pause = FIRST_PAUSE.multipliedBy(1L << Math.min(entry.failures, 6));
            entry.failures++;
            entry.retryAt = last
                    ? Instant.MAX
                    : clock.instant().plus(pause.compareTo(LONGEST_PAUSE) > 0 ? LONGEST_PAUSE : pause);
            entry.state = ModelState.failed(reason);
            loading = entry.loading;
        }
        LOG.warn("{} cannot be served{}: {}", entry.version.ref(), last ? "" : ", trying again later", reason);
        loading.completeExceptionally(new CompletionException(reason, cause));
    }

    private synchronized void setState(Entry entry, ModelState state) {
        entry.state = state;
    }

    private Optional<ModelRef> leastAskedFor() {
        List<Entry> onDemand = entries.values().stream()
                .filter(entry -> entry.loaded().isPresent() && !needed.contains(entry.version.ref()))
                .sorted(Comparator.comparing((Entry entry) -> entry.askedAt))
                .toList();
        return onDemand.size() <= MOST_ON_DEMAND
                ? Optional.empty()
                : Optional.of(onDemand.get(0).version.ref());
    }

    /** The reason that a future of {@link #load} failed with. */
    static String reason(@Nullable Throwable failure) {
        return failure == null ? "" : String.valueOf(failure.getMessage());
    }
}
