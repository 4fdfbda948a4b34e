package dev.modelserving.registry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpServer;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import org.junit.jupiter.api.Test;

class ReplicaIdTest {
    @Test
    void isTheIdOfTheEcsTask() throws Exception {
        String task = "arn:aws:ecs:eu-west-1:111122223333:task/serving/158d1c8083dd49d6b527399fd6414f5c";
        assertThat(answering(200, "{\"Cluster\":\"serving\",\"TaskARN\":\"" + task + "\",\"Family\":\"f\"}"))
                .isEqualTo("158d1c8083dd49d6b527399fd6414f5c");
    }

    @Test
    void isTheHostsNameWhereTheTaskCannotBeAsked() throws Exception {
        String host = InetAddress.getLocalHost().getHostName().replaceAll("[^A-Za-z0-9._-]", "-");
        assertThat(answering(500, "")).startsWith(host);
        assertThat(answering(200, "{}")).startsWith(host);
        assertThat(answering(200, "<html>")).startsWith(host);
    }

    @Test
    void differsFromProcessToProcessOfOneHost() {
        assertThat(ReplicaId.of(Map.of())).isNotEqualTo(ReplicaId.of(Map.of()));
    }

    @Test
    void refusesWhatCouldNotStandInAKey() {
        assertThatThrownBy(() -> new ReplicaId("a#b", "")).isInstanceOf(IllegalArgumentException.class);
    }

    private static String answering(int status, String body) throws Exception {
        HttpServer server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext("/v4/abc/task", exchange -> {
            byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
            exchange.sendResponseHeaders(status, bytes.length == 0 ? -1 : bytes.length);
            exchange.getResponseBody().write(bytes);
            exchange.close();
        });
        server.start();
        try {
            String url = "http://127.0.0.1:" + server.getAddress().getPort() + "/v4/abc";
            return ReplicaId.of(Map.of("ECS_CONTAINER_METADATA_URI_V4", url)).value();
        } finally {
            server.stop(0);
        }
    }
}
