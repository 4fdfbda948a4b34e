package dev.modelserving.registry;

import dev.modelserving.settings.EcsTask;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.UUID;
import java.util.regex.Pattern;

/**
 * What this process is called in the registry and in the names of files: the id of its ECS task, elsewhere the host's name
 * with a random part.
 *
 * @param value without '#' and '/'
 * @param host the address by which others reach it, as far as it is known
 */
public record ReplicaId(String value, String host) {
    private static final Pattern FORM = Pattern.compile("[A-Za-z0-9._-]+");

    /** @throws IllegalArgumentException when the name could not stand in a key */
    public ReplicaId {
        if (!FORM.matcher(value).matches()) {
            throw new IllegalArgumentException("replica '" + value + "' (expected: letters, digits, '.', '_', '-')");
        }
    }

    /** @param task its id is taken, if it has one that could stand in a key */
    public static ReplicaId of(EcsTask task) {
        ReplicaId host = ofHost();
        return FORM.matcher(task.id()).matches() ? new ReplicaId(task.id(), host.host()) : host;
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
