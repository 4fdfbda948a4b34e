package dev.modelserving;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.modelserving.emulators.LocalAws;
import dev.modelserving.model.ModelRef;
import dev.modelserving.registration.ModelRegistration;
import dev.modelserving.registry.AliasRecord;
import dev.modelserving.settings.Settings;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.zip.DeflaterOutputStream;
import java.util.zip.GZIPInputStream;
import java.util.zip.GZIPOutputStream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import software.amazon.awssdk.services.s3.model.S3Object;

/** What the whole service logs, over HTTP and on an emulated S3. */
@ExtendWith(EmulatedAws.class)
class PredictionLoggingIT {
    private static final ModelRef LOGGED = ModelRef.of("logged", 1);
    private static final ModelRef UNLOGGED = ModelRef.of("unlogged", 1);
    private static final String ONE_FLOWER = "{\"instances\":[[6.7,3.1,4.4,1.4]]}";
    private static final String PRETTY = "{\r\n\t\"id\": \"mine\",\n  \"instances\": [[6.7,3.1,4.4,1.4]]\n}\n";

    @TempDir
    private Path cache;

    private final HttpClient client = HttpClient.newHttpClient();

    @Test
    void writesRequestAndAnswerAsTheyWereOfTheModelsThatAreLogged(LocalAws aws) throws Exception {
        ModelRegistration registration = EmulatedAws.registration(aws);
        for (ModelRef ref : List.of(LOGGED, UNLOGGED)) {
            registration.register(ref, SampleFolders.IRIS_2, "flowers");
            registration.point(AliasRecord.CHAMPION, ref, "test");
        }
        EmulatedAws.useByDefault(aws);
        Service service = Service.start(Settings.fromEnvironment(environment(aws)));
        List<String> answers = new ArrayList<>();
        try {
            URI url = URI.create("http://127.0.0.1:" + service.port() + "/predict/logged");
            Awaitility.await()
                    .atMost(Duration.ofSeconds(30))
                    .until(() -> get(url.resolve("/health/readiness")).statusCode() == 200);
            answers.add(send(url, "", PRETTY.getBytes(UTF_8)));
            answers.add(send(url, "gzip", packed("gzip", ONE_FLOWER)));
            answers.add(send(url, "deflate", packed("deflate", ONE_FLOWER)));
            assertThat(send(url.resolve("unlogged"), "", ONE_FLOWER.getBytes(UTF_8)))
                    .contains("predictions");
            assertThat(get(url.resolve("/health")).body())
                    .contains("\"predictionLog\":{\"name\":\"model-serving\",\"status\":\"UP\"", "\"logged\":3");
        } finally {
            service.drain();
        }
        List<String> lines = lines(aws, LOGGED);
        assertThat(lines).hasSize(3);
        assertThat(lines.get(0))
                .contains("\"seq\":1,", "\"request\":{   \"id\": \"mine\",   \"instances\": [[6.7,3.1,4.4,1.4]] } ,")
                .endsWith(",\"response\":" + answers.get(0) + "}");
        assertThat(lines.get(1)).endsWith(",\"request\":" + ONE_FLOWER + ",\"response\":" + answers.get(1) + "}");
        assertThat(lines.get(2)).endsWith(",\"request\":" + ONE_FLOWER + ",\"response\":" + answers.get(2) + "}");
        assertThat(lines(aws, UNLOGGED)).isEmpty();
    }

    private Map<String, String> environment(LocalAws aws) {
        Map<String, String> environment = new HashMap<>(aws.environment());
        environment.put("HTTP_PORT", "0");
        environment.put("MODEL_CACHE_DIR", cache.toString());
        environment.put("PREDICTION_LOG", "logged=full");
        return environment;
    }

    private HttpResponse<String> get(URI url) throws IOException, InterruptedException {
        return client.send(HttpRequest.newBuilder(url).build(), BodyHandlers.ofString());
    }

    private String send(URI url, String encoding, byte[] body) throws IOException, InterruptedException {
        HttpRequest.Builder request = HttpRequest.newBuilder(url).POST(BodyPublishers.ofByteArray(body));
        if (!encoding.isEmpty()) {
            request.header("Content-Encoding", encoding);
        }
        HttpResponse<String> answer = client.send(request.build(), BodyHandlers.ofString());
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
        return answer.body();
    }

    private static byte[] packed(String encoding, String text) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (OutputStream out =
                encoding.equals("gzip") ? new GZIPOutputStream(bytes) : new DeflaterOutputStream(bytes)) {
            out.write(text.getBytes(UTF_8));
        }
        return bytes.toByteArray();
    }

    private static List<String> lines(LocalAws aws, ModelRef ref) throws IOException {
        List<String> lines = new ArrayList<>();
        for (S3Object object : aws.s3()
                .listObjectsV2Paginator(
                        list -> list.bucket(LocalAws.GOLD_BUCKET).prefix("predictions/model_id=" + ref.id() + "/dt="))
                .contents()) {
            byte[] file = aws.s3()
                    .getObjectAsBytes(get -> get.bucket(LocalAws.GOLD_BUCKET).key(object.key()))
                    .asByteArray();
            try (GZIPInputStream unpacked = new GZIPInputStream(new ByteArrayInputStream(file))) {
                lines.addAll(new String(unpacked.readAllBytes(), UTF_8).lines().toList());
            }
        }
        return lines;
    }
}
