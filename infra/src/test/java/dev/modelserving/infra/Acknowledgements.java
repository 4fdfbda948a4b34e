package dev.modelserving.infra;

import java.util.LinkedHashMap;
import java.util.Map;
import software.amazon.awscdk.App;
import software.amazon.awscdk.CfnResource;
import software.amazon.awscdk.Stack;
import software.amazon.awscdk.Validations;
import software.amazon.awscdk.services.ec2.FlowLog;
import software.constructs.IConstruct;

/** What a stage acknowledges to cdk-nag. */
final class Acknowledgements {
    /**
     * What a check says about a resource.
     *
     * @param resource its logical id; where it is none: the path of the construct
     */
    record Finding(String rule, String stack, String resource) {
        static Finding on(CfnResource resource, String rule) {
            Stack stack = Stack.of(resource);
            return new Finding(rule, stack.getStackName(), String.valueOf(stack.resolve(resource.getLogicalId())));
        }

        boolean isOnAResource() {
            return !resource.contains("/");
        }
    }

    private Acknowledgements() {}

    /** Each with its reason. */
    static Map<Finding, String> of(App app) {
        Map<Finding, String> all = new LinkedHashMap<>();
        for (IConstruct construct : app.getNode().findAll()) {
            construct.getNode().getMetadata().stream()
                    .filter(entry -> entry.getType().equals(Validations.ACKNOWLEDGED_RULES_METADATA_KEY))
                    .forEach(entry -> ((Map<?, ?>) entry.getData()).forEach((rule, reason) -> {
                        if (!isOfCdk(construct, rule.toString())) {
                            all.put(finding(construct, rule.toString()), reason.toString());
                        }
                    }));
        }
        return all;
    }

    /** CDK's own warnings, and what it says itself to its own schemas, are acknowledged in the same place. */
    private static boolean isOfCdk(IConstruct construct, String rule) {
        return rule.startsWith("Annotation::")
                || (construct instanceof FlowLog && rule.startsWith("CloudFormation-Validate::"));
    }

    private static Finding finding(IConstruct construct, String rule) {
        return construct instanceof CfnResource resource
                ? Finding.on(resource, rule)
                : new Finding(rule, "", "/" + construct.getNode().getPath());
    }
}
