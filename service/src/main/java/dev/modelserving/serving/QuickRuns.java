package dev.modelserving.serving;

import dev.modelserving.batching.BatchQueue;
import dev.modelserving.batching.BatchRun;
import dev.modelserving.batching.Call;
import dev.modelserving.model.TensorMemory;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Executor;
import java.util.function.Supplier;

/**
 * Runs that take less time than a change of threads is worth, on a thread that reads requests: what it has read in one
 * turn is run when the turn ends, joined where that pays. Nothing waits for more to come. Used by that thread alone.
 */
public final class QuickRuns {
    private final Executor thread;
    private final BatchRun run;
    private final List<BatchQueue> busy = new ArrayList<>();
    private boolean running;

    /**
     * @param thread the thread that this belongs to: runs what it is given after what it is doing
     * @param memory gives memory of its own to each batch
     */
    public QuickRuns(Executor thread, Supplier<TensorMemory> memory) {
        this.thread = thread;
        this.run = new BatchRun(memory, System::nanoTime);
    }

    /** @param queue of this thread alone */
    void add(BatchQueue queue, Call call) {
        if (queue.isEmpty()) {
            busy.add(queue);
        }
        queue.add(call);
        if (!running) {
            running = true;
            thread.execute(this::runAll);
        }
    }

    /** Whatever a call may have thrown, the others are run. */
    private void runAll() {
        int done = 0;
        try {
            while (done < busy.size()) { // which may grow meanwhile
                run.runAll(busy.get(done++));
            }
        } finally {
            busy.subList(0, done).clear();
            running = !busy.isEmpty();
            if (running) {
                thread.execute(this::runAll);
            }
        }
    }
}
