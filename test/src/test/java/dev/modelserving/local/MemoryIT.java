package dev.modelserving.local;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.modelserving.emulators.FreePort;
import dev.modelserving.emulators.LocalAws;
import dev.modelserving.model.ModelRef;
import dev.modelserving.registration.ModelRegistration;
import dev.modelserving.registry.AliasRecord;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * More models than fit into memory. {@code -Dmemory.models=1000 -Dmemory.seconds=300} is the long form, which
 * {@code -Psoak} runs.
 */
class MemoryIT {
    private static final int MODELS = Integer.getInteger("memory.models", 60);
    private static final Duration DURATION = Duration.ofSeconds(Long.getLong("memory.seconds", 10));
    private static final int FITTING = MODELS / 20;
    private static final int SENDERS = 8;
    private static final Duration LONG = Duration.ofMinutes(2);
    private static final String ONE_FLOWER =
            "{\"inputs\":[{\"name\":\"features\",\"shape\":[1,4],\"datatype\":\"FP32\",\"data\":[6.7,3.1,4.4,1.4]}]}";

    @TempDir
    private static Path folder;

    private static LocalAws aws;

    @BeforeAll
    static void register() throws Exception {
        aws = LocalAws.start(folder.resolve("aws"));
        ModelRegistration registration = SampleModels.registration(aws);
        for (int number = 0; number < MODELS; number++) {
            ModelRef ref = model(number);
            registration.register(ref, SampleModels.folder(ModelRef.of("iris", 1)), "");
            registration.point(AliasRecord.CHAMPION, ref, "test");
        }
    }

    @AfterAll
    static void stop() {
        aws.close();
    }

    private static ModelRef model(int number) {
        return ModelRef.of("model-" + number, 1);
    }

    /** The most asked-for models stay; the others come and go, and nothing fails or grows. */
    @Test
    void servesByZipfsLawWhatDoesNotFitTogether() throws Exception {
        Map<String, String> variables = Map.of(
                "MODEL_MEMORY_MAX_BYTES", FITTING * 160 + " KiB", "INFERENCE_QUEUE_SIZE", "64", "LOG_FORMAT", "text");
        try (ServiceProcess service = start("zipf", variables)) {
            assertThat(service.awaitReady(LONG)).isTrue();
            Zipf zipf = new Zipf(MODELS);
            AtomicLong answered = new AtomicLong();
            AtomicLong refused = new AtomicLong();
            send(service, zipf, DURATION.dividedBy(2), answered, refused);
            long settled = residentKilobytes(service);
            send(service, zipf, DURATION.dividedBy(2), answered, refused);
            long after = residentKilobytes(service);

            String log = Files.readString(folder.resolve("zipf.log"));
            System.out.printf(
                    "%d models, %d fit: %d answers, %d told to come later; resident %d MiB, then %d MiB%n",
                    MODELS, FITTING, answered.get(), refused.get(), settled >> 10, after >> 10);
            log.lines().filter(line -> line.contains("versions in memory")).forEach(System.out::println);
            assertThat(answered.get()).isPositive();
            assertThat(refused.get()).isLessThanOrEqualTo(answered.get() / 100);
            assertThat(after).isLessThan(settled + settled / 10);
            assertThat(states(service).getOrDefault("EVICTED", 0)).isGreaterThan(MODELS / 2);
            assertThat(states(service).getOrDefault("FAILED", 0)).isZero();
        }
    }

    @Test
    void answersFiftyFirstRequestsForAColdModelWithOneDownloadAndOneLoad() throws Exception {
        try (ServiceProcess service = start("cold", Map.of("MODEL_LOADING", "lazy", "LOG_FORMAT", "text"))) {
            assertThat(service.awaitReady(LONG)).isTrue();
            assertThat(states(service)).containsOnlyKeys("DECLARED");
            ExecutorService senders = Executors.newFixedThreadPool(50);
            try {
                List<Future<JsonClient.Answer>> answers = new ArrayList<>();
                URI url = service.url("/predict/model-7");
                for (int i = 0; i < 50; i++) {
                    answers.add(senders.submit(() -> new JsonClient().post(url, ONE_FLOWER)));
                }
                for (Future<JsonClient.Answer> answer : answers) {
                    assertThat(answer.get().status()).isEqualTo(200);
                    assertThat(answer.get().body().at("/outputs/0/data/0").asInt())
                            .isEqualTo(1);
                }
            } finally {
                senders.shutdownNow();
            }
            List<String> loads = Files.readAllLines(folder.resolve("cold.log")).stream()
                    .filter(line -> line.contains("loaded model-7/1"))
                    .toList();
            assertThat(loads).hasSize(1);
        }
    }

    private void send(ServiceProcess service, Zipf zipf, Duration duration, AtomicLong answered, AtomicLong refused)
            throws Exception {
        ExecutorService senders = Executors.newFixedThreadPool(SENDERS);
        try {
            long end = System.nanoTime() + duration.toNanos();
            List<Future<?>> sending = new ArrayList<>();
            for (int sender = 0; sender < SENDERS; sender++) {
                Random random = new Random(sender);
                JsonClient client = new JsonClient();
                sending.add(senders.submit(() -> {
                    while (System.nanoTime() < end) {
                        URI url = service.url(
                                "/predict/" + model(zipf.next(random)).id());
                        JsonClient.Answer answer = client.post(url, ONE_FLOWER);
                        if (answer.status() == 503) {
                            assertThat(answer.body().get("error").asText()).contains("there is no memory");
                            refused.incrementAndGet();
                        } else {
                            assertThat(answer.status())
                                    .as(answer.body().toString())
                                    .isEqualTo(200);
                            assertThat(answer.body().at("/outputs/0/data/0").asInt())
                                    .isEqualTo(1);
                            answered.incrementAndGet();
                        }
                    }
                    return null;
                }));
            }
            for (Future<?> one : sending) {
                one.get();
            }
        } finally {
            senders.shutdownNow();
        }
    }

    private static Map<String, Integer> states(ServiceProcess service) throws IOException, InterruptedException {
        Map<String, Integer> states = new HashMap<>();
        for (JsonNode model :
                new JsonClient().get(service.url("/models")).body().get("models")) {
            states.merge(model.get("state").asText(), 1, Integer::sum);
        }
        return states;
    }

    private static long residentKilobytes(ServiceProcess service) throws IOException {
        return Files.readAllLines(Path.of("/proc/" + service.pid() + "/status")).stream()
                .filter(line -> line.startsWith("VmRSS"))
                .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")))
                .findFirst()
                .orElseThrow();
    }

    private ServiceProcess start(String name, Map<String, String> variables) throws IOException {
        Map<String, String> environment = new HashMap<>(aws.environment());
        environment.put("MODEL_CACHE_DIR", folder.resolve("cache").toString());
        // A heap of a container's size, so that what grows is not the heap.
        environment.put("JAVA_TOOL_OPTIONS", "-Xmx256m");
        environment.putAll(variables);
        return ServiceProcess.start(
                environment,
                FreePort.find(),
                ProcessBuilder.Redirect.to(folder.resolve(name + ".log").toFile()));
    }

    /** Numbers from 0, where number n comes up in proportion to 1 / (n + 1). */
    private static final class Zipf {
        private final double[] cumulated;

        Zipf(int count) {
            cumulated = new double[count];
            double sum = 0;
            for (int i = 0; i < count; i++) {
                sum += 1.0 / (i + 1);
                cumulated[i] = sum;
            }
        }

        int next(Random random) {
            double wanted = random.nextDouble() * cumulated[cumulated.length - 1];
            int index = 0;
            while (cumulated[index] < wanted) {
                index++;
            }
            return index;
        }
    }
}
