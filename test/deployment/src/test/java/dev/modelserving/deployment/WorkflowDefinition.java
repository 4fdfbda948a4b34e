package dev.modelserving.deployment;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Pattern;

/** The workflow's state machine, for a table of the emulated account, with pauses that suit tests. */
final class WorkflowDefinition {
    private static final Pattern PLACEHOLDER = Pattern.compile("\\$\\{(\\w+)}");

    private WorkflowDefinition() {}

    static String of(String table) throws IOException {
        Path file = Commands.ROOT.resolve("statemachine").resolve("ml-workflow.asl.json");
        Map<String, String> values = new TreeMap<>(Map.of(
                "Partition", "aws",
                "ClusterArn", "arn:aws:ecs:eu-central-1:000000000000:cluster/serving",
                "TaskDefinitionArn", "arn:aws:ecs:eu-central-1:000000000000:task-definition/pipeline:1",
                "ContainerName", "pipeline",
                "SubnetIds", "subnet-1,subnet-2",
                "SecurityGroupId", "sg-1",
                "RegistryTable", table));
        values.putAll(Map.of(
                "VerifyWithinSeconds", "300",
                "ServeWithinSeconds", "60",
                "RetryDelaySeconds", "1",
                "PollSeconds", "1"));
        String definition = PLACEHOLDER.matcher(Files.readString(file)).replaceAll(found -> values.get(found.group(1)));
        return new ObjectMapper().readTree(definition).toString();
    }
}
