package dev.modelserving.registry;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import java.io.IOException;
import java.net.InetAddress;
import java.net.URI;
import java.net.URLConnection;
import java.net.UnknownHostException;
import java.util.Map;
import java.util.UUID;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What this process is called in the registry and in the names of files: the id of its ECS task, elsewhere the host's name
 * with a random part.
 *
 * @param value without '#' and '/'
 * @param host the address by which others reach it, as far as it is known
 */
public record ReplicaId(String value, String host) {
    private static final Logger LOG = LoggerFactory.getLogger(ReplicaId.class);
    private static final int TIMEOUT_MILLIS = 2000;

    /** @throws IllegalArgumentException when the name could not stand in a key */
    public ReplicaId {
        if (!value.matches("[A-Za-z0-9._-]+")) {
            throw new IllegalArgumentException("replica '" + value + "' (expected: letters, digits, '.', '_', '-')");
        }
    }

    /** Asks the ECS agent where there is one (Amazon ECS developer guide, "Task metadata endpoint version 4"). */
    public static ReplicaId of(Map<String, String> environment) {
        String endpoint = environment.get("ECS_CONTAINER_METADATA_URI_V4");
        if (endpoint != null) {
            try {
                return ofTask(endpoint);
            } catch (IOException | IllegalArgumentException e) {
                LOG.warn("the ECS task's id cannot be read, taking the host's name: {}", e.getMessage());
            }
        }
        return ofHost();
    }

    private static ReplicaId ofTask(String endpoint) throws IOException {
        String task = field(endpoint + "/task", "TaskARN");
        return new ReplicaId(task.substring(task.lastIndexOf('/') + 1), ofHost().host());
    }

    /** The value of the first field of that name. */
    private static String field(String url, String name) throws IOException {
        URLConnection connection = URI.create(url).toURL().openConnection();
        connection.setConnectTimeout(TIMEOUT_MILLIS);
        connection.setReadTimeout(TIMEOUT_MILLIS);
        try (JsonParser parser = new JsonFactory().createParser(connection.getInputStream())) {
            for (JsonToken token = parser.nextToken(); token != null; token = parser.nextToken()) {
                if (token == JsonToken.VALUE_STRING && name.equals(parser.currentName())) {
                    return parser.getText();
                }
            }
        }
        throw new IOException("the task metadata has no " + name);
    }

    private static ReplicaId ofHost() {
        String random = UUID.randomUUID().toString().substring(0, 8);
        try {
            InetAddress host = InetAddress.getLocalHost();
            return new ReplicaId(
                    host.getHostName().replaceAll("[^A-Za-z0-9._-]", "-") + "-" + random, host.getHostAddress());
        } catch (UnknownHostException e) {
            return new ReplicaId("replica-" + random, "");
        }
    }
}
