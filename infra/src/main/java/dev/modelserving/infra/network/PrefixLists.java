package dev.modelserving.infra.network;

import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * The ids of the prefix lists that AWS keeps for the gateway endpoints of S3 and DynamoDB in a region. They are the same
 * in every account and do not change; {@code aws ec2 describe-managed-prefix-lists} tells them.
 *
 * @param s3 of {@code com.amazonaws.<region>.s3}
 * @param dynamoDb of {@code com.amazonaws.<region>.dynamodb}
 */
public record PrefixLists(String s3, String dynamoDb) {
    /** Regions for which two independent accounts report the same ids; the others have to be given. */
    private static final Map<String, PrefixLists> KNOWN = new TreeMap<>(Map.ofEntries(
            Map.entry("ap-northeast-1", new PrefixLists("pl-61a54008", "pl-78a54011")),
            Map.entry("ap-northeast-2", new PrefixLists("pl-78a54011", "pl-48a54021")),
            Map.entry("ap-south-1", new PrefixLists("pl-78a54011", "pl-66a7420f")),
            Map.entry("ap-southeast-1", new PrefixLists("pl-6fa54006", "pl-67a5400e")),
            Map.entry("ap-southeast-2", new PrefixLists("pl-6ca54005", "pl-62a5400b")),
            Map.entry("ca-central-1", new PrefixLists("pl-7da54014", "pl-4ea54027")),
            Map.entry("eu-central-1", new PrefixLists("pl-6ea54007", "pl-66a5400f")),
            Map.entry("eu-north-1", new PrefixLists("pl-c3aa4faa", "pl-adae4bc4")),
            Map.entry("eu-west-1", new PrefixLists("pl-6da54004", "pl-6fa54006")),
            Map.entry("eu-west-2", new PrefixLists("pl-7ca54015", "pl-b3a742da")),
            Map.entry("eu-west-3", new PrefixLists("pl-23ad484a", "pl-abb451c2")),
            Map.entry("us-east-1", new PrefixLists("pl-63a5400a", "pl-02cd2c6b")),
            Map.entry("us-east-2", new PrefixLists("pl-7ba54012", "pl-4ca54025")),
            Map.entry("us-west-1", new PrefixLists("pl-6ba54002", "pl-6ea54007")),
            Map.entry("us-west-2", new PrefixLists("pl-68a54001", "pl-00a54069"))));

    /** Those of a region; empty when they are not known here and have to be given. */
    public static Optional<PrefixLists> of(String region) {
        return Optional.ofNullable(KNOWN.get(region));
    }

    static Map<String, PrefixLists> known() {
        return KNOWN;
    }
}
