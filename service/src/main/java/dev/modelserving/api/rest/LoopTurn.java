package dev.modelserving.api.rest;

import io.netty.channel.ChannelHandlerContext;
import io.netty.util.concurrent.FastThreadLocal;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Executor;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The turn of an event loop: what came from all connections is read first, then the answers leave together. So clients
 * are not woken one by one between two computations, which costs more than a small computation. No time passes: a turn
 * ends as soon as nothing more is there to be read.
 *
 * <p>One for each event loop, used by its thread alone.
 */
public final class LoopTurn {
    private static final FastThreadLocal<LoopTurn> OF_THREAD = new FastThreadLocal<>() {
        @Override
        protected LoopTurn initialValue() {
            return new LoopTurn();
        }
    };

    private static final Logger ACCESS = LoggerFactory.getLogger("access");

    private final List<ChannelHandlerContext> unflushed = new ArrayList<>();
    private final List<AccessLine> unlogged = new ArrayList<>();
    private boolean ending;

    private LoopTurn() {}

    public static LoopTurn ofThisThread() {
        return OF_THREAD.get();
    }

    /** Sends what was written to {@code context}, whose event loop's thread this is. */
    void flushAtEnd(ChannelHandlerContext context) {
        unflushed.add(context);
        endSoon(context.executor());
    }

    /**
     * Logs what was answered.
     *
     * @param loop whose thread this is
     */
    public void logAtEnd(Executor loop, AccessLine line) {
        unlogged.add(line);
        endSoon(loop);
    }

    /** Logs what was answered, on any thread. */
    public static void log(AccessLine line) {
        ACCESS.info("{}", new AccessLines(List.of(line)));
    }

    private void endSoon(Executor loop) {
        if (!ending) {
            ending = true;
            loop.execute(this::end);
        }
    }

    /** What was answered is logged after it was sent: a log that is slow to take it keeps no client waiting. */
    private void end() {
        for (int index = 0; index < unflushed.size(); index++) { // which may grow meanwhile
            unflushed.get(index).flush();
        }
        unflushed.clear();
        ending = false;
        if (!unlogged.isEmpty()) {
            AccessLines lines = new AccessLines(unlogged);
            unlogged.clear();
            ACCESS.info("{}", lines);
        }
    }
}
