package dev.modelserving.deployment.interpreter;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.modelserving.deployment.Json;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a service answers a state machine, in the shape in which AWS gives it.
 *
 * @param json {@code {"Return": ...}} or {@code {"Throw": {"Error", "Cause"}}}
 */
record Answer(ObjectNode json) {
    static final String MODEL = "iris";
    /** The execution that asks, wherever it stands in an answer. */
    static final String ITSELF = "<this execution>";

    private static final String REQUEST =
            " (Service: DynamoDb, Status Code: 400, Request ID: 5EJ0K2) (SDK Attempt Count: 1)";

    static Answer returns(JsonNode result) {
        ObjectNode json = Json.object();
        json.set("Return", result);
        return new Answer(json);
    }

    static Answer fails(String error, String cause) {
        ObjectNode json = Json.object();
        json.putObject("Throw").put("Error", error).put("Cause", cause);
        return new Answer(json);
    }

    /** What was asked for is done, and there is nothing to say about it. */
    static Answer done() {
        return returns(Json.object());
    }

    /** It would help to ask again. */
    static Answer throttled() {
        return fails("DynamoDb.ThrottlingException", "Throughput exceeds the current capacity of your table" + REQUEST);
    }

    /** It would not help to ask again. */
    static Answer denied() {
        return fails("DynamoDb.DynamoDbException", "User is not authorized to perform this" + REQUEST);
    }

    /** The time that a call has is over. */
    static Answer late() {
        return fails("States.Timeout", "");
    }

    /** @param reasons one for each item of the transaction, {@code None} for those that were not the reason */
    static Answer cancelled(String... reasons) {
        return fails(
                "DynamoDb.TransactionCanceledException",
                "Transaction cancelled, please refer cancellation reasons for specific reasons ["
                        + String.join(", ", reasons) + "]" + REQUEST);
    }

    static Answer noItem() {
        return done();
    }

    static Answer verdict(String outcome, String code, String message) {
        ObjectNode answer = Json.object("""
                {"Item": {"pk": {"S": "EXECUTION#%s"}, "sk": {"S": "VERDICT#iris#0000000002"}, "modelId": {"S": "iris"},
                  "version": {"N": "2"}, "examplesPassed": {"N": "3"}, "updatedAt": {"S": "2026-11-25T12:00:00.000Z"}}}""".formatted(ITSELF));
        ObjectNode item = (ObjectNode) answer.get("Item");
        text(item, "outcome", outcome);
        text(item, "code", code);
        text(item, "message", message);
        return returns(answer);
    }

    static Answer verified() {
        return verdict("VERIFIED", "VERIFIED", "3 examples passed");
    }

    static Answer champion(int version, int rev) {
        return champion(version, rev, null);
    }

    /** @param previous what was champion before; null: nothing */
    static Answer champion(int version, int rev, @Nullable Integer previous) {
        ObjectNode answer = Json.object("""
                {"Item": {"pk": {"S": "MODEL#iris"}, "sk": {"S": "ALIAS#champion"}, "entity": {"S": "ALIAS"},
                  "modelId": {"S": "iris"}, "alias": {"S": "champion"}, "version": {"N": "%d"}, "rev": {"N": "%d"},
                  "updatedBy": {"S": "somebody"}}}""".formatted(version, rev));
        number((ObjectNode) answer.get("Item"), "previousVersion", previous);
        return returns(answer);
    }

    /** A champion of which nobody has confirmed that it is served. */
    Answer unconfirmed(String execution, @Nullable Integer before, @Nullable Integer previousBefore) {
        ObjectNode copy = json.deepCopy();
        ObjectNode unconfirmed =
                ((ObjectNode) copy.at("/Return/Item")).putObject("unconfirmed").putObject("M");
        text(unconfirmed, "executionId", execution);
        text(unconfirmed, "since", "2026-11-25T12:00:00.000Z");
        number(unconfirmed, "version", before);
        number(unconfirmed, "previousVersion", previousBefore);
        return new Answer(copy);
    }

    /** The same, moved by an execution with this action. */
    Answer by(String action) {
        ObjectNode copy = json.deepCopy();
        text((ObjectNode) copy.at("/Return/Item/unconfirmed/M"), "action", action);
        return new Answer(copy);
    }

    /** The same, over a champion to which somebody had gone back. */
    Answer overRolledBackFrom(int version) {
        ObjectNode copy = json.deepCopy();
        number((ObjectNode) copy.at("/Return/Item/unconfirmed/M"), "rolledBackFrom", version);
        return new Answer(copy);
    }

    /** A champion to which somebody has gone back. */
    Answer rolledBackFrom(int version) {
        ObjectNode copy = json.deepCopy();
        number((ObjectNode) copy.at("/Return/Item"), "rolledBackFrom", version);
        return new Answer(copy);
    }

    static Answer replicas(Replica... replicas) {
        ObjectNode answer = Json.object().put("Count", replicas.length).put("ScannedCount", replicas.length);
        ArrayNode items = answer.putArray("Items");
        List.of(replicas).forEach(replica -> items.add(replica.item()));
        return returns(answer);
    }

    /** The same answer, and there is another page. */
    Answer continued() {
        ObjectNode copy = json.deepCopy();
        ((ObjectNode) copy.get("Return")).set("LastEvaluatedKey", Json.object("""
                {"pk": {"S": "REPLICA#a"}, "sk": {"S": "LOADED"}, "entity": {"S": "REPLICA"}}"""));
        return new Answer(copy);
    }

    static Answer execution(String status) {
        return returns(Json.object("""
                {"ExecutionArn": "another", "Name": "another", "Status": "%s", "StartDate": "2026-11-25T12:00:00.000Z"}""".formatted(status)));
    }

    /** A task whose container ended well. */
    static Answer ended() {
        return returns(task("EssentialContainerExited", "Essential container in task exited", 0, ""));
    }

    /** A task whose container ended badly. */
    static Answer exited(int code) {
        return stopped("EssentialContainerExited", "Essential container in task exited", code, "");
    }

    /** @param exitCode null: the container never ran, or nobody knows how it ended */
    static Answer stopped(String stopCode, String stoppedReason, @Nullable Integer exitCode, String containerReason) {
        return fails(
                "States.TaskFailed",
                task(stopCode, stoppedReason, exitCode, containerReason).toString());
    }

    private static ObjectNode task(
            String stopCode, String stoppedReason, @Nullable Integer exitCode, String containerReason) {
        ObjectNode task = Json.object("""
                {"Attachments": [], "AvailabilityZone": "eu-central-1a", "ClusterArn": "arn:aws:ecs:eu-central-1:000000000000:cluster/c",
                  "Connectivity": "CONNECTED", "Cpu": "1024", "DesiredStatus": "STOPPED", "LastStatus": "STOPPED",
                  "LaunchType": "FARGATE", "Memory": "2048", "TaskArn": "arn:aws:ecs:eu-central-1:000000000000:task/c/1", "Version": 5}""");
        task.put("StopCode", stopCode).put("StoppedReason", stoppedReason);
        ObjectNode container = task.putArray("Containers").addObject();
        container.put("Name", "service").put("LastStatus", "STOPPED");
        if (exitCode != null) {
            container.put("ExitCode", exitCode);
        }
        if (!containerReason.isEmpty()) {
            container.put("Reason", containerReason);
        }
        return task;
    }

    static void text(ObjectNode item, String name, String value) {
        item.putObject(name).put("S", value);
    }

    static void number(ObjectNode item, String name, @Nullable Integer value) {
        if (value != null) {
            item.putObject(name).put("N", value.toString());
        }
    }
}
