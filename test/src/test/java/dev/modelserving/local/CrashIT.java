package dev.modelserving.local;

import static org.assertj.core.api.Assertions.assertThat;

import dev.modelserving.emulators.FreePort;
import dev.modelserving.emulators.LocalAws;
import dev.modelserving.model.ModelRef;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A champion that kills the process when it is loaded. */
class CrashIT {
    private static final Duration LONG = Duration.ofSeconds(60);
    private static final int ABORTED = 128 + 6;

    @TempDir
    private Path work;

    private final JsonClient client = new JsonClient();
    private final List<Path> reports = new ArrayList<>();

    @AfterEach
    void removeReports() throws IOException {
        for (Path report : reports) {
            Files.deleteIfExists(report);
        }
    }

    /** When it dies while another model loads too, it takes a second death to know who did it. */
    @Test
    void isFoundOutAndLeftAloneWhileTheOthersAreServed() throws Exception {
        try (LocalAws aws = LocalAws.start(work.resolve("aws"))) {
            OddModels.registerUnchecked(aws, ModelRef.of("iris", 1), SampleModels.folder(ModelRef.of("iris", 1)));
            OddModels.registerUnchecked(aws, ModelRef.of("crash-at-load", 1), OddModels.edge("crash-at-load"));

            assertThat(dies(aws)).isTrue();
            if (!dies(aws)) {
                return;
            }
            assertThat(dies(aws)).isFalse();
        }
    }

    /** Starts the service; says false when it lives and has said who is guilty. */
    private boolean dies(LocalAws aws) throws Exception {
        try (ServiceProcess service = start(aws)) {
            try {
                Awaitility.await()
                        .atMost(LONG)
                        .until(() -> !service.isAlive()
                                || reason(service)
                                        .contains(
                                                "it crashed the process while it was loaded, and is not tried again"));
                if (!service.isAlive()) {
                    assertThat(service.awaitExit(LONG)).isEqualTo(ABORTED);
                    return true;
                }
                assertThat(service.awaitReady(LONG)).isTrue();
                URI iris = service.url("/predict/iris");
                Awaitility.await()
                        .atMost(LONG)
                        .untilAsserted(() -> assertThat(client.post(iris, "{\"instances\":[[5,3,1,0.2]]}")
                                        .status())
                                .isEqualTo(200));
                return false;
            } finally {
                reports.add(Path.of("hs_err_pid" + service.pid() + ".log"));
            }
        }
    }

    private String reason(ServiceProcess service) throws InterruptedException {
        try {
            return client.get(service.url("/models/crash-at-load"))
                    .body()
                    .path("reason")
                    .asText();
        } catch (IOException e) {
            return "not listening: " + e;
        }
    }

    private ServiceProcess start(LocalAws aws) throws Exception {
        Map<String, String> environment = new HashMap<>(aws.environment());
        environment.put("MODEL_CACHE_DIR", work.resolve("cache").toString());
        return ServiceProcess.start(
                environment,
                FreePort.find(),
                ProcessBuilder.Redirect.appendTo(work.resolve("service.log").toFile()));
    }
}
