package dev.modelserving.deployment;

import static org.assertj.core.api.Assertions.assertThat;

import dev.modelserving.infra.lake.DataLake;
import dev.modelserving.infra.lake.DataLakeProps;
import dev.modelserving.infra.network.ServingNetwork;
import dev.modelserving.infra.network.ServingNetworkProps;
import dev.modelserving.infra.registry.ModelRegistryTable;
import dev.modelserving.infra.registry.ModelRegistryTableProps;
import dev.modelserving.infra.service.EcsFargateServiceConstruct;
import dev.modelserving.infra.service.EcsFargateServiceProps;
import dev.modelserving.infra.workflow.PipelineTask;
import dev.modelserving.infra.workflow.PipelineTaskProps;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import software.amazon.awscdk.App;
import software.amazon.awscdk.CfnElement;
import software.amazon.awscdk.Environment;
import software.amazon.awscdk.Stack;
import software.amazon.awscdk.StackProps;
import software.amazon.awscdk.assertions.Template;
import software.amazon.awscdk.services.ecs.ContainerImage;
import software.constructs.IConstruct;

/** What the service calls in AWS is what its roles allow: no more, no less. */
class PermissionsTest {
    /** The mode in which a method of the service runs; whoever adds a call adds a line here. */
    private enum Mode {
        STANDALONE,
        STEP_FUNCTIONS,
        /** Registration from the local platform and tests, with credentials of their own. */
        REGISTRATION,
        /** The local platform's own buckets and table. */
        LOCAL
    }

    private static final Map<String, Set<Mode>> RUNS_IN = Map.ofEntries(
            Map.entry("DynamoDbModelRegistry.alias", Set.of(Mode.STANDALONE, Mode.REGISTRATION)),
            Map.entry("DynamoDbModelRegistry.changedSince", Set.of(Mode.STANDALONE)),
            Map.entry("DynamoDbModelRegistry.moveAlias", Set.of(Mode.REGISTRATION)),
            Map.entry("DynamoDbModelRegistry.recordVerified", Set.of(Mode.REGISTRATION)),
            Map.entry("DynamoDbModelRegistry.register", Set.of(Mode.REGISTRATION)),
            Map.entry("DynamoDbReplicaRegistry.live", Set.of(Mode.STANDALONE)),
            Map.entry("DynamoDbReplicaRegistry.report", Set.of(Mode.STANDALONE)),
            Map.entry("DynamoDbReplicaRegistry.withdraw", Set.of(Mode.STANDALONE)),
            Map.entry("DynamoDbVerificationRecords.champions", Set.of(Mode.STEP_FUNCTIONS)),
            Map.entry("DynamoDbVerificationRecords.get", Set.of(Mode.STEP_FUNCTIONS)),
            Map.entry("DynamoDbVerificationRecords.isPointedTo", Set.of(Mode.STEP_FUNCTIONS)),
            Map.entry("DynamoDbVerificationRecords.write", Set.of(Mode.STEP_FUNCTIONS)),
            Map.entry("LocalAws.createBucket", Set.of(Mode.LOCAL)),
            Map.entry("LocalAws.createTable", Set.of(Mode.LOCAL)),
            Map.entry("S3ArtifactStore.open", Set.of(Mode.STANDALONE, Mode.STEP_FUNCTIONS)),
            Map.entry("S3ArtifactStore.upload", Set.of(Mode.REGISTRATION)),
            Map.entry("S3ArtifactStore.create", Set.of(Mode.REGISTRATION)),
            Map.entry("S3ResultStore.put", Set.of(Mode.STANDALONE)));

    /** What IAM asks for, for a call that is not named as its action. Service authorization reference, DynamoDB and S3. */
    private static final Map<String, Set<String>> ASKS_FOR = Map.of(
            "dynamodb:TransactWriteItems", Set.of("dynamodb:PutItem", "dynamodb:UpdateItem"),
            // A file may be named with its S3 version; one that is missing is told apart from one that is forbidden.
            "s3:GetObject", Set.of("s3:GetObject", "s3:GetObjectVersion", "s3:ListBucket"));

    private static Map<String, Set<String>> calls;
    private static Template template;
    private static String service;
    private static String verifier;

    @BeforeAll
    static void synthesise() {
        calls = AwsCalls.ofTheService();
        Stack stack = new Stack(
                new App(),
                "Theirs",
                StackProps.builder()
                        .env(Environment.builder().region("eu-west-1").build())
                        .build());
        ModelRegistryTable registry = new ModelRegistryTable(
                stack, "Registry", ModelRegistryTableProps.builder().build());
        DataLake lake = new DataLake(stack, "Lake", DataLakeProps.builder().build());
        ServingNetwork network = new ServingNetwork(
                stack, "Network", ServingNetworkProps.builder().build());
        EcsFargateServiceConstruct serving = new EcsFargateServiceConstruct(
                stack,
                "Serving",
                EcsFargateServiceProps.builder()
                        .network(network)
                        .lake(lake)
                        .registry(registry)
                        .image(ContainerImage.fromRegistry("model-serving"))
                        .build());
        PipelineTask verification = new PipelineTask(
                stack,
                "Verification",
                PipelineTaskProps.builder()
                        .cluster(serving.cluster())
                        .network(network)
                        .lake(lake)
                        .registry(registry)
                        .image(ContainerImage.fromRegistry("model-serving"))
                        .build());
        service = id(stack, (IConstruct) serving.getGrantPrincipal());
        verifier = id(stack, (IConstruct) verification.getGrantPrincipal());
        template = Template.fromStack(stack);
    }

    @Test
    void everyCallOfTheServiceHasAMode() {
        assertThat(RUNS_IN.keySet()).containsExactlyInAnyOrderElementsOf(calls.keySet());
    }

    @Test
    void theServiceMayDoWhatItCallsAndNothingElse() {
        assertThat(allowed(service)).isEqualTo(called(Mode.STANDALONE));
    }

    @Test
    void aVerificationMayDoWhatItCallsAndNothingElse() {
        assertThat(allowed(verifier)).isEqualTo(called(Mode.STEP_FUNCTIONS));
    }

    @Test
    void theServiceWritesNothingInTheRegistryButItsOwnReport() {
        assertThat(statements(service)
                        .filter(statement -> actions(statement).stream()
                                .anyMatch(action ->
                                        action.matches("dynamodb:(Put|Update|Delete|Batch|Transact|PartiQL).*"))))
                .isNotEmpty()
                .allSatisfy(statement -> assertThat(statement)
                        .containsEntry(
                                "Condition",
                                Map.of(
                                        "ForAllValues:StringLike",
                                        Map.of("dynamodb:LeadingKeys", List.of("REPLICA#*")))));
    }

    @Test
    void noRoleOfTheServiceHasAWildcardActionOrResource() {
        assertThat(Stream.of(service, verifier).flatMap(PermissionsTest::statements))
                .allSatisfy(statement -> {
                    assertThat(actions(statement)).noneMatch(action -> action.contains("*"));
                    assertThat(statement.get("Resource")).isNotEqualTo("*");
                });
    }

    private static Set<String> called(Mode mode) {
        return RUNS_IN.entrySet().stream()
                .filter(entry -> entry.getValue().contains(mode))
                .flatMap(entry -> calls.getOrDefault(entry.getKey(), Set.of()).stream())
                .flatMap(call -> ASKS_FOR.getOrDefault(call, Set.of(call)).stream())
                .collect(Collectors.toCollection(TreeSet::new));
    }

    private static Set<String> allowed(String role) {
        return statements(role)
                .flatMap(statement -> actions(statement).stream())
                .collect(Collectors.toCollection(TreeSet::new));
    }

    private static Stream<Map<String, Object>> statements(String role) {
        return new TreeMap<>(template.findResources("AWS::IAM::Policy"))
                .values().stream()
                        .map(policy -> object(policy.get("Properties")))
                        .filter(policy -> policy.get("Roles").equals(List.of(Map.of("Ref", role))))
                        .flatMap(policy ->
                                ((List<?>) object(policy.get("PolicyDocument")).get("Statement")).stream())
                        .map(PermissionsTest::object);
    }

    private static Collection<String> actions(Map<String, Object> statement) {
        Object actions = statement.get("Action");
        return actions instanceof List<?> several
                ? several.stream().map(String.class::cast).toList()
                : List.of((String) actions);
    }

    private static String id(Stack stack, IConstruct role) {
        return stack.getLogicalId((CfnElement) role.getNode().getDefaultChild());
    }

    @SuppressWarnings("unchecked")
    private static Map<String, Object> object(Object value) {
        return (Map<String, Object>) value;
    }
}
