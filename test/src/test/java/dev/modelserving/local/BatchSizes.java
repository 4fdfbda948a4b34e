package dev.modelserving.local;

import dev.modelserving.batching.Batch;
import dev.modelserving.batching.BatchCosts;
import dev.modelserving.batching.BatchQueue;
import dev.modelserving.batching.BatchRun;
import dev.modelserving.batching.Call;
import dev.modelserving.codec.PredictRequest;
import dev.modelserving.codec.PredictRequestReader;
import dev.modelserving.codec.RequestBody;
import dev.modelserving.model.InferenceRequest;
import dev.modelserving.model.InferenceResponse;
import dev.modelserving.model.TensorMemory;
import dev.modelserving.runtime.OrtModel;
import dev.modelserving.runtime.RunInterrupt;
import java.io.PrintStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;

/**
 * How good the sizes are of the batches that are joined while 64 requests wait, against batches of a fixed size: both are
 * joined, computed and split, without a server, on one thread. Fixed sizes are measured; what is learned is how often a batch
 * has which size, and its figure is what these sizes cost. So nothing but the choice of the size makes a difference.
 */
final class BatchSizes {
    private static final PrintStream TERMINAL = System.out;
    private static final int MOST = 64;

    /** The passes over all sizes: what is warm or disturbed only for a while falls on all alike. */
    private static final int PASSES = 5;

    private final OrtModel model;
    private final InferenceRequest request;

    private BatchSizes(OrtModel model, InferenceRequest request) {
        this.model = model;
        this.request = request;
    }

    /** The model's file, a request's body, seconds for all. Prints a line "SIZE ROWS_A_SECOND" for each size, and "learned". */
    public static void main(String[] args) throws Exception {
        try (OrtModel model = OrtModel.load(Path.of(args[0]))) {
            PredictRequest request =
                    PredictRequestReader.read(RequestBody.of(Files.readAllBytes(Path.of(args[1]))), model.signature());
            BatchSizes sizes = new BatchSizes(model, request.inference());
            Duration half = Duration.ofMillis(Long.parseLong(args[2]) * 1000 / 2);
            NavigableMap<Integer, Double> nanos = sizes.fixed(half);
            nanos.forEach((size, one) -> print(size.toString(), size / one));
            Map<Integer, Long> chosen = sizes.learned(half);
            long rows = 0;
            double all = 0;
            for (Map.Entry<Integer, Long> batches : chosen.entrySet()) {
                rows += batches.getKey() * batches.getValue();
                all += batches.getValue() * between(nanos, batches.getKey());
            }
            print("learned", rows / all);
        }
    }

    private static void print(String what, double rowsPerNano) {
        TERMINAL.printf(Locale.ROOT, "%s %.1f%n", what, rowsPerNano * 1e9);
    }

    /** Size to nanoseconds: 1, 2, 4 ... */
    private NavigableMap<Integer, Double> fixed(Duration time) {
        NavigableMap<Integer, Double> best = new TreeMap<>();
        for (int pass = 0; pass < PASSES; pass++) {
            for (int size = 1; size <= MOST; size *= 2) {
                best.merge(size, nanos(size, time.toNanos() / (PASSES * 7)), Math::min);
            }
        }
        return best;
    }

    private double nanos(int size, long time) {
        List<InferenceRequest> requests = Collections.nCopies(size, request);
        ReusedMemory memory = new ReusedMemory();
        long begin = System.nanoTime();
        long now = begin;
        int runs = 0;
        for (; now - begin < time; now = System.nanoTime()) {
            Batch batch = Batch.join(requests, memory);
            batch.split(model.run(batch.request(), memory, new RunInterrupt()));
            memory.close();
            runs++;
        }
        return (now - begin) / (double) runs;
    }

    /** Size to how many batches had it while {@link #MOST} requests waited, from the beginning on. */
    private Map<Integer, Long> learned(Duration time) {
        Map<Integer, Long> batches = new TreeMap<>();
        ReusedMemory memory = new ReusedMemory();
        BatchQueue queue = new BatchQueue(new BatchCosts(MOST), (joined, outputs, deadline) -> {
            batches.merge(Batch.rows(joined), 1L, Long::sum);
            return model.run(joined, outputs, new RunInterrupt());
        });
        long end = System.nanoTime() + time.toNanos();
        for (int i = 0; i < MOST; i++) {
            queue.add(new Asked(request, queue, end));
        }
        new BatchRun(() -> memory, System::nanoTime).runAll(queue);
        return batches;
    }

    /** On the line between the sizes that were measured. */
    private static double between(NavigableMap<Integer, Double> nanos, int size) {
        Map.Entry<Integer, Double> below = nanos.floorEntry(size);
        Map.Entry<Integer, Double> above = nanos.ceilingEntry(size);
        if (below == null || above == null) {
            throw new IllegalStateException("a batch of " + size + " rows");
        }
        double share = above.getKey().equals(below.getKey())
                ? 0
                : (size - below.getKey()) / (double) (above.getKey() - below.getKey());
        return below.getValue() + share * (above.getValue() - below.getValue());
    }

    /** Asks again when it is answered, until the time is over. */
    private record Asked(InferenceRequest request, BatchQueue queue, long end) implements Call {
        @Override
        public long deadlineNanos() {
            return Long.MAX_VALUE / 2;
        }

        @Override
        public boolean isDone() {
            return false;
        }

        @Override
        public void complete(InferenceResponse response) {
            if (System.nanoTime() < end) {
                queue.add(this);
            }
        }

        @Override
        public void fail(Throwable why) {
            throw new IllegalStateException(why);
        }

        @Override
        public void drop() {}
    }

    /** One piece of memory that is given out again after it was closed. */
    private static final class ReusedMemory implements TensorMemory {
        private static final int ALIGNMENT = 64;

        private final ByteBuffer whole = ByteBuffer.allocateDirect(16 << 20);
        private int used;

        @Override
        public ByteBuffer allocate(int bytes) {
            ByteBuffer part = whole.slice(used, bytes).order(ByteOrder.nativeOrder());
            used += (bytes + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
            return part;
        }

        @Override
        public void close() {
            used = 0;
        }
    }
}
