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
    private static final Map<String, PrefixLists> KNOWN = new TreeMap<>(Map.of(
            "us-east-1", new PrefixLists("pl-63a5400a", "pl-02cd2c6b"),
            "us-west-2", new PrefixLists("pl-68a54001", "pl-00a54069"),
            "eu-west-1", new PrefixLists("pl-6da54004", "pl-6fa54006"),
            "eu-central-1", new PrefixLists("pl-6ea54007", "pl-66a5400f")));

    /** Those of a region; empty when they are not known here and have to be given. */
    public static Optional<PrefixLists> of(String region) {
        return Optional.ofNullable(KNOWN.get(region));
    }

    static Map<String, PrefixLists> known() {
        return KNOWN;
    }
}
