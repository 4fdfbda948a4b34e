package dev.modelserving.serving;

import static dev.modelserving.serving.ServingFixture.LONG;
import static dev.modelserving.serving.ServingFixture.await;
import static org.assertj.core.api.Assertions.assertThat;

import dev.modelserving.model.BatchingVerdict;
import dev.modelserving.model.InferenceRequest;
import dev.modelserving.model.ModelRef;
import dev.modelserving.model.RuntimeKind;
import dev.modelserving.model.Shape;
import dev.modelserving.model.Tensor;
import dev.modelserving.model.TensorMemory;
import dev.modelserving.model.TensorType;
import dev.modelserving.registry.VersionRecord;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Which predictions are computed together, and where. */
class JoiningTest {
    private static final Path TEST = Path.of("..", "test");

    /** One row answers 0; rows that were joined answer by how much they are above their mean. */
    private static final ModelRef MEAN = ModelRef.of("batch-mean", 1);

    /** Takes a millisecond for each iteration that is asked for. */
    private static final ModelRef SLOW = ModelRef.of("slow", 1);

    private static final int MANY_TURNS = 500;
    private static final int REQUESTS_A_TURN = 8;

    @TempDir
    private Path directory;

    private ServingFixture fixture;

    /** An event loop whose turns this test ends by itself. */
    private final Queue<Runnable> loop = new ArrayDeque<>();

    private final QuickRuns quickRuns = new QuickRuns(loop::add, TensorMemory::collected);

    @BeforeEach
    void prepare() throws Exception {
        fixture = new ServingFixture(directory.resolve("cache"), Map.of("INFERENCE_THREADS", "1"));
    }

    @AfterEach
    void stop() {
        fixture.close();
    }

    @Test
    void joinsWhatWasReadInOneTurn() throws Exception {
        serveMean(BatchingVerdict.allowed(64, "whatever it answers", RuntimeKind.ANY));
        assertThat(hasJoinedWithin(MANY_TURNS)).isTrue();
    }

    @Test
    void neverJoinsWhatMayNotBeJoined() throws Exception {
        serveMean(BatchingVerdict.refused("rows depend on each other", RuntimeKind.ANY));
        assertThat(hasJoinedWithin(MANY_TURNS)).isFalse();
    }

    /** With verdicts of the registry. */
    private void serveMean(BatchingVerdict verdict) throws Exception {
        fixture.register(
                MEAN, TEST.resolve("batching-models").resolve("batch-mean").resolve("1"));
        VersionRecord registered = fixture.registry.changedSince(Instant.EPOCH).records().stream()
                .filter(VersionRecord.class::isInstance)
                .map(VersionRecord.class::cast)
                .findFirst()
                .orElseThrow();
        fixture.registry.write(
                new VersionRecord(
                        MEAN,
                        registered.status(),
                        "",
                        registered.artifactPrefix(),
                        registered.files(),
                        registered.examplesPath(),
                        null,
                        null,
                        verdict,
                        registered.rev() + 1),
                Instant.now());
        fixture.champion(MEAN);
        fixture.startAndAwaitReady();
    }

    private boolean hasJoinedWithin(int turns) {
        for (int turn = 0; turn < turns; turn++) {
            List<Asked> asked = new ArrayList<>();
            for (int row = 0; row < REQUESTS_A_TURN; row++) {
                InferenceRequest request =
                        new InferenceRequest(Map.of("x", floats(Shape.of(1, 4), row, row, row, row)), List.of());
                asked.add(ask(MEAN, request));
            }
            endTurn();
            for (Asked answered : asked) {
                Tensor.Numbers y =
                        (Tensor.Numbers) answered.join().response().outputs().get("y");
                if (y.data().getFloat(0) != 0) {
                    return true;
                }
            }
        }
        return false;
    }

    @Test
    void endsWhatWasTakenForQuickAndComputesItOnAThreadThatMayTakeItsTime() throws Exception {
        Path folder = Files.createDirectory(directory.resolve("slow"));
        Files.copy(TEST.resolve("broken-models").resolve("slow-tunable.onnx"), folder.resolve("model.onnx"));
        fixture.register(SLOW, folder);
        fixture.champion(SLOW);
        fixture.startAndAwaitReady();
        await(() -> {
            Asked asked = askForIterations(0);
            endTurn();
            asked.join();
            return asked.thread().equals(Thread.currentThread());
        });

        Asked slow = askForIterations(1500);
        endTurn();
        assertThat(slow).as("the turn did not wait for it").isNotDone();
        slow.join();
        assertThat(slow.thread().getName()).startsWith("inference");
    }

    private Asked askForIterations(long iterations) {
        ByteBuffer data = ByteBuffer.allocateDirect(8).order(ByteOrder.nativeOrder());
        data.putLong(0, iterations);
        return ask(
                SLOW,
                new InferenceRequest(
                        Map.of(
                                "x",
                                floats(Shape.of(1, 1), 1),
                                "iterations",
                                new Tensor.Numbers(TensorType.INT64, Shape.of(1), data)),
                        List.of()));
    }

    private Asked ask(ModelRef model, InferenceRequest request) {
        return Asked.of(
                fixture.serving().engine(), model.id(), Optional.empty(), LONG, () -> request, Optional.of(quickRuns));
    }

    private void endTurn() {
        while (!loop.isEmpty()) {
            loop.remove().run();
        }
    }

    private static Tensor floats(Shape shape, float... values) {
        ByteBuffer data = ByteBuffer.allocateDirect(4 * values.length).order(ByteOrder.nativeOrder());
        data.asFloatBuffer().put(values);
        return new Tensor.Numbers(TensorType.FP32, shape, data);
    }
}
