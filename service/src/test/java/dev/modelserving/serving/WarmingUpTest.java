package dev.modelserving.serving;

import static dev.modelserving.serving.ServingFixture.await;
import static org.assertj.core.api.Assertions.assertThat;

import dev.modelserving.SampleFolders;
import dev.modelserving.model.ModelId;
import dev.modelserving.model.ModelRef;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class WarmingUpTest {
    private static final ModelRef IRIS_1 = ModelRef.of("iris", 1);
    private static final ModelRef IRIS_2 = ModelRef.of("iris", 2);

    private final CountDownLatch mayEnd = new CountDownLatch(1);
    private final Map<ModelId, Integer> requests = new HashMap<>();
    private final AtomicInteger runs = new AtomicInteger();

    @TempDir
    private Path directory;

    private ServingFixture fixture;

    private void create(Map<String, String> variables) throws Exception {
        fixture = new ServingFixture(directory, variables);
        fixture.register(IRIS_1, SampleFolders.IRIS_1);
        fixture.register(IRIS_2, SampleFolders.IRIS_2);
        fixture.champion(IRIS_1);
        fixture.warmUpWith((each, limit) -> {
            each.forEach((model, examples) -> requests.put(model, examples.size()));
            runs.incrementAndGet();
            awaitEnd();
        });
    }

    private void awaitEnd() {
        try {
            mayEnd.await();
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    @AfterEach
    void stop() throws Exception {
        mayEnd.countDown();
        fixture.close();
    }

    @Test
    void isReadyOnceTheChampionsHaveAnsweredTheirExamplesForAWhile() throws Exception {
        create(Map.of());
        fixture.start();
        await(() -> fixture.serving().obstacle().equals("warming up"));
        await(() -> runs.get() == 1);
        assertThat(requests).containsExactly(Map.entry(IRIS_1.id(), 4));
        assertThat(fixture.serving().isReady()).isFalse();
        mayEnd.countDown();
        await(() -> fixture.serving().isReady());
    }

    @Test
    void answersAndFollowsTheRegistryMeanwhile() throws Exception {
        create(Map.of());
        fixture.start();
        await(() -> runs.get() == 1);
        assertThat(fixture.answer(IRIS_1)).isEqualTo(IRIS_1);
        fixture.champion(IRIS_2);
        await(() ->
                fixture.predictByChampion(IRIS_1).toCompletableFuture().join().equals(IRIS_2));
        mayEnd.countDown();
        await(() -> fixture.serving().isReady());
        assertThat(runs).hasValue(1);
    }

    @Test
    void isReadyWhenItFails() throws Exception {
        create(Map.of());
        fixture.warmUpWith((each, limit) -> {
            throw new IllegalStateException("for the test");
        });
        fixture.startAndAwaitReady();
    }

    @Test
    void isToldHowLongItMayTake() throws Exception {
        create(Map.of("WARM_UP_LIMIT", "7s"));
        CompletableFuture<Duration> told = new CompletableFuture<>();
        fixture.warmUpWith((each, limit) -> told.complete(limit));
        fixture.startAndAwaitReady();
        assertThat(told).isCompletedWithValue(Duration.ofSeconds(7));
    }

    @Test
    void isLeftOutWhereNoTimeIsGiven() throws Exception {
        create(Map.of("WARM_UP_LIMIT", "0s"));
        fixture.startAndAwaitReady();
        assertThat(runs).hasValue(0);
    }
}
