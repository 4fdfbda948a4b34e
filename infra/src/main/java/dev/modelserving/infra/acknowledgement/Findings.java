package dev.modelserving.infra.acknowledgement;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import software.amazon.awscdk.CfnResource;
import software.amazon.awscdk.IResolvable;
import software.amazon.awscdk.Reference;
import software.amazon.awscdk.Resource;
import software.amazon.awscdk.Stack;
import software.amazon.awscdk.Tokenization;
import software.amazon.awscdk.Validations;
import software.amazon.awscdk.services.iam.IRole;
import software.amazon.awscdk.services.kms.IKey;
import software.amazon.awscdk.services.logs.ILogGroup;
import software.amazon.awscdk.services.s3.IBucket;
import software.constructs.IConstruct;

/**
 * Acknowledges what policy checks find: cdk-nag ({@code AwsSolutions-...}, {@code NIST.800.53.R5-...}) reads it from the
 * construct, checkov ({@code CKV_...}) from the template.
 */
public final class Findings {
    /** cdk-nag's name for a statement that is not limited to any resource. */
    public static final String ANY_RESOURCE = "AwsSolutions-IAM5[Resource::*]";

    private static final String CHECKOV = "checkov";

    private Findings() {}

    /**
     * @param construct with the one resource that it is about, or that resource itself
     * @param reason for whoever reviews the security of the stage
     * @param findings their names in the checks
     */
    public static void acknowledge(IConstruct construct, String reason, String... findings) {
        CfnResource resource = resource(construct);
        for (String finding : findings) {
            if (finding.startsWith("CKV")) {
                skip(resource, finding, reason);
            } else {
                // Validations.acknowledge refuses the names of findings that have an ARN in them.
                resource.getNode().addMetadata(Validations.ACKNOWLEDGED_RULES_METADATA_KEY, Map.of(finding, reason));
            }
        }
    }

    /** A log group that is encrypted with a key of CloudWatch's own, when there is no other. */
    public static void acknowledgeKey(ILogGroup log, @Nullable IKey key) {
        if (key == null) {
            acknowledge(
                    log,
                    "CloudWatch encrypts the log with a key of its own, as this stage chose for all that it keeps;"
                            + " its lines hold names, addresses and figures, never what was asked or predicted.",
                    "NIST.800.53.R5-CloudWatchLogGroupEncrypted",
                    "CKV_AWS_158");
        }
    }

    /** The policy that CDK makes of what is granted to a role; that it is a part of the role is acknowledged. */
    public static IConstruct acknowledgeGrants(IRole role) {
        IConstruct grants = role.getNode().findChild("DefaultPolicy");
        acknowledge(
                grants,
                "What is granted to this role is meant for no other: as a part of the role it cannot be attached to one,"
                        + " and it goes when the role goes.",
                "NIST.800.53.R5-IAMNoInlinePolicy");
        return grants;
    }

    /**
     * cdk-nag's name for a statement about objects whose names begin alike.
     *
     * @param policy where the statement is; it may be in another stack than the bucket
     * @param objects {@code models/*}
     */
    public static String objects(IConstruct policy, IBucket bucket, String objects) {
        Stack stack = Stack.of(policy);
        Stack owner = Stack.of(bucket);
        String arn = bucket.getBucketArn();
        boolean exported = Resource.isOwnedResource(bucket)
                && !owner.getNode().getPath().equals(stack.getNode().getPath());
        Object resolved = stack.resolve(exported ? owner.exportValue(arn) : arn);
        return "AwsSolutions-IAM5[Resource::%s/%s]".formatted(flat(resolved), objects);
    }

    /**
     * cdk-nag's name for a statement about resources whose names begin alike.
     *
     * @param policy where the statement is; what the ARN is made of may be in other stacks
     * @param arn that ends with an asterisk
     */
    public static String resources(IConstruct policy, String arn) {
        Stack stack = Stack.of(policy);
        String imported = arn;
        for (IResolvable token : Tokenization.reverseString(arn).getTokens()) {
            if (token instanceof Reference reference) {
                Stack owner = Stack.of(reference.getTarget());
                if (!owner.getNode().getPath().equals(stack.getNode().getPath())) {
                    imported = imported.replace(reference.toString(), owner.exportValue(reference));
                }
            }
        }
        return "AwsSolutions-IAM5[Resource::%s]".formatted(flat(stack.resolve(imported)));
    }

    private static CfnResource resource(IConstruct construct) {
        IConstruct resource = construct instanceof CfnResource
                ? construct
                : construct.getNode().getDefaultChild();
        if (resource instanceof CfnResource made) {
            return made;
        }
        throw new IllegalArgumentException(
                "%s: not one resource (expected: a construct with one, to acknowledge findings about it)"
                        .formatted(construct.getNode().getPath()));
    }

    private static void skip(CfnResource resource, String finding, String reason) {
        List<Object> skips = new ArrayList<>();
        if (resource.getMetadata(CHECKOV) instanceof Map<?, ?> before && before.get("skip") instanceof List<?> list) {
            skips.addAll(list);
        }
        skips.add(new TreeMap<>(Map.of("id", finding, "comment", reason))); // in one order in every JVM
        resource.addMetadata(CHECKOV, Map.of("skip", skips));
    }

    /** As cdk-nag writes a reference. */
    private static String flat(Object value) {
        if (value instanceof Map<?, ?> function) {
            if (function.get("Fn::GetAtt") instanceof List<?> attribute) {
                return "<%s.%s>".formatted(attribute.get(0), attribute.get(1));
            }
            if (function.get("Fn::Join") instanceof List<?> join && join.get(1) instanceof List<?> parts) {
                StringBuilder joined = new StringBuilder();
                parts.forEach(part -> joined.append(flat(part)));
                return joined.toString();
            }
            return function.containsKey("Ref")
                    ? "<%s>".formatted(function.get("Ref"))
                    : String.valueOf(function.get("Fn::ImportValue"));
        }
        return String.valueOf(value);
    }
}
