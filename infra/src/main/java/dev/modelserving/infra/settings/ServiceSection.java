package dev.modelserving.infra.settings;

import dev.modelserving.infra.service.TaskSize;
import dev.modelserving.infra.settings.StageSettings.Architecture;
import dev.modelserving.infra.settings.StageSettings.Image;
import dev.modelserving.infra.settings.StageSettings.Service;
import java.time.Duration;
import java.util.List;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Reads {@code service}. */
final class ServiceSection {
    private static final Pattern PEER = Pattern.compile("(sg|pl)-[0-9a-f]{8,17}|" + Ipv4Block.FORM);
    private static final Pattern REPOSITORY = Pattern.compile("[a-z0-9]+([._/-][a-z0-9]+)*");
    private static final Pattern DIGEST = Pattern.compile("sha256:[0-9a-f]{64}");
    private static final Pattern CLUSTER = Pattern.compile("[a-zA-Z0-9_-]{1,255}");
    private static final Pattern NAMESPACE =
            Pattern.compile("[a-z0-9]([a-z0-9-]*[a-z0-9])?(\\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)+");
    private static final Pattern VARIABLE = Pattern.compile("[A-Z][A-Z0-9_]*");

    /** What the deployment itself gives the service. */
    private static final List<String> DEPLOYMENTS_OWN = List.of(
            "ARTIFACTS_BUCKET",
            "GOLD_BUCKET",
            "MODEL_REGISTRY_TABLE",
            "EXECUTION_MODE",
            "PIPELINE_EXECUTION_ID",
            "EXECUTION_START_TIME",
            "CANDIDATE_MODEL_ID",
            "CANDIDATE_VERSION",
            "CANDIDATE_MANIFEST_VERSION_ID",
            "HTTP_PORT",
            "GRPC_PORT",
            "DRAIN_DELAY",
            "REQUEST_TIMEOUT",
            "MODEL_CACHE_DIR",
            "LOG_FORMAT");

    /** After the last answer: the prediction log is written (10 s), the replica's report taken back (8 s), models closed. */
    private static final Duration AFTER_LAST_ANSWER = Duration.ofSeconds(20);

    private ServiceSection() {}

    static Service read(Fields fields) {
        int minReplicas = fields.integer("minReplicas", 1, 100, 2);
        Service service = new Service(
                image(fields),
                fields.choice("architecture", Architecture.class, Architecture.X86_64),
                size(fields, new TaskSize(1024, 2048)),
                fields.integer("ephemeralStorage", 21, 200, 21),
                minReplicas,
                fields.integer("maxReplicas", 1, 1000, Math.max(4, minReplicas)),
                fields.flag("spot", false),
                fields.duration("drainDelay", Duration.ZERO, Duration.ofSeconds(60), Duration.ofSeconds(25)),
                fields.duration(
                        "requestTimeout", Duration.ofSeconds(1), Duration.ofSeconds(90), Duration.ofSeconds(25)),
                fields.duration("stopTimeout", Duration.ofSeconds(30), Duration.ofSeconds(120), Duration.ofSeconds(90)),
                fields.strings("environment", VARIABLE, "upper-case letters, digits and _"),
                fields.text("clusterName", CLUSTER, "the name of a cluster that is there"),
                fields.text("namespace", NAMESPACE, "a DNS name of at least two parts", "model-serving.internal"),
                allowFrom(fields));
        if (service.maxReplicas() < minReplicas) {
            fields.fault("maxReplicas", service.maxReplicas(), "at least minReplicas, " + minReplicas);
        }
        Duration needed = service.drainDelay().plus(service.requestTimeout()).plus(AFTER_LAST_ANSWER);
        if (needed.compareTo(service.stopTimeout()) > 0) {
            fields.fault(
                    "stopTimeout",
                    Fields.written(service.stopTimeout()),
                    "at least drainDelay + requestTimeout + 20s = " + Fields.written(needed));
        }
        service.environment().keySet().stream()
                .filter(DEPLOYMENTS_OWN::contains)
                .forEach(name -> fields.fault("environment." + name, "given", "none, because the deployment sets it"));
        fields.nothingElse();
        return service;
    }

    /** @param otherwise where a field is not given */
    static TaskSize size(Fields fields, TaskSize otherwise) {
        int cpu = fields.integer("cpu", 1, Integer.MAX_VALUE, otherwise.cpu());
        int memory = fields.integer("memory", 1, Integer.MAX_VALUE, otherwise.memory());
        if (!TaskSize.offered(cpu)) {
            fields.fault("cpu", cpu, TaskSize.expected(cpu));
            return otherwise;
        }
        if (!TaskSize.offered(cpu, memory)) {
            fields.fault("memory", memory, TaskSize.expected(cpu));
            return otherwise;
        }
        return new TaskSize(cpu, memory);
    }

    private static @Nullable Image image(Fields service) {
        if (!service.has("image")) {
            return null;
        }
        Fields fields = service.object("image");
        Image image = new Image(
                fields.required("repository", REPOSITORY, "the name of an ECR repository in the account"),
                fields.required("digest", DIGEST, "sha256: and 64 hexadecimal digits"));
        fields.nothingElse();
        return image;
    }

    private static List<String> allowFrom(Fields fields) {
        List<String> peers = fields.texts("allowFrom", PEER, "a CIDR block of /8 to /32, sg-... or pl-...");
        for (int i = 0; i < peers.size(); i++) {
            if (Ipv4Block.FORM.matcher(peers.get(i)).matches()) {
                String name = "allowFrom[%d]".formatted(i);
                Ipv4Block block = Ipv4Block.of(peers.get(i));
                fields.expectNetwork(name, block);
                peers.stream()
                        .filter(other -> Ipv4Block.FORM.matcher(other).matches())
                        .map(Ipv4Block::of)
                        .filter(other -> !other.equals(block) && other.covers(block))
                        .findFirst()
                        .ifPresent(other -> fields.fault(name, "'" + block + "'", "no block inside another, " + other));
            }
        }
        return peers;
    }
}
