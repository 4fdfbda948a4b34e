package dev.modelserving.deployment.workflow;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What the tests' ECS tells of a task is what AWS was once recorded to tell: names, their case, types. */
class StoppedTaskTest {
    private static final ObjectMapper JSON = new ObjectMapper();

    private ObjectNode recorded = JSON.createObjectNode();

    @BeforeEach
    void read() throws IOException {
        try (InputStream in = Objects.requireNonNull(getClass().getResourceAsStream("run-task-sync.json"))) {
            recorded = (ObjectNode) JSON.readTree(in).get("task");
        }
    }

    @Test
    void aTaskThatEndedWellHasTheRecordedShape() throws Exception {
        assertThat(shape(described(Ending.exited(0)))).isEqualTo(recorded);
    }

    @Test
    void aTaskThatFailedHasTheRecordedShape() throws Exception {
        JsonNode task = described(Ending.exited(65));
        assertThat(shape(task)).isEqualTo(recorded);
        assertThat(task.at("/Containers/0/ExitCode").asInt()).isEqualTo(65);
    }

    @Test
    void aKilledContainerHasAReasonBesides() throws Exception {
        ((ObjectNode) recorded.at("/Containers/0")).put("Reason", "string");
        assertThat(shape(described(Ending.outOfMemory(137)))).isEqualTo(recorded);
    }

    @Test
    void aTaskThatDidNotStartHasNeitherAnExitCodeNorATimeOfItsStart() throws Exception {
        recorded.remove("StartedAt");
        ((ObjectNode) recorded.at("/Containers/0")).remove(List.of("ExitCode", "ImageDigest", "RuntimeId"));
        assertThat(shape(described(Ending.notStarted("CannotPullContainerError: pull access denied"))))
                .isEqualTo(recorded);
    }

    private static JsonNode described(Ending ending) throws IOException {
        JsonNode arguments = JSON.readTree("""
                {"Cluster": "arn:aws:ecs:eu-central-1:000000000000:cluster/serving", "TaskDefinition": "pipeline:1",
                 "NetworkConfiguration": {"AwsvpcConfiguration": {"Subnets": ["subnet-1"]}},
                 "Overrides": {"ContainerOverrides": [{"Name": "pipeline", "Environment": []}]}}
                """);
        return StoppedTask.describe(new PipelineTask("7", arguments, Map.of(), Path.of("unused")), ending);
    }

    /** The same with types in place of values; of arrays the first element. */
    private static JsonNode shape(JsonNode value) {
        if (value.isArray()) {
            return value.isEmpty()
                    ? JSON.createArrayNode()
                    : JSON.createArrayNode().add(shape(value.get(0)));
        }
        if (value.isObject()) {
            ObjectNode shape = JSON.createObjectNode();
            value.fieldNames().forEachRemaining(name -> shape.set(name, shape(value.get(name))));
            return shape;
        }
        return JSON.getNodeFactory().textNode(value.isNumber() ? "number" : value.isBoolean() ? "boolean" : "string");
    }
}
