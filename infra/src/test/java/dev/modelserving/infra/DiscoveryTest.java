package dev.modelserving.infra;

import static dev.modelserving.infra.StackTemplate.json;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import org.junit.jupiter.api.Test;

/** How callers find tasks without a load balancer. */
class DiscoveryTest {
    private final StackTemplate serving = Templates.of().serving();
    private final JsonNode records = serving.only("AWS::ServiceDiscovery::Service");

    @Test
    void plainClientsAskForAddressesAndTheDoorForPortsToo() {
        assertThat(records.at("/DnsConfig/DnsRecords"))
                .isEqualTo(json("[{'TTL':10,'Type':'A'},{'TTL':10,'Type':'SRV'}]"));
    }

    @Test
    void everyHealthyTaskIsInTheAnswer() {
        assertThat(records.at("/DnsConfig/RoutingPolicy").textValue()).isEqualTo("MULTIVALUE");
    }

    @Test
    void ecsSaysWhichTasksAreHealthy() {
        assertThat(records.path("HealthCheckCustomConfig")).isEqualTo(json("{'FailureThreshold':1}"));
        assertThat(records.has("HealthCheckConfig")).isFalse();
    }

    @Test
    void tasksAreRegisteredWithTheContainerAndItsHttpPort() {
        assertThat(serving.only("AWS::ECS::Service").path("ServiceRegistries"))
                .isEqualTo(json(
                        "[{'ContainerName':'service','ContainerPort':8080,'RegistryArn':{'Fn::GetAtt':['%s','Arn']}}]"
                                .formatted(serving.id("AWS::ServiceDiscovery::Service", "Service"))));
    }

    @Test
    void theNameIsKnownInTheVpcOnly() {
        JsonNode namespace = serving.only("AWS::ServiceDiscovery::PrivateDnsNamespace");
        assertThat(namespace.path("Name").textValue()).isEqualTo("model-serving.internal");
        assertThat(namespace.path("Vpc").toString()).contains("NetworkVpc");
        assertThat(records.path("Name").textValue()).isEqualTo("models");
    }

    @Test
    void theNamespaceIsWhatTheSettingsSay() {
        StackTemplate named =
                Templates.of("service:", "  namespace: ml.example.internal").serving();
        assertThat(named.only("AWS::ServiceDiscovery::PrivateDnsNamespace")
                        .path("Name")
                        .textValue())
                .isEqualTo("ml.example.internal");
        assertThat(named.outputs().at("/Url/Value").textValue()).isEqualTo("http://models.ml.example.internal:8080");
    }
}
