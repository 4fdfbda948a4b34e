package dev.modelserving.infra.settings;

import dev.modelserving.infra.network.PrefixLists;
import dev.modelserving.infra.settings.StageSettings.ExistingVpc;
import dev.modelserving.infra.settings.StageSettings.Network;
import dev.modelserving.infra.settings.StageSettings.NetworkKind;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Reads {@code network}. */
final class NetworkSection {
    private static final Pattern VPC = Pattern.compile("vpc-[0-9a-f]{8,17}");
    private static final Pattern SUBNET = Pattern.compile("subnet-[0-9a-f]{8,17}");
    private static final Pattern SECURITY_GROUP = Pattern.compile("sg-[0-9a-f]{8,17}");
    private static final Pattern PREFIX_LIST = Pattern.compile("pl-[0-9a-f]{8,17}");
    private static final Pattern ZONE = Pattern.compile("[a-z]{2}(-[a-z]+)+-[0-9][a-z]");
    /** A VPC has between 16 and 65,536 addresses; three zones of useful subnets need 256 of them. */
    private static final Pattern PRIVATE_BLOCK = Pattern.compile(
            "(?=(10|172\\.(1[6-9]|2[0-9]|3[01])|192\\.168)\\.)%s(?<=/(1[6-9]|2[0-4]))".formatted(Ipv4Block.FORM));

    private static final String DEFAULT_CIDR = "10.40.0.0/16";
    private static final String THERE_ALREADY = "because the VPC is there already";

    private NetworkSection() {}

    static Network read(Fields fields, Place place) {
        NetworkKind kind = fields.choice("kind", NetworkKind.class, NetworkKind.ISOLATED);
        boolean existing = kind == NetworkKind.EXISTING;
        if (existing) {
            fields.absent("cidr", THERE_ALREADY);
            fields.absent("availabilityZones", THERE_ALREADY + " (existing.availabilityZones names its zones)");
            fields.absent("flowLogs", THERE_ALREADY);
        }
        int zones = existing ? 2 : fields.integer("availabilityZones", 2, 3, 2);
        Network network = new Network(
                kind,
                existing ? DEFAULT_CIDR : cidr(fields),
                zones,
                natGateways(fields, kind, zones),
                !existing && fields.flag("flowLogs", true),
                existing(fields, kind, place.region()),
                prefixLists(fields, place.region()));
        fields.nothingElse();
        return network;
    }

    private static String cidr(Fields fields) {
        String cidr = fields.text(
                "cidr", PRIVATE_BLOCK, "a private IPv4 block of /16 to /24 such as " + DEFAULT_CIDR, DEFAULT_CIDR);
        if (!cidr.isEmpty()) {
            fields.expectNetwork("cidr", Ipv4Block.of(cidr));
        }
        return cidr;
    }

    private static int natGateways(Fields fields, NetworkKind kind, int zones) {
        if (kind != NetworkKind.NAT) {
            fields.absent("natGateways", "unless kind is nat");
            return 0;
        }
        int natGateways = fields.integer("natGateways", 1, 3, 1);
        if (natGateways > zones) {
            fields.fault("natGateways", natGateways, "at most one for each of the %d zones".formatted(zones));
        }
        return natGateways;
    }

    private static @Nullable ExistingVpc existing(Fields network, NetworkKind kind, String region) {
        if (kind != NetworkKind.EXISTING) {
            network.absent("existing", "unless kind is existing");
            return null;
        }
        Fields fields = network.object("existing");
        ExistingVpc existing = new ExistingVpc(
                fields.required("vpcId", VPC, "the id of a VPC"),
                fields.texts("availabilityZones", ZONE, "an availability zone such as eu-west-1a"),
                fields.texts("subnetIds", SUBNET, "the id of a subnet"),
                fields.texts("endpointSecurityGroups", SECURITY_GROUP, "the id of a security group"));
        if (existing.subnetIds().isEmpty()) {
            fields.fault("subnetIds", "none", "at least one subnet for the tasks");
        } else if (existing.subnetIds().size() != existing.availabilityZones().size()) {
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
}
