package dev.modelserving.verification;

import dev.modelserving.batching.Batch;
import dev.modelserving.batching.BatchCosts;
import dev.modelserving.batching.BatchKey;
import dev.modelserving.batching.ModelRuntime;
import dev.modelserving.codec.Example;
import dev.modelserving.model.InferenceRequest;
import dev.modelserving.model.InferenceResponse;
import dev.modelserving.model.TensorMemory;
import dev.modelserving.runtime.RunInterrupt;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicLong;

/** A real model under load, and what came of it. Everything but {@link #rowsOfLastRun} is for any thread. */
final class LoadedSubject implements ModelRuntime, AutoCloseable {
    final String name;
    final BatchCosts costs;
    final Queue<String> wrong = new ConcurrentLinkedQueue<>();
    final AtomicLong answers = new AtomicLong();
    final AtomicLong joined = new AtomicLong();
    private final CheckedModel checked;
    private final RunInterrupt interrupt = new RunInterrupt();
    private final ThreadLocal<Integer> rowsOfLastRun = ThreadLocal.withInitial(() -> 0);

    LoadedSubject(String name, CheckedModel checked, int maxRows) {
        this.name = name;
        this.checked = checked;
        this.costs = new BatchCosts(maxRows);
    }

    static CheckedModel load(Path folder) throws VerificationException {
        return CheckedModel.load(folder, Optional.of("examples.json"), new RunInterrupt(), step -> {});
    }

    @Override
    public InferenceResponse run(InferenceRequest request, TensorMemory memory, long deadlineNanos) {
        rowsOfLastRun.set(Batch.rows(request));
        return checked.model().run(request, memory, interrupt);
    }

    @Override
    public void stopsJoining(BatchKey key, Throwable why) {
        wrong.add(name + " is not joined any more: " + why);
    }

    /** What this thread ran last: more rows than a call has, if it was joined with others. */
    int rowsOfLastRun() {
        return rowsOfLastRun.get();
    }

    InferenceResponse alone(InferenceRequest request) {
        return checked.model().run(request, interrupt);
    }

    List<String> outputs() {
        return checked.model().signature().outputNames();
    }

    /** Examples by their inner shapes, and where these are open rows of other shapes. */
    List<List<Example>> shapes() {
        Map<BatchKey, List<Example>> byKey = new LinkedHashMap<>();
        for (Example example : checked.examples()) {
            byKey.computeIfAbsent(BatchKey.of(example.request()), key -> new ArrayList<>())
                    .add(example);
        }
        List<List<Example>> shapes = new ArrayList<>(byKey.values());
        shapes.addAll(OtherLengths.of(checked.model().signature(), checked.examples(), byKey.keySet()));
        return shapes;
    }

    @Override
    public void close() {
        checked.close();
    }
}
