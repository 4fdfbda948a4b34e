package dev.modelserving;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.AppenderBase;
import dev.modelserving.api.rest.OwnRequests;
import dev.modelserving.emulators.LocalAws;
import dev.modelserving.model.ModelRef;
import dev.modelserving.registration.ModelRegistration;
import dev.modelserving.registry.AliasRecord;
import dev.modelserving.settings.Settings;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.LoggerFactory;

/** What the whole service does before it is ready. */
@ExtendWith(EmulatedAws.class)
class WarmUpIT {
    private static final ModelRef WARM = ModelRef.of("warm", 1);

    private final Logger access = (Logger) LoggerFactory.getLogger("access");
    private final Logger own = (Logger) LoggerFactory.getLogger(OwnRequests.class);
    private final Lines lines = new Lines();

    @TempDir
    private Path cache;

    private static final class Lines extends AppenderBase<ILoggingEvent> {
        private final List<String> messages = new CopyOnWriteArrayList<>();

        @Override
        protected void append(ILoggingEvent event) {
            messages.add(event.getFormattedMessage());
        }
    }

    @BeforeEach
    void listen() {
        lines.start();
        for (Logger logger : List.of(access, own)) {
            logger.setLevel(Level.INFO);
            logger.addAppender(lines);
        }
    }

    @AfterEach
    void stopListening() {
        for (Logger logger : List.of(access, own)) {
            logger.setLevel(null);
            logger.detachAppender(lines);
        }
    }

    @Test
    void answersRequestsOfItsOwnThatAreInNoLog(LocalAws aws) throws Exception {
        ModelRegistration registration = EmulatedAws.registration(aws);
        registration.register(WARM, SampleFolders.IRIS_2, "flowers");
        registration.point(AliasRecord.CHAMPION, WARM, "test");
        EmulatedAws.useByDefault(aws);
        Map<String, String> environment = new HashMap<>(aws.environment());
        environment.putAll(Map.of(
                "HTTP_PORT", "0",
                "MODEL_CACHE_DIR", cache.toString(),
                "PREDICTION_LOG", "full",
                "WARM_UP_LIMIT", "1s"));
        Service service = Service.start(Settings.fromEnvironment(environment));
        try {
            URI url = URI.create("http://127.0.0.1:" + service.port() + "/health/readiness");
            Awaitility.await().atMost(Duration.ofSeconds(30)).until(() -> get(url) == 200);
        } finally {
            service.drain();
        }
        assertThat(lines.messages)
                .anyMatch(line -> line.matches("warmed up with [0-9]{3,} requests in [0-9]{3,4} ms"))
                .anyMatch(line -> line.contains("GET /health/readiness"))
                .noneMatch(line -> line.contains("/predict/"));
        assertThat(aws.s3()
                        .listObjectsV2(list ->
                                list.bucket(LocalAws.GOLD_BUCKET).prefix("predictions/model_id=" + WARM.id() + "/"))
                        .contents())
                .isEmpty();
    }

    private static int get(URI url) throws Exception {
        return HttpClient.newHttpClient()
                .send(HttpRequest.newBuilder(url).build(), BodyHandlers.discarding())
                .statusCode();
    }
}
