package dev.modelserving.verification;

import dev.modelserving.batching.Call;
import dev.modelserving.model.InferenceRequest;
import dev.modelserving.model.InferenceResponse;
import dev.modelserving.model.Tensor;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** A request that knows its answer. */
final class ComparedCall implements Call {
    private static final int WRONG_KEPT = 5;

    private final LoadedSubject subject;
    private final Probe probe;
    private final Runnable answered;

    /** @param answered is told, once it was compared */
    ComparedCall(LoadedSubject subject, Probe probe, Runnable answered) {
        this.subject = subject;
        this.probe = probe;
        this.answered = answered;
    }

    @Override
    public InferenceRequest request() {
        return probe.request();
    }

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
        difference(response).ifPresent(this::isWrong);
        subject.answers.incrementAndGet();
        if (subject.rowsOfLastRun() > probe.rows()) {
            subject.joined.incrementAndGet();
        }
        answered.run();
    }

    private Optional<String> difference(InferenceResponse response) {
        if (!response.outputs().keySet().equals(probe.alone().outputs().keySet())
                || !response.classes().equals(probe.alone().classes())) {
            return Optional.of("has outputs " + response.outputs().keySet());
        }
        for (Map.Entry<String, Tensor> alone : probe.alone().outputs().entrySet()) {
            @Nullable Tensor tensor = response.outputs().get(alone.getKey());
            if (tensor == null
                    || probe.tolerance().excess(alone.getValue(), tensor).isPresent()) {
                return Optional.of("has another '" + alone.getKey() + "' than alone: " + tensor);
            }
        }
        return Optional.empty();
    }

    private void isWrong(String how) {
        if (subject.wrong.size() < WRONG_KEPT) {
            subject.wrong.add(subject.name + ", " + probe.rows() + " rows, " + probe.kind() + ", " + how);
        }
    }

    @Override
    public void fail(Throwable why) {
        isWrong("fails, which it did not alone: " + why);
        answered.run();
    }

    @Override
    public void drop() {
        isWrong("was dropped");
        answered.run();
    }
}
