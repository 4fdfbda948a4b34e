package dev.modelserving.infra.settings;

import dev.modelserving.infra.network.PrefixLists;
import dev.modelserving.infra.service.TaskSize;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import software.amazon.awscdk.services.logs.RetentionDays;

/**
 * One stage of the product: what is deployed where.
 *
 * @param stage its name, which begins the names of stacks; stages of several names fit into one account
 * @param account the only account that it may be deployed into; null: whichever the credentials are for
 */
public record StageSettings(
        String stage,
        String region,
        @Nullable String account,
        Network network,
        Data data,
        Service service,
        Workflow workflow,
        Door door,
        Observability observability) {

    /** Begins the names of what is named, in an account that may hold several stages. */
    public String qualifiedName() {
        return "model-serving-" + stage;
    }

    /** Whether new networks have a way out, or a network that is there is used. */
    public enum NetworkKind {
        /** No route to the internet; AWS is reached through endpoints. */
        ISOLATED,
        /** Private subnets behind NAT gateways. */
        NAT,
        /** A VPC of the platform's own. */
        EXISTING
    }

    /**
     * @param cidr of a new VPC
     * @param natGateways 0 unless the kind is NAT
     * @param existing null unless the kind is EXISTING
     * @param prefixLists null: those that are known for the region
     */
    public record Network(
            NetworkKind kind,
            String cidr,
            int availabilityZones,
            int natGateways,
            boolean flowLogs,
            @Nullable ExistingVpc existing,
            @Nullable PrefixLists prefixLists) {}

    /**
     * @param subnetIds the tasks' subnets, in the order of the zones
     * @param endpointSecurityGroups those of the VPC's interface endpoints; empty: HTTPS to anywhere is allowed
     */
    public record ExistingVpc(
            String vpcId,
            List<String> availabilityZones,
            List<String> subnetIds,
            List<String> endpointSecurityGroups) {}

    /** Who holds the key that encrypts data at rest. */
    public enum Encryption {
        /** AWS; nothing to pay, nothing to see in the audit trail. */
        AWS_OWNED,
        /** A key in this account, made here or brought along. */
        CUSTOMER_KEY
    }

    /**
     * @param keyArn a key of the platform's own; of buckets and a table that are brought along, the key they use
     * @param keep whether buckets and table outlive their stack
     * @param predictionsExpireAfter null: never
     */
    public record Data(
            Encryption encryption,
            @Nullable String keyArn,
            @Nullable String artifactsBucket,
            @Nullable String goldBucket,
            @Nullable String registryTable,
            boolean keep,
            @Nullable Duration predictionsExpireAfter) {}

    /** The processor that tasks run on. */
    public enum Architecture {
        X86_64,
        ARM64
    }

    /**
     * @param image null: built from the sources beside this file
     * @param ephemeralStorage of a task, in GiB
     * @param spot whether replicas beyond the least number run on Spot
     * @param environment variables of the service beyond those that the deployment sets
     * @param clusterName null: a new cluster
     * @param namespace the private DNS zone of the service
     * @param allowFrom who may call the service: CIDR blocks, security groups, prefix lists
     */
    public record Service(
            @Nullable Image image,
            Architecture architecture,
            TaskSize size,
            int ephemeralStorage,
            int minReplicas,
            int maxReplicas,
            boolean spot,
            Duration drainDelay,
            Duration requestTimeout,
            Duration stopTimeout,
            Map<String, String> environment,
            @Nullable String clusterName,
            String namespace,
            List<String> allowFrom) {}

    /** @param digest {@code sha256:} and 64 hexadecimal digits */
    public record Image(String repository, String digest) {}

    /**
     * @param enabled whether there is a workflow that verifies and promotes models
     * @param onManifest whether it starts when a manifest arrives in the artifacts bucket
     * @param size of the task that verifies
     * @param ephemeralStorage of that task, in GiB
     * @param verifyWithin after which a verification is stopped
     * @param serveWithin in which all replicas have to serve what was promoted
     * @param retryDelay before a verification that could not be made is tried again
     */
    public record Workflow(
            boolean enabled,
            boolean onManifest,
            TaskSize size,
            int ephemeralStorage,
            Duration verifyWithin,
            Duration serveWithin,
            Duration retryDelay) {}

    /**
     * @param enabled whether callers outside the VPC come in through an HTTP API with IAM authorisation
     * @param requestsPerSecond that the API lets through
     */
    public record Door(boolean enabled, int requestsPerSecond) {}

    /**
     * @param alarmTopicArn null: a new topic
     * @param alarmEmails who is told by a new topic
     * @param logRetention how long logs are kept
     * @param latencyP99 above which there is an alarm
     */
    public record Observability(
            @Nullable String alarmTopicArn,
            List<String> alarmEmails,
            RetentionDays logRetention,
            Duration latencyP99) {}
}
