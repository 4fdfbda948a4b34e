package dev.modelserving.serving;

import dev.modelserving.model.ModelRef;
import dev.modelserving.registry.VersionRecord;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The versions that this replica was asked for, each in its {@link ModelSlot}, and the loading of them: by one thread for
 * each version, however many ask for it. Safe for use by several threads; nothing here blocks.
 */
final class ModelCache {
    private static final Logger LOG = LoggerFactory.getLogger(ModelCache.class);

    private final ModelLoader loader;
    private final ModelMemory memory;
    private final ExecutorService loaders;
    private final ConcurrentHashMap<ModelRef, ModelSlot> slots;

    private volatile Runnable whenSettled = () -> {};
    private volatile Needs needs = new Needs(Set.of(), Set.of());

    /**
     * What aliases need.
     *
     * @param routed versions that answer, or shall
     * @param kept versions whose files stay on disk, such as those that a rollback would bring back
     */
    record Needs(Set<ModelRef> routed, Set<ModelRef> kept) {
        Needs {
            routed = Set.copyOf(routed);
            kept = Set.copyOf(kept);
        }
    }

    /** Versions in memory, all that were asked for, bytes, and how often room had to be made. */
    record Usage(long loaded, long known, long bytes, long evictions) {}

    /**
     * @param slots as {@code memory} sees them too; empty
     * @param loaders runs the loading; the caller's to shut down
     */
    ModelCache(
            ModelLoader loader,
            ModelMemory memory,
            ConcurrentHashMap<ModelRef, ModelSlot> slots,
            ExecutorService loaders) {
        this.loader = loader;
        this.memory = memory;
        this.slots = slots;
        this.loaders = loaders;
    }

    /** Has {@code listener} told after each load, however it ended; on the thread that loaded. */
    void whenSettled(Runnable listener) {
        whenSettled = listener;
    }

    /** The version's place, whether or not it was ever loaded. */
    ModelSlot slot(VersionRecord version) {
        return slots.computeIfAbsent(version.ref(), ref -> new ModelSlot(version));
    }

    /** The place of a version that was asked for before. */
    Optional<ModelSlot> find(ModelRef ref) {
        return Optional.ofNullable(slots.get(ref));
    }

    /**
     * The version in memory, now or later. The future fails with the reason when loading does, and is completed by the
     * thread that loaded.
     */
    CompletableFuture<LoadedModel> load(VersionRecord version) {
        ModelSlot slot = slot(version);
        ModelSlot.Attempt attempt = slot.begin(version);
        if (attempt.isNew()) {
            loaders.execute(() -> {
                loadNow(slot, attempt.version());
                whenSettled.run();
            });
        }
        return attempt.loading();
    }

    /** Tells what aliases need from now on. What they needed before, and what is registered no more, is retired. */
    void need(Needs now, Predicate<ModelRef> isRegistered) {
        Needs before = needs;
        needs = now;
        for (Map.Entry<ModelRef, ModelSlot> entry : slots.entrySet()) {
            ModelRef ref = entry.getKey();
            boolean needless = before.routed.contains(ref) && !now.routed.contains(ref);
            if (needless || (!now.routed.contains(ref) && !isRegistered.test(ref))) {
                LOG.info("retiring {}", ref);
                slots.remove(ref, entry.getValue());
                entry.getValue().retire();
            }
        }
    }

    /** Retires everything. */
    void clear() {
        need(new Needs(Set.of(), Set.of()), ref -> false);
    }

    Usage usage() {
        long loaded =
                slots.values().stream().filter(slot -> slot.peek().isPresent()).count();
        return new Usage(loaded, slots.size(), memory.used(), memory.evictions());
    }

    /** What models have counted until now is forgotten. */
    void forgetCounts() {
        slots.values()
                .forEach(slot -> slot.peek().ifPresent(model -> model.counters().reset()));
    }

    /** Whether nothing is on its way into memory, and nothing there is in use. */
    boolean isIdle() {
        return slots.values().stream().allMatch(ModelSlot::isIdle);
    }

    MemoryBudget budget() {
        return memory.budget();
    }

    private boolean needsFiles(ModelRef ref) {
        return needs.kept.contains(ref) || find(ref).filter(ModelSlot::isActive).isPresent();
    }

    private void loadNow(ModelSlot slot, VersionRecord version) {
        try {
            slot.succeed(loader.load(version, slot, this::needsFiles));
        } catch (LoadFailure e) {
            fail(slot, e.retry(), String.valueOf(e.getMessage()), e);
        } catch (InterruptedException e) {
            fail(slot, LoadFailure.Retry.SOON, "the service is shutting down", e);
            Thread.currentThread().interrupt();
        } catch (RuntimeException | OutOfMemoryError e) {
            LOG.error("loading {} failed in a way that it should not", slot.ref(), e);
            fail(slot, LoadFailure.Retry.LATER, "internal failure while loading: " + e, e);
        }
    }

    private static void fail(ModelSlot slot, LoadFailure.Retry retry, String reason, Throwable cause) {
        String next = retry == LoadFailure.Retry.NEVER ? "" : ", trying again later";
        LOG.warn("{} cannot be served{}: {}", slot.ref(), next, reason);
        slot.fail(retry, reason, cause);
    }

    /** The reason that a future of {@link #load} failed with. */
    static String reason(@Nullable Throwable failure) {
        return failure == null ? "" : String.valueOf(failure.getMessage());
    }
}
