package dev.modelserving.local;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.modelserving.model.ModelRef;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;

/**
 * What a model's versions answer to the first example of one of them, as bytes: fast to compare under load. The bytes are
 * learnt from the service itself, once, and only after the answer was found right by the example.
 */
final class RightAnswers {
    private static final String OUTPUTS = "\"outputs\":";

    private final String path;
    private final String request;
    private final Map<Long, byte[]> outputs = new HashMap<>();

    private RightAnswers(String path, String request) {
        this.path = path;
        this.request = request;
    }

    /**
     * Asks for each version that may answer for {@code model}.
     *
     * @param samples by version number, the sample with the same files
     */
    static RightAnswers learn(ServiceProcess service, String model, Map<Long, ModelRef> samples) throws Exception {
        RightAnswers answers = new RightAnswers(
                "/predict/" + model,
                first(samples.values().iterator().next()).get("request").toString());
        for (Map.Entry<Long, ModelRef> sample : samples.entrySet()) {
            String body = answers.ask(service, answers.path + "?version=" + sample.getKey());
            Examples.assertAnswers(first(sample.getValue()), JsonClient.JSON.readTree(body));
            answers.outputs.put(
                    sample.getKey(), body.substring(body.indexOf(OUTPUTS)).getBytes(UTF_8));
        }
        return answers;
    }

    private String ask(ServiceProcess service, String from) throws IOException {
        int[] ports = {service.url("").getPort()};
        try (HttpConnection connection = new HttpConnection(() -> ports)) {
            HttpConnection.Answer answer = connection.send(HttpConnection.post(from, request));
            String body = new String(answer.body, UTF_8);
            assertThat(answer.status).as(body).isEqualTo(200);
            return body;
        }
    }

    private static JsonNode first(ModelRef sample) throws Exception {
        return Examples.of(SampleModels.folder(sample)).iterator().next();
    }

    /** The example, answered by any of these versions as that version does. */
    Load.Call call(long... versions) {
        List<Predicate<byte[]>> rights = new ArrayList<>();
        for (long version : versions) {
            byte[] head = ("\"model_version\":" + version + ",").getBytes(UTF_8);
            byte[] end = outputs.get(version);
            rights.add(body -> endsWith(body, end) && contains(body, head));
        }
        return new Load.Call(
                HttpConnection.post(path, request), body -> rights.stream().anyMatch(right -> right.test(body)));
    }

    private static boolean endsWith(byte[] body, byte[] end) {
        return body.length >= end.length
                && Arrays.equals(body, body.length - end.length, body.length, end, 0, end.length);
    }

    private static boolean contains(byte[] body, byte[] part) {
        for (int i = 0; i + part.length <= body.length; i++) {
            if (Arrays.equals(body, i, i + part.length, part, 0, part.length)) {
                return true;
            }
        }
        return false;
    }
}
