package dev.modelserving.serving;

import dev.modelserving.model.InferenceRequest;
import dev.modelserving.model.InferenceResponse;
import dev.modelserving.model.ModelRef;
import dev.modelserving.model.ModelSignature;
import dev.modelserving.model.TensorMemory;
import dev.modelserving.runtime.RunInterrupt;
import java.util.concurrent.atomic.AtomicBoolean;

/** The right to use a loaded model, until it is closed; the model stays in memory that long. Closing again does nothing. */
public final class ModelLease implements AutoCloseable {
    private final LoadedModel model;
    private final AtomicBoolean open = new AtomicBoolean(true);

    ModelLease(LoadedModel model) {
        this.model = model;
    }

    public ModelRef ref() {
        return model.ref();
    }

    public ModelSignature signature() {
        return model.signature();
    }

    ModelQueues queues() {
        return model.queues();
    }

    InferenceResponse tryOut(InferenceRequest request, TensorMemory memory, RunInterrupt interrupt) {
        return model.tryOut(request, memory, interrupt);
    }

    RunCounters counters() {
        return model.counters();
    }

    boolean isQuick(InferenceRequest request) {
        return model.isQuick(request);
    }

    @Override
    public void close() {
        if (open.compareAndSet(true, false)) {
            model.release();
        }
    }
}
