package dev.modelserving.infra;

import static dev.modelserving.infra.StackTemplate.json;
import static dev.modelserving.infra.StackTemplate.texts;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What a task is given, and what is kept from it. */
class TaskTest {
    private final JsonNode task = task(Templates.of());
    private final JsonNode container = task.at("/ContainerDefinitions/0");

    @Test
    void theTaskIsOneContainer() {
        assertThat(task.path("ContainerDefinitions")).hasSize(1);
        assertThat(container.path("Essential").booleanValue()).isTrue();
    }

    @Test
    void theTaskCannotWriteItsRootFileSystem() {
        assertThat(container.path("ReadonlyRootFilesystem").booleanValue()).isTrue();
    }

    @Test
    void theTaskRunsAsAUserWithoutRights() {
        assertThat(container.path("User").textValue()).isEqualTo("10001:10001");
        assertThat(container.has("Privileged")).isFalse();
    }

    @Test
    void theTaskHasNoCapabilities() {
        assertThat(container.path("LinuxParameters")).isEqualTo(json("{'Capabilities':{'Drop':['ALL']}}"));
    }

    @Test
    void twoFoldersCanBeWrittenAndBothAreTheTasksOwnVolumes() {
        assertThat(task.path("Volumes")).isEqualTo(json("[{'Name':'tmp'},{'Name':'cache'}]"));
        assertThat(container.path("MountPoints")).isEqualTo(json("""
                [{'ContainerPath':'/tmp','ReadOnly':false,'SourceVolume':'tmp'},
                 {'ContainerPath':'/var/lib/model-serving','ReadOnly':false,'SourceVolume':'cache'}]"""));
    }

    @Test
    void ephemeralStorageIsWhatTheSettingsSay() {
        assertThat(task.at("/EphemeralStorage/SizeInGiB").intValue()).isEqualTo(21);
        JsonNode large = task(Templates.of("service:", "  ephemeralStorage: 100"));
        assertThat(large.at("/EphemeralStorage/SizeInGiB").intValue()).isEqualTo(100);
    }

    @Test
    void theLogNeverHoldsUpAnAnswer() {
        JsonNode log = container.path("LogConfiguration");
        assertThat(log.path("LogDriver").textValue()).isEqualTo("awslogs");
        assertThat(log.at("/Options/mode").textValue()).isEqualTo("non-blocking");
        assertThat(log.at("/Options/max-buffer-size").textValue()).isEqualTo("26214400b");
    }

    @Test
    void theTaskWritesToItsOwnLogGroup() {
        String group = Templates.of().serving().id("AWS::Logs::LogGroup", "ServiceLog");
        assertThat(container.at("/LogConfiguration/Options/awslogs-group/Ref").textValue())
                .isEqualTo(group);
    }

    @Test
    void ecsAsksTheTaskItselfWhetherItHasStarted() {
        // The image's HEALTHCHECK is nothing to ECS, and there is no shell and no curl in it.
        assertThat(container.path("HealthCheck")).isEqualTo(json("""
                {'Command':['CMD','/app/health'],'Interval':10,'Retries':3,'StartPeriod':300,'Timeout':5}"""));
    }

    @Test
    void bothPortsAreNamed() {
        assertThat(container.path("PortMappings")).isEqualTo(json("""
                [{'ContainerPort':8080,'Name':'http','Protocol':'tcp'},
                 {'ContainerPort':8081,'Name':'grpc','Protocol':'tcp'}]"""));
    }

    @Test
    void theTaskRunsOnTheProcessorThatTheSettingsName() {
        assertThat(task.at("/RuntimePlatform/CpuArchitecture").textValue()).isEqualTo("X86_64");
        JsonNode arm = task(Templates.of("service:", "  architecture: arm64"));
        assertThat(arm.path("RuntimePlatform"))
                .isEqualTo(json("{'CpuArchitecture':'ARM64','OperatingSystemFamily':'LINUX'}"));
    }

    @Test
    void aTaskThatIsToStopHasTimeToAnswerAndToTidyUp() {
        assertThat(container.path("StopTimeout").intValue()).isEqualTo(90);
        assertThat(environment(container)).containsEntry("DRAIN_DELAY", "25s").containsEntry("REQUEST_TIMEOUT", "25s");
        JsonNode slow = task(Templates.of(
                        "service:", "  drainDelay: 30s", "  requestTimeout: 1m", "  stopTimeout: 110s"))
                .at("/ContainerDefinitions/0");
        assertThat(slow.path("StopTimeout").intValue()).isEqualTo(110);
        assertThat(environment(slow)).containsEntry("DRAIN_DELAY", "30s").containsEntry("REQUEST_TIMEOUT", "60s");
    }

    @Test
    void theDrainDelayOutlastsTheNamesThatCallersRemember() {
        int remembered = Templates.of()
                .serving()
                .only("AWS::ServiceDiscovery::Service")
                .at("/DnsConfig/DnsRecords/0/TTL")
                .intValue();
        assertThat(environment(container)).containsEntry("DRAIN_DELAY", (remembered + 15) + "s");
    }

    @Test
    void theEnvironmentNamesWhatTheServiceUsesAndNothingElse() {
        assertThat(environment(container).keySet())
                .containsExactly(
                        "ARTIFACTS_BUCKET",
                        "DRAIN_DELAY",
                        "EXECUTION_MODE",
                        "GOLD_BUCKET",
                        "HTTP_PORT",
                        "LOG_FORMAT",
                        "MODEL_CACHE_DIR",
                        "MODEL_REGISTRY_TABLE",
                        "REQUEST_TIMEOUT");
        assertThat(environment(container))
                .containsEntry("EXECUTION_MODE", "standalone")
                .containsEntry("HTTP_PORT", "8080")
                .containsEntry("LOG_FORMAT", "json")
                .containsEntry("MODEL_CACHE_DIR", "/var/lib/model-serving");
        assertThat(environment(container).get("ARTIFACTS_BUCKET")).contains("Fn::ImportValue", "LakeArtifacts");
        assertThat(environment(container).get("GOLD_BUCKET")).contains("Fn::ImportValue", "LakeGold");
        assertThat(environment(container).get("MODEL_REGISTRY_TABLE")).contains("Fn::ImportValue", "RegistryTable");
    }

    @Test
    void variablesOfTheSettingsReachTheService() {
        JsonNode with = task(Templates.of("service:", "  environment:", "    MODEL_LOADING: lazy"));
        assertThat(environment(with.at("/ContainerDefinitions/0"))).containsEntry("MODEL_LOADING", "lazy");
    }

    @Test
    void noSecretIsGivenToTheTask() {
        assertThat(container.has("Secrets")).isFalse();
        assertThat(container.has("EnvironmentFiles")).isFalse();
    }

    @ParameterizedTest
    @CsvSource({
        "256, 512, 1, SerialGC, 128",
        "256, 2048, 1, SerialGC, 512",
        "512, 1024, 1, SerialGC, 256",
        "1024, 2048, 1, SerialGC, 512",
        "1024, 8192, 1, SerialGC, 2048",
        "2048, 4096, 2, G1GC, 1024",
        "4096, 8192, 4, G1GC, 2048",
        "8192, 61440, 8, G1GC, 4096",
        "16384, 122880, 16, G1GC, 4096"
    })
    void theJvmIsToldOfTheTasksSize(int cpu, int memory, int processors, String collector, int heap) {
        JsonNode sized = task(Templates.of("service:", "  cpu: " + cpu, "  memory: " + memory));
        assertThat(sized.path("Cpu").textValue()).isEqualTo(String.valueOf(cpu));
        assertThat(sized.path("Memory").textValue()).isEqualTo(String.valueOf(memory));
        assertThat(texts(sized.at("/ContainerDefinitions/0/Command")))
                .containsExactly(
                        "-XX:ActiveProcessorCount=" + processors,
                        "-XX:+Use" + collector,
                        "-Xms" + heap + "m",
                        "-Xmx" + heap + "m",
                        "-jar",
                        "/app/model-serving.jar");
    }

    private static JsonNode task(Templates templates) {
        return templates.serving().only("AWS::ECS::TaskDefinition");
    }

    private static Map<String, String> environment(JsonNode container) {
        Map<String, String> environment = new TreeMap<>();
        List<String> names = new ArrayList<>();
        container.path("Environment").forEach(variable -> {
            names.add(variable.path("Name").textValue());
            JsonNode value = variable.path("Value");
            environment.put(
                    variable.path("Name").textValue(), value.isTextual() ? value.textValue() : value.toString());
        });
        assertThat(names).doesNotHaveDuplicates();
        return environment;
    }
}
