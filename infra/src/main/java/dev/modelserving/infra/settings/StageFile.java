package dev.modelserving.infra.settings;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import dev.modelserving.infra.network.PrefixLists;
import dev.modelserving.infra.service.TaskSize;
import dev.modelserving.infra.settings.StageSettings.Architecture;
import dev.modelserving.infra.settings.StageSettings.Data;
import dev.modelserving.infra.settings.StageSettings.Door;
import dev.modelserving.infra.settings.StageSettings.Encryption;
import dev.modelserving.infra.settings.StageSettings.ExistingVpc;
import dev.modelserving.infra.settings.StageSettings.Image;
import dev.modelserving.infra.settings.StageSettings.Network;
import dev.modelserving.infra.settings.StageSettings.NetworkKind;
import dev.modelserving.infra.settings.StageSettings.Observability;
import dev.modelserving.infra.settings.StageSettings.Service;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import software.amazon.awscdk.services.logs.RetentionDays;

/** Reads the settings of a stage, and refuses them with all their faults at once. Reads nothing but the file. */
public final class StageFile {
    private static final Pattern STAGE = Pattern.compile("[a-z][a-z0-9]{0,15}");
    private static final Pattern REGION = Pattern.compile("[a-z]{2}(-[a-z]+)+-[0-9]");
    private static final Pattern ACCOUNT = Pattern.compile("[0-9]{12}");
    private static final Pattern BUCKET = Pattern.compile("[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]");
    private static final Pattern TABLE = Pattern.compile("[a-zA-Z0-9_.-]{3,255}");
    private static final Pattern KEY_ARN = Pattern.compile("arn:aws[a-z-]*:kms:[a-z0-9-]+:[0-9]{12}:key/[a-zA-Z0-9-]+");
    private static final Pattern TOPIC_ARN = Pattern.compile("arn:aws[a-z-]*:sns:[a-z0-9-]+:[0-9]{12}:[a-zA-Z0-9_-]+");
    private static final Pattern VPC = Pattern.compile("vpc-[0-9a-f]{8,17}");
    private static final Pattern SUBNET = Pattern.compile("subnet-[0-9a-f]{8,17}");
    private static final Pattern SECURITY_GROUP = Pattern.compile("sg-[0-9a-f]{8,17}");
    private static final Pattern PREFIX_LIST = Pattern.compile("pl-[0-9a-f]{8,17}");
    private static final Pattern ZONE = Pattern.compile("[a-z]{2}(-[a-z]+)+-[0-9][a-z]");
    /** A VPC has between 16 and 65,536 addresses; three zones of useful subnets need 256 of them. */
    private static final Pattern CIDR =
            Pattern.compile("(10|172\\.(1[6-9]|2[0-9]|3[01])|192\\.168)(\\.[0-9]{1,3}){1,3}/(1[6-9]|2[0-4])");

    private static final Pattern PEER = Pattern.compile(
            "(sg|pl)-[0-9a-f]{8,17}|((25[0-5]|2[0-4][0-9]|1?[0-9]{1,2})(\\.|(?=/))){4}/([89]|[12][0-9]|3[0-2])");
    private static final Pattern REPOSITORY = Pattern.compile("[a-z0-9]+([._/-][a-z0-9]+)*");
    private static final Pattern DIGEST = Pattern.compile("sha256:[0-9a-f]{64}");
    private static final Pattern CLUSTER = Pattern.compile("[a-zA-Z0-9_-]{1,255}");
    private static final Pattern NAMESPACE =
            Pattern.compile("[a-z0-9]([a-z0-9-]*[a-z0-9])?(\\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)+");
    private static final Pattern VARIABLE = Pattern.compile("[A-Z][A-Z0-9_]*");
    private static final Pattern EMAIL = Pattern.compile("[^@\\s]+@[^@\\s]+\\.[^@\\s]+");

    /** What the deployment itself gives the service. */
    private static final List<String> DEPLOYMENTS_OWN = List.of(
            "ARTIFACTS_BUCKET",
            "GOLD_BUCKET",
            "MODEL_REGISTRY_TABLE",
            "EXECUTION_MODE",
            "PIPELINE_EXECUTION_ID",
            "EXECUTION_START_TIME",
            "HTTP_PORT",
            "GRPC_PORT",
            "DRAIN_DELAY",
            "REQUEST_TIMEOUT",
            "MODEL_CACHE_DIR",
            "LOG_FORMAT");

    /** After the last answer: the prediction log is written (10 s), the replica's report taken back (8 s), models closed. */
    private static final Duration AFTER_LAST_ANSWER = Duration.ofSeconds(20);

    private static final ObjectMapper YAML = new ObjectMapper(YAMLFactory.builder()
                    .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
                    .build())
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS);

    private final String stage;
    private final List<String> faults = new ArrayList<>();

    private StageFile(String stage) {
        this.stage = stage;
    }

    /**
     * Reads {@code <stage>.yaml} in a folder.
     *
     * @throws SettingsException with every fault
     */
    public static StageSettings read(Path folder, String stage) {
        Path file = folder.resolve(stage + ".yaml");
        if (!STAGE.matcher(stage).matches()) {
            throw new SettingsException(
                    "-c stage=" + stage,
                    List.of("stage: '%s' (expected: 1 to 16 lower-case letters and digits, a letter first)"
                            .formatted(stage)));
        }
        if (!Files.isRegularFile(file)) {
            throw new SettingsException(
                    "-c stage=" + stage,
                    List.of("stage: '%s' (expected: one of %s, the files in %s)"
                            .formatted(stage, String.join(", ", stages(folder)), folder.getFileName())));
        }
        try {
            return parse(stage, Files.readString(file));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Reads the text of a stage's file. */
    public static StageSettings parse(String stage, String yaml) {
        StageFile file = new StageFile(stage);
        StageSettings settings;
        try {
            settings = file.settings(YAML.readTree(yaml));
        } catch (JsonProcessingException e) {
            throw new SettingsException(
                    stage + ".yaml",
                    List.of("line %d, column %d: %s"
                            .formatted(
                                    e.getLocation().getLineNr(),
                                    e.getLocation().getColumnNr(),
                                    e.getOriginalMessage().lines().findFirst().orElse("no YAML"))));
        }
        if (!file.faults.isEmpty()) {
            throw new SettingsException(stage + ".yaml", file.faults);
        }
        return settings;
    }

    private static List<String> stages(Path folder) {
        try (Stream<Path> files = Files.list(folder)) {
            return files.map(file -> file.getFileName().toString())
                    .filter(name -> name.endsWith(".yaml"))
                    .map(name -> name.substring(0, name.length() - ".yaml".length()))
                    .sorted()
                    .toList();
        } catch (IOException e) {
            return List.of();
        }
    }

    private StageSettings settings(JsonNode root) {
        Fields fields = new Fields("", root, faults::add);
        String region = fields.required("region", REGION, "an AWS region such as eu-west-1");
        StageSettings settings = new StageSettings(
                stage,
                region,
                fields.text("account", ACCOUNT, "12 digits"),
                network(fields.object("network"), region),
                data(fields.object("data")),
                service(fields.object("service")),
                door(fields.object("door")),
                observability(fields.object("observability")));
        fields.nothingElse();
        return settings;
    }

    private Network network(Fields fields, String region) {
        NetworkKind kind = fields.choice("kind", NetworkKind.class, NetworkKind.ISOLATED);
        int zones = fields.integer("availabilityZones", 2, 3, 2);
        int natGateways = fields.integer("natGateways", 1, 3, kind == NetworkKind.NAT ? 1 : 0);
        if (fields.has("natGateways") && kind != NetworkKind.NAT) {
            fields.fault("natGateways", natGateways, "none unless kind is nat");
        } else if (natGateways > zones) {
            fields.fault("natGateways", natGateways, "at most one for each of the %d zones".formatted(zones));
        }
        Network network = new Network(
                kind,
                fields.text("cidr", CIDR, "a private IPv4 block of /16 to /24 such as 10.40.0.0/16", "10.40.0.0/16"),
                zones,
                natGateways,
                fields.flag("flowLogs", kind != NetworkKind.EXISTING),
                existing(fields, kind, region),
                prefixLists(fields, region));
        if (kind == NetworkKind.EXISTING && fields.has("cidr")) {
            fields.fault("cidr", "'" + network.cidr() + "'", "none, because the VPC is there already");
        }
        fields.nothingElse();
        return network;
    }

    private static @Nullable ExistingVpc existing(Fields network, NetworkKind kind, String region) {
        if (kind != NetworkKind.EXISTING) {
            if (network.has("existing")) {
                network.fault("existing", "given", "none unless kind is existing");
            }
            return null;
        }
        Fields fields = network.object("existing");
        ExistingVpc existing = new ExistingVpc(
                fields.required("vpcId", VPC, "the id of a VPC"),
                fields.texts("availabilityZones", ZONE, "availability zones such as eu-west-1a"),
                fields.texts("subnetIds", SUBNET, "ids of subnets, one for each zone"),
                fields.texts("endpointSecurityGroups", SECURITY_GROUP, "ids of security groups"));
        if (existing.subnetIds().isEmpty()) {
            fields.fault("subnetIds", "none", "at least one subnet for the tasks");
        }
        if (existing.subnetIds().size() != existing.availabilityZones().size()) {
            fields.fault(
                    "availabilityZones",
                    existing.availabilityZones().size() + " zones for "
                            + existing.subnetIds().size() + " subnets",
                    "one for each subnet, in the same order");
        }
        existing.availabilityZones().stream()
                .filter(zone -> !zone.isEmpty() && !region.isEmpty() && !zone.startsWith(region))
                .forEach(zone -> fields.fault("availabilityZones", "'" + zone + "'", "a zone of " + region));
        fields.nothingElse();
        return existing;
    }

    private static @Nullable PrefixLists prefixLists(Fields network, String region) {
        if (!network.has("prefixLists")) {
            if (!region.isEmpty() && PrefixLists.of(region).isEmpty()) {
                network.fault(
                        "prefixLists",
                        "missing",
                        "s3 and dynamoDb, because those of %s are not known here (aws ec2 describe-managed-prefix-lists)"
                                .formatted(region));
            }
            return null;
        }
        Fields fields = network.object("prefixLists");
        PrefixLists lists = new PrefixLists(
                fields.required("s3", PREFIX_LIST, "the id of a prefix list such as pl-63a5400a"),
                fields.required("dynamoDb", PREFIX_LIST, "the id of a prefix list such as pl-02cd2c6b"));
        fields.nothingElse();
        return lists;
    }

    private static Data data(Fields fields) {
        Data data = new Data(
                fields.choice("encryption", Encryption.class, Encryption.AWS_OWNED),
                fields.text("keyArn", KEY_ARN, "the ARN of a KMS key"),
                fields.text("artifactsBucket", BUCKET, "the name of a bucket that is there"),
                fields.text("goldBucket", BUCKET, "the name of a bucket that is there"),
                fields.text("registryTable", TABLE, "the name of a table that is there"),
                fields.flag("keep", true),
                fields.has("predictionsExpireAfter")
                        ? fields.duration(
                                "predictionsExpireAfter",
                                Duration.ofDays(1),
                                Duration.ofDays(36_500),
                                Duration.ofDays(1))
                        : null);
        if (data.keyArn() != null && data.encryption() == Encryption.AWS_OWNED) {
            fields.fault("keyArn", "given", "encryption: customer-key with it");
        }
        if (data.artifactsBucket() != null && data.artifactsBucket().equals(data.goldBucket())) {
            fields.fault("goldBucket", "'" + data.goldBucket() + "'", "another bucket than artifactsBucket");
        }
        fields.nothingElse();
        return data;
    }

    private static Service service(Fields fields) {
        int minReplicas = fields.integer("minReplicas", 1, 100, 2);
        Service service = new Service(
                image(fields),
                fields.choice("architecture", Architecture.class, Architecture.X86_64),
                size(fields),
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
                fields.texts("allowFrom", PEER, "CIDR blocks, sg-... or pl-..."));
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

    private static TaskSize size(Fields fields) {
        int cpu = fields.integer("cpu", 1, Integer.MAX_VALUE, 1024);
        int memory = fields.integer("memory", 1, Integer.MAX_VALUE, 2048);
        if (!TaskSize.offered(cpu, memory)) {
            fields.fault("memory", "cpu %d and memory %d".formatted(cpu, memory), TaskSize.expected(cpu));
            return new TaskSize(1024, 2048);
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

    private static Door door(Fields fields) {
        Door door = new Door(fields.flag("enabled", false), fields.integer("requestsPerSecond", 1, 10_000, 100));
        fields.nothingElse();
        return door;
    }

    private static Observability observability(Fields fields) {
        Observability observability = new Observability(
                fields.text("alarmTopicArn", TOPIC_ARN, "the ARN of an SNS topic"),
                fields.texts("alarmEmails", EMAIL, "e-mail addresses"),
                fields.choice("logRetention", RetentionDays.class, RetentionDays.ONE_MONTH),
                fields.duration("latencyP99", Duration.ofSeconds(1), Duration.ofSeconds(90), Duration.ofSeconds(2)));
        if (observability.alarmTopicArn() != null
                && !observability.alarmEmails().isEmpty()) {
            fields.fault("alarmEmails", observability.alarmEmails(), "none beside alarmTopicArn");
        }
        fields.nothingElse();
        return observability;
    }
}
