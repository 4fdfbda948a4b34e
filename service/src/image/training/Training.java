import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.BufferedReader;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/**
 * Makes the AOT cache of the image: runs the service as the image runs it, against a stand-in for DynamoDB and S3 that
 * holds one model, asks it what callers ask, and ends it with SIGTERM, whereupon the JVM writes the cache. Then starts
 * it once more to see that the cache is taken. Fails when an answer is not right: such a cache would be one of a service
 * that does not work. Arguments: the folder of the model, the cache to write, and what starts the service.
 */
final class Training {
    /** Enough for every class that answers need to be loaded. */
    private static final int ROUNDS = 30;

    private static final String ROW = "[6.7,3.1,4.4,1.4]";
    private static final String OIP =
            "{\"inputs\":[{\"name\":\"features\",\"shape\":[1,4],\"datatype\":\"FP32\",\"data\":" + ROW + "}]}";

    private final HttpClient client = HttpClient.newHttpClient();
    private final Path model;
    private final String files;
    private final HttpServer aws;

    private Training(Path model) throws Exception {
        this.model = model;
        this.files = file("model.onnx") + "," + file("examples.json");
        this.aws = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        aws.createContext("/", this::answerAsAws);
        aws.start();
    }

    private String file(String name) throws Exception {
        byte[] content = Files.readAllBytes(model.resolve(name));
        String sha256 = HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(content));
        return "{\"M\":{\"path\":{\"S\":\"%s\"},\"sha256\":{\"S\":\"%s\"},\"sizeBytes\":{\"N\":\"%d\"}}}"
                .formatted(name, sha256, content.length);
    }

    public static void main(String[] arguments) throws Exception {
        Training training = new Training(Path.of(arguments[0]));
        Path cache = Path.of(arguments[1]);
        List<String> command = List.of(arguments).subList(2, arguments.length);
        try {
            // Without profiles of methods, with which the JVM would compile at each start what only load is worth.
            training.run(
                    command,
                    List.of("-XX:AOTCacheOutput=" + cache, "-XX:+UnlockDiagnosticVMOptions", "-XX:-AOTRecordTraining"),
                    ROUNDS);
            require(Files.exists(cache), "the JVM has written no cache");
            // Under this mode the JVM ends when it cannot take the cache.
            training.run(command, List.of("-XX:AOTCache=" + cache, "-XX:AOTMode=on"), 1);
        } finally {
            training.aws.stop(0);
        }
    }

    /** One life of the service. */
    private void run(List<String> command, List<String> flags, int rounds) throws Exception {
        List<String> words = new ArrayList<>(command);
        words.addAll(1, flags);
        ProcessBuilder builder = new ProcessBuilder(words).redirectErrorStream(true);
        String endpoint = "http://127.0.0.1:" + aws.getAddress().getPort();
        builder.environment().putAll(Map.ofEntries(
                Map.entry("AWS_ENDPOINT_URL_S3", endpoint),
                Map.entry("AWS_ENDPOINT_URL_DYNAMODB", endpoint),
                Map.entry("AWS_REGION", "us-east-1"),
                Map.entry("AWS_ACCESS_KEY_ID", "training"),
                Map.entry("AWS_SECRET_ACCESS_KEY", "training"),
                Map.entry("ARTIFACTS_BUCKET", "artifacts"),
                Map.entry("GOLD_BUCKET", "gold"),
                Map.entry("MODEL_REGISTRY_TABLE", "registry"),
                Map.entry("PREDICTION_LOG", "full"),
                Map.entry("MODEL_CACHE_DIR", Files.createTempDirectory("cache").toString()),
                Map.entry("HTTP_PORT", "0")));
        Process service = builder.start();
        try {
            URI url = URI.create("http://127.0.0.1:" + port(service));
            awaitReady(service, url);
            for (int round = 0; round < rounds; round++) {
                ask(url);
            }
            service.toHandle().destroy(); // Process.destroy would also close the pipe to which the JVM still writes
            require(service.waitFor(2, TimeUnit.MINUTES), "the service did not end");
            require(service.exitValue() == 0, "the service ended with " + service.exitValue());
        } finally {
            service.destroyForcibly();
        }
    }

    /** From the log, of which everything but the calls is passed on. */
    private static int port(Process service) throws Exception {
        CompletableFuture<Integer> port = new CompletableFuture<>();
        Thread.ofPlatform().daemon().start(() -> {
            try (BufferedReader log = service.inputReader()) {
                for (String line = log.readLine(); line != null; line = log.readLine()) {
                    if (!line.contains("\"access\"")) {
                        System.out.println(line);
                    }
                    if (line.contains("listening on port ")) {
                        port.complete(Integer.parseInt(line.replaceFirst(".*listening on port ([0-9]+).*", "$1")));
                    }
                }
                port.completeExceptionally(new IOException("the service ended"));
            } catch (IOException e) {
                port.completeExceptionally(e);
            }
        });
        return port.get(1, TimeUnit.MINUTES);
    }

    private void awaitReady(Process service, URI url) throws Exception {
        long deadline = System.nanoTime() + TimeUnit.MINUTES.toNanos(1);
        while (send(url, "/health/startup", null).statusCode() != 200) {
            require(!service.waitFor(50, TimeUnit.MILLISECONDS), "the service ended");
            require(System.nanoTime() < deadline, "the service did not become ready");
        }
    }

    private void ask(URI url) throws Exception {
        String rows = "{\"instances\":[" + ROW + "," + ROW + "]}";
        expect(url, "/predict/iris", OIP, 200, "\"name\":\"label\",\"datatype\":\"INT64\",\"shape\":[1],\"data\":[1]");
        expect(url, "/predict/iris", rows, 200, "\"predictions\":[{\"label\":1,");
        expect(url, "/predict/iris", "{\"inputs\":[" + ROW + "]}", 200, "\"outputs\":{\"label\":[1],");
        expect(url, "/predict/iris", "{\"instances\":[[1,2,3]]}", 400, "INVALID_INPUT");
        expect(url, "/predict/iris", "no JSON", 400, "INVALID_INPUT");
        expect(url, "/predict/iris?version=3", OIP, 404, "NOT_FOUND");
        expect(url, "/predict/iri", OIP, 404, "iris");
        expect(url, "/models", null, 200, "\"state\":\"READY\"");
        expect(url, "/models/iris", null, 200, "\"aliases\":{\"champion\":2}");
        for (String health : List.of("/health", "/health/readiness", "/health/liveness")) {
            expect(url, health, null, 200, "UP");
        }
    }

    private void expect(URI url, String path, String body, int status, String part) throws Exception {
        HttpResponse<String> answer = send(url, path, body);
        require(
                answer.statusCode() == status && answer.body().contains(part),
                path + " gave " + answer.statusCode() + " " + answer.body() + "; expected: " + status + " " + part);
    }

    private HttpResponse<String> send(URI url, String path, String body) throws Exception {
        HttpRequest.Builder request = HttpRequest.newBuilder(url.resolve(path));
        if (body != null) {
            request.header("Content-Type", "application/json").POST(HttpRequest.BodyPublishers.ofString(body));
        }
        return client.send(request.build(), HttpResponse.BodyHandlers.ofString());
    }

    private static void require(boolean condition, String otherwise) {
        if (!condition) {
            throw new IllegalStateException(otherwise);
        }
    }

    private void answerAsAws(HttpExchange call) throws IOException {
        String request = new String(call.getRequestBody().readAllBytes(), StandardCharsets.UTF_8);
        String operation = call.getRequestHeaders().getFirst("X-Amz-Target");
        byte[] answer = new byte[0]; // to S3's PUT, which the prediction log sends
        if (operation != null) {
            call.getResponseHeaders().add("Content-Type", "application/x-amz-json-1.0");
            answer = dynamoDb(operation, request).getBytes(StandardCharsets.UTF_8);
        } else if (call.getRequestMethod().equals("GET")) {
            answer = Files.readAllBytes(model.resolve(Path.of(call.getRequestURI().getPath()).getFileName()));
        }
        call.getResponseHeaders().add("ETag", "\"etag\"");
        call.sendResponseHeaders(200, answer.length == 0 ? -1 : answer.length);
        call.getResponseBody().write(answer);
        call.close();
    }

    private String dynamoDb(String operation, String request) {
        String found = "";
        if (request.contains("\"MODEL\"")) {
            found = item("MODEL", "META");
        } else if (request.contains("\"VERSION\"")) {
            found = item("VERSION", "VERSION#0000000002");
        } else if (request.contains("\"ALIAS\"") || operation.endsWith(".GetItem")) {
            found = item("ALIAS", "ALIAS#champion");
        }
        String answer = operation.endsWith(".GetItem") ? "\"Item\":" + found : "\"Items\":[" + found + "]";
        return "{" + answer + ",\"ConsumedCapacity\":{\"TableName\":\"registry\",\"CapacityUnits\":1}}";
    }

    /** One set of attributes does for all three; what an entity does not have is ignored. */
    private String item(String entity, String key) {
        return """
                {"pk":{"S":"MODEL#iris"},"sk":{"S":"%s"},"entity":{"S":"%s"},"modelId":{"S":"iris"},"rev":{"N":"1"},
                "updatedAt":{"S":"2026-01-01T00:00:00.000Z"},"alias":{"S":"champion"},"version":{"N":"2"},
                "status":{"S":"VERIFIED"},"examples":{"S":"examples.json"},"files":{"L":[%s]}}"""
                .formatted(key, entity, files);
    }
}
