package dev.modelserving.deployment.workflow;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.modelserving.deployment.EmulatedAws;
import java.time.Instant;

/** A stopped task as AWS Step Functions tells of it: what ECS's DescribeTasks answers, with names that begin in capitals. */
final class StoppedTask {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final String STOPPED = "STOPPED";

    private StoppedTask() {}

    /** The result of {@code ecs:runTask.sync}; as a string the cause of its States.TaskFailed. */
    static ObjectNode describe(PipelineTask task, Ending ending) {
        JsonNode arguments = task.arguments();
        String arn = arn(arguments, "task", task.id());
        long now = Instant.now().toEpochMilli();
        ObjectNode told = JSON.createObjectNode();
        told.set("Attachments", attachments(arguments, task));
        told.putArray("Attributes")
                .addObject()
                .put("Name", "ecs.cpu-architecture")
                .put("Value", "x86_64");
        told.put("AvailabilityZone", EmulatedAws.REGION + "a");
        told.put("ClusterArn", arguments.path("Cluster").asText());
        told.put("Connectivity", "CONNECTED").put("ConnectivityAt", now);
        told.putArray("Containers").add(container(task, ending, arn));
        told.put("Cpu", "1024").put("Memory", "2048");
        told.put("CreatedAt", task.createdAt().toEpochMilli());
        told.put("DesiredStatus", STOPPED).put("LastStatus", STOPPED);
        told.put("EnableExecuteCommand", false);
        told.putObject("EphemeralStorage").put("SizeInGiB", 21);
        told.put("ExecutionStoppedAt", now);
        told.put("Group", "family:model-serving-pipeline");
        told.putArray("InferenceAccelerators");
        told.put("LaunchType", "FARGATE").put("PlatformVersion", "1.4.0");
        told.set("Overrides", overrides(arguments));
        told.put("PullStartedAt", task.createdAt().toEpochMilli());
        told.put("PullStoppedAt", task.createdAt().toEpochMilli());
        if (ending.exitCode() != null) {
            told.put("StartedAt", task.createdAt().toEpochMilli());
        }
        told.put("StartedBy", "AWS Step Functions");
        told.put("StopCode", ending.stopCode()).put("StoppedReason", ending.stoppedReason());
        told.put("StoppingAt", now).put("StoppedAt", now);
        told.putArray("Tags");
        told.put("TaskArn", arn);
        told.put("TaskDefinitionArn", arguments.path("TaskDefinition").asText());
        told.put("Version", 5);
        return told;
    }

    private static JsonNode attachments(JsonNode arguments, PipelineTask task) {
        JsonNode subnets = arguments.at("/NetworkConfiguration/AwsvpcConfiguration/Subnets");
        ObjectNode attachment = JSON.createObjectNode();
        attachment
                .putArray("Details")
                .addObject()
                .put("Name", "subnetId")
                .put("Value", subnets.path(0).asText());
        attachment.put("Id", task.id()).put("Status", "DELETED").put("Type", "eni");
        return JSON.createArrayNode().add(attachment);
    }

    private static ObjectNode container(PipelineTask task, Ending ending, String taskArn) {
        ObjectNode container = JSON.createObjectNode();
        container.put("ContainerArn", arn(task.arguments(), "container", task.id() + "/1"));
        container.put("Cpu", "0");
        container.putArray("GpuIds");
        container.put("Image", "model-serving").put("LastStatus", STOPPED);
        container.putArray("ManagedAgents");
        container.put(
                "Name",
                task.arguments().at("/Overrides/ContainerOverrides/0/Name").asText());
        container.putArray("NetworkBindings");
        container
                .putArray("NetworkInterfaces")
                .addObject()
                .put("AttachmentId", task.id())
                .put("PrivateIpv4Address", "10.0.0.7");
        container.put("TaskArn", taskArn);
        if (ending.exitCode() != null) {
            container.put("ExitCode", ending.exitCode());
            container.put("ImageDigest", "sha256:" + "0".repeat(64)).put("RuntimeId", task.id() + "-1");
        }
        if (ending.reason() != null) {
            container.put("Reason", ending.reason());
        }
        return container;
    }

    /** As they were given, with what is empty beside them. */
    private static ObjectNode overrides(JsonNode arguments) {
        ObjectNode overrides = JSON.createObjectNode();
        ObjectNode container = overrides.putArray("ContainerOverrides").addObject();
        container.putArray("Command");
        container.putArray("Environment");
        container.putArray("EnvironmentFiles");
        container.putArray("ResourceRequirements");
        JsonNode given = arguments.at("/Overrides/ContainerOverrides/0");
        given.fieldNames().forEachRemaining(name -> container.set(name, given.get(name)));
        overrides.putArray("InferenceAcceleratorOverrides");
        return overrides;
    }

    private static String arn(JsonNode arguments, String type, String id) {
        String cluster = arguments.path("Cluster").asText();
        return "arn:aws:ecs:%s:%s:%s/%s/%s"
                .formatted(
                        EmulatedAws.REGION,
                        EmulatedAws.ACCOUNT,
                        type,
                        cluster.substring(cluster.lastIndexOf('/') + 1),
                        id);
    }
}
