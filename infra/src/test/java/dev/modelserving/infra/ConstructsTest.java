package dev.modelserving.infra;

import static dev.modelserving.infra.StackTemplate.json;
import static dev.modelserving.infra.StackTemplate.texts;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import dev.modelserving.infra.door.InferenceDoor;
import dev.modelserving.infra.door.InferenceDoorProps;
import dev.modelserving.infra.lake.DataLake;
import dev.modelserving.infra.lake.DataLakeProps;
import dev.modelserving.infra.network.ServingNetwork;
import dev.modelserving.infra.network.ServingNetworkProps;
import dev.modelserving.infra.registry.ModelRegistryTable;
import dev.modelserving.infra.registry.ModelRegistryTableProps;
import dev.modelserving.infra.service.EcsFargateServiceConstruct;
import dev.modelserving.infra.service.EcsFargateServiceProps;
import dev.modelserving.infra.service.EcsFargateServicePropsBuilder;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import software.amazon.awscdk.App;
import software.amazon.awscdk.Duration;
import software.amazon.awscdk.Environment;
import software.amazon.awscdk.Stack;
import software.amazon.awscdk.StackProps;
import software.amazon.awscdk.services.cloudwatch.MathExpression;
import software.amazon.awscdk.services.cloudwatch.Metric;
import software.amazon.awscdk.services.ec2.Peer;
import software.amazon.awscdk.services.ecs.ContainerImage;
import software.amazon.awscdk.services.iam.Role;
import software.amazon.awscdk.services.iam.ServicePrincipal;
import software.amazon.awscdk.services.kms.Key;

/** The constructs in an app of somebody else's, with nothing but their defaults. */
class ConstructsTest {
    private static StackTemplate template;
    private static DataLake lake;
    private static ModelRegistryTable registry;
    private static ServingNetwork network;
    private static EcsFargateServiceConstruct service;
    private static InferenceDoor door;

    @BeforeAll
    static void synthesise() {
        // Without the feature flags of our cdk.json.
        App app = new App();
        Stack stack = new Stack(app, "Theirs");
        lake = new DataLake(stack, "Lake", DataLakeProps.builder().build());
        registry = new ModelRegistryTable(
                stack, "Registry", ModelRegistryTableProps.builder().build());
        network = new ServingNetwork(
                stack, "Network", ServingNetworkProps.builder().build());
        service = new EcsFargateServiceConstruct(stack, "Service", props().build());
        door = new InferenceDoor(
                stack,
                "Door",
                InferenceDoorProps.builder()
                        .service(service)
                        .vpc(network.vpc())
                        .subnets(network.subnets())
                        .build());
        lake.grantReadModels(role(stack, "ReadsModels"));
        lake.grantWriteModels(role(stack, "WritesModels"));
        lake.grantWritePredictions(role(stack, "WritesPredictions"));
        registry.grantRead(role(stack, "Reads"));
        registry.grantReport(role(stack, "Reports"));
        door.grantInvoke(role(stack, "Invokes"));
        template = Templates.of(app).byStack().get("Theirs");
    }

    @Test
    void everythingThatHoldsDataIsKept() {
        for (String type : List.of("AWS::S3::Bucket", "AWS::DynamoDB::GlobalTable", "AWS::Logs::LogGroup")) {
            assertThat(template.resources(type).values())
                    .as(type)
                    .isNotEmpty()
                    .allSatisfy(resource -> assertThat(
                                    resource.path("DeletionPolicy").textValue())
                            .isEqualTo("Retain"));
        }
        assertThat(template.only("AWS::DynamoDB::GlobalTable")
                        .at("/Replicas/0/DeletionProtectionEnabled")
                        .booleanValue())
                .isTrue();
    }

    @Test
    void everyBucketIsClosedVersionedAndLogged() {
        assertThat(template.all("AWS::S3::Bucket")).hasSize(3).allSatisfy(bucket -> {
            assertThat(bucket.at("/VersioningConfiguration/Status").textValue()).isEqualTo("Enabled");
            assertThat(bucket.at("/PublicAccessBlockConfiguration/RestrictPublicBuckets")
                            .booleanValue())
                    .isTrue();
        });
        assertThat(template.all("AWS::S3::Bucket"))
                .filteredOn(bucket -> bucket.has("LoggingConfiguration"))
                .hasSize(2);
    }

    @Test
    void theNetworkHasNoWayOut() {
        assertThat(template.types()).doesNotContain("AWS::EC2::InternetGateway", "AWS::EC2::NatGateway");
        assertThat(template.resources("AWS::EC2::Subnet")).hasSize(2);
    }

    @Test
    void nobodyMayCallTheService() {
        assertThat(template.resource("AWS::EC2::SecurityGroup", "ServiceTasks")
                        .path("Properties")
                        .has("SecurityGroupIngress"))
                .isFalse();
    }

    @Test
    void theServiceRunsTwiceWithoutRightsOnItsMachine() {
        assertThat(template.only("AWS::ApplicationAutoScaling::ScalableTarget")
                        .path("MinCapacity")
                        .intValue())
                .isEqualTo(2);
        JsonNode container = template.only("AWS::ECS::TaskDefinition").at("/ContainerDefinitions/0");
        assertThat(container.path("ReadonlyRootFilesystem").booleanValue()).isTrue();
        assertThat(container.path("User").textValue()).isEqualTo("10001:10001");
        assertThat(container.path("StopTimeout").intValue()).isEqualTo(90);
    }

    @Test
    void theDoorAsksForCredentialsAndSlowsDown() {
        assertThat(template.all("AWS::ApiGatewayV2::Route"))
                .allSatisfy(route ->
                        assertThat(route.path("AuthorizationType").textValue()).isEqualTo("AWS_IAM"));
        assertThat(template.only("AWS::ApiGatewayV2::Stage").path("DefaultRouteSettings"))
                .isEqualTo(json("{'ThrottlingBurstLimit':200,'ThrottlingRateLimit':100}"));
    }

    @Test
    void theirTemplateRefersToNothingThatIsNotThere() {
        assertThat(TemplateFaults.in(List.of(template))).isEmpty();
    }

    @Test
    void grantsGiveWhatTheySayAndNothingMore() {
        assertThat(actions("ReadsModels"))
                .containsExactlyInAnyOrder("s3:GetObject", "s3:GetObjectVersion", "s3:ListBucket");
        assertThat(actions("WritesModels")).containsExactly("s3:PutObject");
        assertThat(resources("WritesModels")).contains("LakeArtifacts", "/models/*");
        assertThat(actions("WritesPredictions")).containsExactly("s3:PutObject");
        assertThat(resources("WritesPredictions")).contains("LakeGold", "/predictions/*");
        assertThat(actions("Reads")).containsExactlyInAnyOrder("dynamodb:GetItem", "dynamodb:Query");
        assertThat(actions("Reports")).containsExactlyInAnyOrder("dynamodb:UpdateItem", "dynamodb:DeleteItem");
        assertThat(actions("Invokes")).containsExactly("execute-api:Invoke");
        assertThat(resources("Invokes")).contains("DoorApi", "/$default/*/*");
    }

    @Test
    void grantsOfEncryptedDataComeWithTheKey() {
        Stack stack = new Stack(
                Synthesis.app(),
                "Encrypted",
                StackProps.builder()
                        .env(Environment.builder().region("eu-west-1").build())
                        .build());
        Key key = new Key(stack, "Key");
        DataLake encrypted = new DataLake(
                stack, "Lake", DataLakeProps.builder().encryptionKey(key).build());
        ModelRegistryTable table = new ModelRegistryTable(
                stack,
                "Registry",
                ModelRegistryTableProps.builder().encryptionKey(key).build());
        encrypted.grantReadModels(role(stack, "ReadsModels"));
        encrypted.grantWriteModels(role(stack, "WritesModels"));
        encrypted.grantWritePredictions(role(stack, "WritesPredictions"));
        table.grantRead(role(stack, "Reads"));
        StackTemplate with =
                Templates.of((App) stack.getNode().getRoot()).byStack().get("Encrypted");
        assertThat(actions(with, "ReadsModels")).contains("kms:Decrypt").doesNotContain("kms:GenerateDataKey");
        assertThat(actions(with, "WritesModels")).contains("kms:Decrypt", "kms:GenerateDataKey");
        assertThat(actions(with, "WritesPredictions"))
                .contains("kms:GenerateDataKey")
                .doesNotContain("kms:Decrypt");
        assertThat(actions(with, "Reads")).contains("kms:Decrypt");
    }

    @Test
    void metricsAreNamedAsAwsNamesThem() {
        assertMetric(lake.metricArtifactsBytes(), "AWS/S3", "BucketSizeBytes", "BucketName", "StorageType");
        assertMetric(lake.metricGoldBytes(), "AWS/S3", "BucketSizeBytes", "BucketName", "StorageType");
        assertSums(registry.metricReadThrottles(), "ReadThrottleEvents");
        assertSums(registry.metricWriteThrottles(), "WriteThrottleEvents");
        assertSums(registry.metricConsumedReads(), "ConsumedReadCapacityUnits");
        assertSums(registry.metricConsumedWrites(), "ConsumedWriteCapacityUnits");
        assertMetric(service.metricCpuUtilization(), "AWS/ECS", "CPUUtilization", "ClusterName", "ServiceName");
        assertMetric(service.metricMemoryUtilization(), "AWS/ECS", "MemoryUtilization", "ClusterName", "ServiceName");
        assertMetric(
                service.metricRunningTasks(),
                "ECS/ContainerInsights",
                "RunningTaskCount",
                "ClusterName",
                "ServiceName");
        assertMetric(door.metricCount(), "AWS/ApiGateway", "Count", "ApiId");
        assertMetric(door.metricServerError(), "AWS/ApiGateway", "5xx", "ApiId");
        assertMetric(door.metricLatency(), "AWS/ApiGateway", "Latency", "ApiId");
    }

    @Test
    void alarmsRollADeploymentBackByTheirNames() {
        App app = Synthesis.app();
        Stack stack = new Stack(app, "Alarmed");
        DataLake models = new DataLake(stack, "Lake", DataLakeProps.builder().build());
        ModelRegistryTable table = new ModelRegistryTable(
                stack, "Registry", ModelRegistryTableProps.builder().build());
        ServingNetwork place = new ServingNetwork(
                stack, "Network", ServingNetworkProps.builder().build());
        new EcsFargateServiceConstruct(
                        stack,
                        "Service",
                        EcsFargateServiceProps.builder()
                                .network(place)
                                .lake(models)
                                .registry(table)
                                .image(ContainerImage.fromRegistry("example/model-serving"))
                                .deploymentAlarmNames(List.of("too-slow", "too-many-errors"))
                                .build())
                .allowFrom(Peer.ipv4("10.0.0.0/8"));
        JsonNode alarms = Templates.of(app)
                .byStack()
                .get("Alarmed")
                .only("AWS::ECS::Service")
                .at("/DeploymentConfiguration/Alarms");
        assertThat(alarms)
                .isEqualTo(json("{'AlarmNames':['too-slow','too-many-errors'],'Enable':true,'Rollback':true}"));
    }

    @Test
    void aTaskThatHadNoTimeToStopIsRefused() {
        assertThatThrownBy(() -> props().stopTimeout(Duration.seconds(69)).build())
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage(
                        "stopTimeout: 1 minute 9 seconds (expected: drainDelay + requestTimeout + 20 s = 70 s, to 120 s)");
        assertThat(props().stopTimeout(Duration.seconds(70)).build()).isNotNull();
    }

    @Test
    void aStopTimeoutThatEcsDoesNotTakeIsRefused() {
        assertThatThrownBy(() -> props().stopTimeout(Duration.seconds(121)).build())
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("to 120 s");
        assertThat(props().stopTimeout(Duration.seconds(120)).build()).isNotNull();
    }

    @Test
    void propsRefuseNonsense() {
        assertThatThrownBy(() -> props().minReplicas(0).build()).hasMessage("minReplicas: 0 (expected: at least 1)");
        assertThatThrownBy(() -> props().minReplicas(5).maxReplicas(4).build())
                .hasMessage("maxReplicas: 4 (expected: at least minReplicas, 5)");
        assertThatThrownBy(() -> props().ephemeralStorage(20).build())
                .hasMessage("ephemeralStorage: 20 (expected: 21 to 200 GiB)");
    }

    private static EcsFargateServicePropsBuilder props() {
        return EcsFargateServiceProps.builder()
                .network(network)
                .lake(lake)
                .registry(registry)
                .image(ContainerImage.fromRegistry("example/model-serving"));
    }

    private static Role role(Stack stack, String id) {
        return Role.Builder.create(stack, id)
                .assumedBy(new ServicePrincipal("lambda.amazonaws.com"))
                .build();
    }

    private static List<String> actions(String role) {
        return actions(template, role);
    }

    private static List<String> actions(StackTemplate template, String role) {
        return template.statements(roleId(template, role)).stream()
                .flatMap(statement -> texts(statement.path("Action")).stream())
                .toList();
    }

    private static String resources(String role) {
        return template.statements(roleId(template, role)).toString();
    }

    private static String roleId(StackTemplate template, String name) {
        List<String> ids = template.resources("AWS::IAM::Role").keySet().stream()
                .filter(id -> id.matches(name + "[0-9A-F]{8}"))
                .toList();
        assertThat(ids).hasSize(1);
        return ids.get(0);
    }

    /** The table's metric and that of its index. */
    private static void assertSums(MathExpression sum, String name) {
        assertThat(sum.getUsingMetrics().values())
                .hasSize(2)
                .allSatisfy(
                        metric -> assertThat(((Metric) metric).getMetricName()).isEqualTo(name));
    }

    private static void assertMetric(Metric metric, String namespace, String name, String... dimensions) {
        assertThat(metric.getNamespace()).isEqualTo(namespace);
        assertThat(metric.getMetricName()).isEqualTo(name);
        assertThat(metric.getDimensions()).containsOnlyKeys(dimensions);
    }
}
