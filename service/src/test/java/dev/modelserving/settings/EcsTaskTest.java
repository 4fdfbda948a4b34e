package dev.modelserving.settings;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class EcsTaskTest {
    /** As AWS documents it, shortened. */
    private static final String ANSWER = """
            {"Cluster": "serving",
             "TaskARN": "arn:aws:ecs:eu-west-1:111122223333:task/serving/158d1c8083dd49d6b527399fd6414f5c",
             "Containers": [
               {"TaskARN": "another", "Labels": {"com.amazonaws.ecs.cluster": "serving"},
                "Limits": {"CPU": 512, "Memory": 1024}, "Networks": [{"IPv4Addresses": ["10.0.2.106"]}]}],
             "Limits": {"Memory": 2048, "Other": {"CPU": 7}, "CPU": 0.25},
             "LaunchType": "FARGATE"}""";

    @Test
    void tellsTheTasksOwnIdAndLimit() throws Exception {
        assertThat(answering(200, ANSWER)).isEqualTo(new EcsTask("158d1c8083dd49d6b527399fd6414f5c", 0.25, ""));
    }

    @Test
    void tellsNoLimitWhereTheTaskHasNone() throws Exception {
        assertThat(answering(200, "{\"TaskARN\": \"a/b\", \"Containers\": [{\"Limits\": {\"CPU\": 512}}]}"))
                .isEqualTo(new EcsTask("b", 0, ""));
    }

    @ParameterizedTest
    @CsvSource({
        "500,'',response code: 500",
        "200,{},no TaskARN",
        "200,'',no TaskARN",
        "200,[1],no TaskARN",
        "200,<html>,not JSON",
        "200,'{\"TaskARN\": \"a/b\", \"Limits\": {\"CPU\": ',not JSON"
    })
    void saysWhyNothingIsTold(int status, String body, String fault) throws Exception {
        EcsTask task = answering(status, body);
        assertThat(task.fault()).contains(fault);
        assertThat(task.id()).isEmpty();
        assertThat(task.processors()).isZero();
    }

    @Test
    void saysThatTheAddressIsNone() {
        assertThat(EcsTask.of(endpoint("nowhere")).fault()).isNotEmpty();
        assertThat(EcsTask.of(endpoint("file:///tmp")).fault()).isNotEmpty();
    }

    /** A byte now and then keeps the timeouts of the connection from ending it. */
    @Test
    void waitsNoLongerThanTheLimitForAnAnswerThatDoesNotEnd() throws Exception {
        try (ServerSocket server = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            CompletableFuture<Boolean> leftAlone = CompletableFuture.supplyAsync(() -> writeUntilClosed(server));
            Map<String, String> environment = endpoint("http://127.0.0.1:" + server.getLocalPort());
            EcsTask task = EcsTask.of(environment, Duration.ofMillis(300));
            assertThat(task.fault()).isEqualTo("no answer within 300 ms");
            assertThat(leftAlone.get(30, TimeUnit.SECONDS)).isTrue();
        }
    }

    private static boolean writeUntilClosed(ServerSocket server) {
        try (Socket socket = server.accept()) {
            socket.setSoTimeout(20);
            socket.getInputStream().readNBytes(1);
            socket.getOutputStream().write("HTTP/1.1 200 OK\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
            while (!hasClosed(socket)) {
                socket.getOutputStream().write(' ');
            }
            return true;
        } catch (IOException e) {
            return true;
        }
    }

    private static boolean hasClosed(Socket socket) throws IOException {
        try {
            return socket.getInputStream().readNBytes(1024).length < 1024;
        } catch (SocketTimeoutException e) {
            return false;
        }
    }

    private static EcsTask answering(int status, String body) throws IOException {
        HttpServer server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext("/v4/abc/task", exchange -> {
            byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
            exchange.sendResponseHeaders(status, bytes.length == 0 ? -1 : bytes.length);
            exchange.getResponseBody().write(bytes);
            exchange.close();
        });
        server.start();
        try {
            return EcsTask.of(endpoint("http://127.0.0.1:" + server.getAddress().getPort() + "/v4/abc"));
        } finally {
            server.stop(0);
        }
    }

    private static Map<String, String> endpoint(String url) {
        return Map.of("ECS_CONTAINER_METADATA_URI_V4", url);
    }
}
