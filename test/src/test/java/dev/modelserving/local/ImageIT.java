package dev.modelserving.local;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.modelserving.emulators.FreePort;
import dev.modelserving.emulators.LocalAws;
import dev.modelserving.local.ContainerImage.Ended;
import dev.modelserving.model.ModelRef;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/**
 * The image as it is deployed: half a processor, 512 MiB, a read-only root, no capabilities. Every container but those of
 * the image's own command is told to end when it cannot take the AOT cache.
 */
@ExtendWith(ContainerImage.class)
class ImageIT {
    private static final Duration LONG = Duration.ofSeconds(90);
    private static final ModelRef IRIS = ModelRef.of("iris", 2);
    private static final ModelRef PENGUINS = ModelRef.of("penguins", 1);
    private static final ModelRef NEEDS_LOCALE = ModelRef.of("needs-locale", 1);
    private static final List<String> READ_ONLY = List.of("--read-only", "--read-only-tmpfs=false");

    @TempDir
    private static Path work;

    private static String image;
    private static LocalAws aws;
    private static ServiceContainer container;

    private final JsonClient client = new JsonClient();

    @BeforeAll
    static void start(String built) throws Exception {
        image = built;
        aws = LocalAws.start(work.resolve("aws"));
        OddModels.registerUnchecked(aws, IRIS, SampleModels.folder(IRIS));
        OddModels.registerUnchecked(aws, PENGUINS, SampleModels.folder(PENGUINS));
        OddModels.registerUnchecked(aws, NEEDS_LOCALE, OddModels.broken("needs-locale", work));
        container = start(Map.of(), READ_ONLY, command("-XX:+UseSerialGC", "-Xmx128m"));
        assertThat(container.process().awaitReady(LONG))
                .as(container.output().toString())
                .isTrue();
    }

    @AfterAll
    static void stop() {
        if (container != null) {
            container.close();
        }
        if (aws != null) {
            aws.close();
        }
    }

    private static ServiceContainer start(Map<String, String> variables, List<String> options, List<String> command)
            throws Exception {
        Map<String, String> environment = new HashMap<>(aws.environment());
        environment.putAll(variables);
        return ServiceContainer.start(image, environment, work, options, command);
    }

    /** As an ECS task definition replaces it. */
    private static List<String> command(String... flags) {
        List<String> command = new ArrayList<>(List.of("-XX:AOTMode=on"));
        command.addAll(List.of(flags));
        command.addAll(List.of("-jar", "/app/model-serving.jar"));
        return command;
    }

    @Test
    void answersWhatItsModelsSay() throws Exception {
        for (ModelRef ref : List.of(IRIS, PENGUINS)) {
            for (JsonNode example : Examples.of(SampleModels.folder(ref))) {
                assertAnswers(ref, example);
            }
        }
    }

    @Test
    void hasTheLocaleOfTextModels() throws Exception {
        for (JsonNode example : Examples.of(OddModels.broken("needs-locale-c-utf8", work))) {
            assertAnswers(NEEDS_LOCALE, example);
        }
    }

    private void assertAnswers(ModelRef ref, JsonNode example) throws Exception {
        JsonClient.Answer answer = client.post(
                container.process().url("/predict/" + ref.id()),
                example.get("request").toString());
        assertThat(answer.status()).as(answer.body().toString()).isEqualTo(200);
        Examples.assertAnswers(example, answer.body());
    }

    @Test
    void isHealthyByItsOwnProgram() {
        assertThat(container.execute("/app/health")).isEqualTo(new Ended(0, List.of(), ""));
    }

    @Test
    void saysWhyItIsNotHealthy() throws Exception {
        assertThat(container.execute("/usr/bin/env", "HTTP_PORT=1", "/app/health"))
                .isEqualTo(new Ended(1, List.of("nothing listens on port 1"), ""));
        String nobody = "http://127.0.0.1:" + FreePort.find();
        try (ServiceContainer unready =
                start(Map.of("AWS_ENDPOINT_URL_DYNAMODB", nobody), READ_ONLY, command("-XX:+UseSerialGC"))) {
            Ended notReady = new Ended(1, List.of("/health/startup answers HTTP/1.1 503"), "");
            Flowers.soon().until(() -> unready.execute("/app/health").equals(notReady));
        }
    }

    @Test
    void runsWithoutAnyRights() {
        assertThat(container.ask("grep -E '^(Uid|Gid|CapEff|CapBnd|NoNewPrivs)' /proc/1/status"))
                .containsExactly(
                        "Uid:\t10001\t10001\t10001\t10001",
                        "Gid:\t10001\t10001\t10001\t10001",
                        "CapEff:\t0000000000000000",
                        "CapBnd:\t0000000000000000",
                        "NoNewPrivs:\t1");
        assertThat(container.ask("id -u; touch /app/x /etc/x /usr/x 2>&1 | grep -c 'Read-only'"))
                .containsExactly("10001", "3");
    }

    @Test
    void takesNativeLibrariesFromWhereTheyLie() {
        assertThat(container.ask("find /tmp -not -type d")).isEmpty();
        assertThat(container.ask("grep -oE '/[^ ]*\\.so$' /proc/1/maps | sort -u"))
                .contains("/app/native/libonnxruntime.so", "/app/native/libonnxruntime4j_jni.so")
                .contains("/app/native/libjnidispatch.so")
                .noneMatch(library -> library.startsWith("/tmp"));
    }

    @Test
    void answersEveryRequestAfterSigtermAndWritesNothingOutsideItsVolumes() throws Exception {
        try (ServiceContainer writable = start(Map.of(), List.of(), command("-XX:+UseG1GC", "-Xmx192m"))) {
            assertThat(writable.process().awaitReady(LONG))
                    .as(writable.output().toString())
                    .isTrue();
            assertThat(writable.ask("find / -xdev -user 10001 -print -prune"))
                    .containsExactlyInAnyOrder("/tmp", "/var/lib/model-serving");
            DrainedConnections.assertNothingIsLost(writable.process(), LONG);
        }
    }

    @Test
    void verifiesInStepFunctionsModeAndEndsWith0() throws Exception {
        Map<String, String> variables =
                Map.of("EXECUTION_MODE", "step-functions", "CANDIDATE_MODEL_ID", "iris", "CANDIDATE_VERSION", "2");
        try (ServiceContainer verifying = start(variables, READ_ONLY, command("-XX:+UseSerialGC"))) {
            assertThat(verifying.process().awaitExit(LONG))
                    .as(verifying.output().toString())
                    .isZero();
            assertThat(verifying.output()).last().asString().contains(": 1 VERIFIED; exit code 0");
        }
    }

    /** By the image's own command; a JVM that does not like a flag, or the cache, would say so in further lines. */
    @Test
    void saysWhatIsWrongWithTheEnvironmentAndEndsWith78() throws Exception {
        try (ServiceContainer wrong = start(Map.of("GOLD_BUCKET", "UPPER"), READ_ONLY, List.of())) {
            assertThat(wrong.process().awaitExit(LONG)).isEqualTo(78);
            assertThat(wrong.output())
                    .containsExactly(
                            "model-serving: the environment is not complete or not valid:",
                            "  GOLD_BUCKET is 'UPPER' (expected: an S3 bucket's name)");
        }
    }

    @Test
    void isSmall() {
        assertThat(ContainerImage.bytesBesideTheBase(image))
                .isPositive()
                .isLessThan(ContainerImage.MOST_BYTES_BESIDE_THE_BASE);
    }

    @Test
    void hasTheSameLayersWhenItIsBuiltAgainButForTheAotCache() {
        Ended again = ContainerImage.run("build.sh", "-s", "application");
        assertThat(again.exitCode()).as(again.errors()).isZero();
        List<String> layers = ContainerImage.layers(image);
        assertThat(ContainerImage.layers(again.output().get(0))).isEqualTo(layers.subList(0, layers.size() - 1));
    }
}
