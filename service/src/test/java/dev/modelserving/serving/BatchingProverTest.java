package dev.modelserving.serving;

import static org.assertj.core.api.Assertions.assertThat;

import dev.modelserving.SampleFolders;
import dev.modelserving.model.BatchingVerdict;
import dev.modelserving.model.ModelRef;
import dev.modelserving.model.RuntimeKind;
import dev.modelserving.registry.VersionRecord;
import dev.modelserving.runtime.ThisRuntime;
import dev.modelserving.verification.VerifiedModel;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.AbstractExecutorService;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** With a thread that does its work when it is told to. */
class BatchingProverTest {
    private final VersionRecord version = new VersionRecord(
            ModelRef.of("iris", 1), VersionRecord.Status.VERIFIED, "", "p/", List.of(), "examples.json", null, 1);
    private final ModelSlot slot = new ModelSlot(version);
    private final SteppedThread thread = new SteppedThread();
    private final BatchingProver prover = new BatchingProver(ThisRuntime::kind, thread);

    @Test
    void doesNotBatchBeforeItWasTried() throws Exception {
        LoadedModel model = load();
        assertThat(model.batching().allowed()).isFalse();
        assertThat(model.batching().reason()).startsWith("it is being tried on this version of ONNX Runtime");
        assertThat(slot.batching()).contains(model.batching());
        assertThat(prover.isIdle()).isFalse();
        thread.work();
        assertThat(model.batching().allowed()).as(model.batching().reason()).isTrue();
        assertThat(slot.batching()).contains(model.batching());
        assertThat(prover.isIdle()).isTrue();
        model.release();
    }

    @Test
    void triesOnceForAllLoadsOfAVersion() throws Exception {
        LoadedModel first = load();
        thread.work();
        first.release();
        LoadedModel second = load();
        assertThat(second.batching()).isEqualTo(first.batching());
        assertThat(thread.work()).isZero();
        second.release();
    }

    @Test
    void beginsAnewWithTheNextLoadWhenTheModelWasEvictedBeforeItWasTried() throws Exception {
        LoadedModel first = load();
        first.release();
        assertThat(thread.work()).isEqualTo(1);
        assertThat(first.batching()).isEqualTo(BatchingProver.PENDING);
        LoadedModel second = load();
        assertThat(thread.work()).isEqualTo(1);
        assertThat(second.batching().allowed()).isTrue();
        second.release();
    }

    @Test
    void holdsTheModelOnlyWhileItRuns() throws Exception {
        LoadedModel model = load();
        assertThat(model.isIdle()).isTrue();
        thread.work();
        assertThat(model.isIdle()).isTrue();
        model.release();
    }

    @Test
    void leavesOffWhenTheServiceStops() throws Exception {
        LoadedModel model = load();
        prover.stop(Duration.ofSeconds(1));
        thread.work();
        assertThat(model.batching()).isEqualTo(BatchingProver.PENDING);
        model.release();
        LoadedModel late = load();
        assertThat(late.batching()).isEqualTo(BatchingProver.PENDING);
        assertThat(prover.isIdle()).isTrue();
        late.release();
    }

    @Test
    void takesWhatHoldsHereWithoutTrying() throws Exception {
        BatchingVerdict known = BatchingVerdict.allowed(4, "tried on such a machine", ThisRuntime.kind());
        LoadedModel model = load(known);
        assertThat(model.batching()).isEqualTo(known);
        assertThat(thread.work()).isZero();
        model.release();
        LoadedModel elsewhere = load(BatchingVerdict.allowed(4, "tried elsewhere", new RuntimeKind("1.0.0", "x")));
        assertThat(elsewhere.batching()).isEqualTo(known);
        elsewhere.release();
    }

    private LoadedModel load() throws Exception {
        return load(version);
    }

    private LoadedModel load(BatchingVerdict verdict) throws Exception {
        return load(new VersionRecord(
                version.ref(), version.status(), "", "p/", List.of(), "examples.json", null, null, verdict, 2));
    }

    private LoadedModel load(VersionRecord record) throws Exception {
        VerifiedModel verified = VerifiedModel.load(SampleFolders.IRIS_1, Optional.of("examples.json"), 1, step -> {});
        LoadedModel model =
                new LoadedModel(record.ref(), verified.model(), 1, Instant.EPOCH, closed -> {}, new RunWatch());
        prover.settle(model, slot, record, verified);
        return model;
    }

    private static final class SteppedThread extends AbstractExecutorService {
        private final Queue<Runnable> waiting = new ArrayDeque<>();
        private boolean shutdown;

        /** Does what is waiting, and says how much that was. */
        int work() {
            int done = 0;
            while (!waiting.isEmpty()) {
                waiting.remove().run();
                done++;
            }
            return done;
        }

        @Override
        public void execute(Runnable work) {
            if (shutdown) {
                throw new RejectedExecutionException();
            }
            waiting.add(work);
        }

        @Override
        public void shutdown() {
            shutdown = true;
        }

        @Override
        public List<Runnable> shutdownNow() {
            shutdown = true;
            return List.of();
        }

        @Override
        public boolean isShutdown() {
            return shutdown;
        }

        @Override
        public boolean isTerminated() {
            return shutdown;
        }

        @Override
        public boolean awaitTermination(long timeout, TimeUnit unit) {
            return shutdown;
        }
    }
}
