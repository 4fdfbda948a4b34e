package dev.modelserving.deployment;

import com.tngtech.archunit.ArchConfiguration;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.domain.JavaMethodCall;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/** The calls of AWS that stand in the service's code: who makes each, and what IAM calls it. */
final class AwsCalls {
    private static final Map<String, String> CLIENTS = Map.of(
            "software.amazon.awssdk.services.dynamodb.DynamoDbClient", "dynamodb",
            "software.amazon.awssdk.services.s3.S3Client", "s3");

    private AwsCalls() {}

    /** From {@code Class.method} that calls to {@code service:Operation}s that are called. */
    static Map<String, Set<String>> ofTheService() {
        // Names of what is called are enough; the SDK's own classes need not be read.
        ArchConfiguration.get().setResolveMissingDependenciesFromClassPath(false);
        JavaClasses classes = new ClassFileImporter()
                .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
                .withImportOption(location -> !location.contains("/infra/"))
                .importPackages("dev.modelserving");
        Map<String, Set<String>> calls = new TreeMap<>();
        classes.stream()
                .flatMap(type -> type.getMethodCallsFromSelf().stream())
                .filter(call -> CLIENTS.containsKey(call.getTargetOwner().getName()))
                .filter(call -> !call.getTarget().getName().matches("builder|create|close|serviceName"))
                .forEach(call -> calls.computeIfAbsent(caller(call), c -> new TreeSet<>())
                        .add(CLIENTS.get(call.getTargetOwner().getName()) + ":" + operation(call)));
        return calls;
    }

    private static String caller(JavaMethodCall call) {
        return call.getOriginOwner().getSimpleName() + "." + call.getOrigin().getName();
    }

    private static String operation(JavaMethodCall call) {
        String name = call.getTarget().getName().replace("Paginator", "");
        return Character.toUpperCase(name.charAt(0)) + name.substring(1);
    }
}
