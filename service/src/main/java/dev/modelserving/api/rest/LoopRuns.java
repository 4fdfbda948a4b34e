package dev.modelserving.api.rest;

import dev.modelserving.serving.QuickRuns;
import io.netty.buffer.ByteBufAllocator;
import io.netty.util.concurrent.EventExecutor;
import jakarta.inject.Singleton;
import java.util.concurrent.ConcurrentHashMap;

/** The quick runs of each event loop, whichever protocol its connections speak. Safe for use by several threads. */
@Singleton
public final class LoopRuns {
    private final ConcurrentHashMap<EventExecutor, QuickRuns> runs = new ConcurrentHashMap<>();

    public QuickRuns of(EventExecutor loop) {
        return runs.computeIfAbsent(loop, any -> new QuickRuns(loop, () -> new PooledMemory(ByteBufAllocator.DEFAULT)));
    }
}
