package dev.modelserving.deployment.workflow;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.modelserving.deployment.EmulatedAws;
import java.io.IOException;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.awaitility.Awaitility;
import org.awaitility.core.ConditionFactory;

/** One state machine in the emulated account, and its executions. Safe for use by several threads. */
final class StateMachine {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final Duration LONG = Duration.ofMinutes(6);

    private final HttpClient client = HttpClient.newHttpClient();
    private final EmulatedAws aws;
    private final String arn;

    private StateMachine(EmulatedAws aws, String name, String definition) throws IOException, InterruptedException {
        this.aws = aws;
        this.arn = call(
                        "CreateStateMachine",
                        JSON.createObjectNode()
                                .put("name", name)
                                .put("definition", definition)
                                .put("roleArn", "arn:aws:iam::" + EmulatedAws.ACCOUNT + ":role/workflow")
                                .put("type", "STANDARD"))
                .get("stateMachineArn")
                .asText();
    }

    /** How an execution stands. Error and cause are empty unless it failed, the output is missing unless it succeeded. */
    record Execution(String arn, String status, String error, String cause, JsonNode output) {
        String outcome() {
            return output.path("outcome").asText();
        }
    }

    static StateMachine create(EmulatedAws aws, String name, String definition)
            throws IOException, InterruptedException {
        return new StateMachine(aws, name, definition);
    }

    String arn() {
        return arn;
    }

    /** Starts an execution; its ARN. */
    String start(JsonNode input) throws IOException, InterruptedException {
        return call(
                        "StartExecution",
                        JSON.createObjectNode().put("stateMachineArn", arn).put("input", input.toString()))
                .get("executionArn")
                .asText();
    }

    /** Starts an execution and waits for its end. */
    Execution run(JsonNode input) throws IOException, InterruptedException {
        return await(start(input));
    }

    Execution await(String execution) {
        try {
            soon().until(() -> !describe(execution).status().equals("RUNNING"));
            return describe(execution);
        } catch (IOException e) {
            throw new IllegalStateException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    /** Waits until the execution has come to the state, before its end. */
    void awaitState(String execution, String state) throws IOException, InterruptedException {
        awaitStateOrEnd(execution, state);
        assertThat(states(execution)).contains(state);
    }

    private void awaitStateOrEnd(String execution, String state) {
        soon().until(() -> states(execution).contains(state)
                || !describe(execution).status().equals("RUNNING"));
    }

    /** Waits until the execution has come to the state, or to its end, and stops it there. */
    void stopAt(String execution, String state) throws IOException, InterruptedException {
        awaitStateOrEnd(execution, state);
        stop(execution);
    }

    /** Stops it, if it runs. */
    void stop(String execution) throws IOException, InterruptedException {
        HttpResponse<String> response =
                send("StopExecution", JSON.createObjectNode().put("executionArn", execution));
        assertThat(response.statusCode() == 200 || response.body().contains("Execution is not running"))
                .as(response.body())
                .isTrue();
    }

    Execution describe(String execution) throws IOException, InterruptedException {
        JsonNode told = call("DescribeExecution", JSON.createObjectNode().put("executionArn", execution));
        String status = told.path("status").asText();
        return new Execution(
                execution,
                status,
                told.path("error").asText(),
                told.path("cause").asText(),
                status.equals("SUCCEEDED") ? JSON.readTree(told.path("output").asText()) : JSON.missingNode());
    }

    /** The states that the execution went through until now, in order. */
    List<String> states(String execution) throws IOException, InterruptedException {
        List<String> states = new ArrayList<>();
        for (JsonNode event : history(execution)) {
            JsonNode entered = event.path("stateEnteredEventDetails").path("name");
            if (entered.isTextual()) {
                states.add(entered.asText());
            }
        }
        return states;
    }

    private JsonNode history(String execution) throws IOException, InterruptedException {
        ObjectNode request =
                JSON.createObjectNode().put("executionArn", execution).put("maxResults", 1000);
        return call("GetExecutionHistory", request).path("events");
    }

    private static ConditionFactory soon() {
        return Awaitility.await().atMost(LONG).pollInterval(Duration.ofMillis(50));
    }

    private JsonNode call(String operation, JsonNode body) throws IOException, InterruptedException {
        HttpResponse<String> response = send(operation, body);
        assertThat(response.statusCode())
                .as("%s: %s", operation, response.body())
                .isEqualTo(200);
        return JSON.readTree(response.body());
    }

    private HttpResponse<String> send(String operation, JsonNode body) throws IOException, InterruptedException {
        HttpRequest request = HttpRequest.newBuilder(aws.endpoint())
                .header("X-Amz-Target", "AWSStepFunctions." + operation)
                .header("Content-Type", "application/x-amz-json-1.0")
                .header(
                        "Authorization",
                        "AWS4-HMAC-SHA256 Credential=test/20260101/" + EmulatedAws.REGION + "/states/aws4_request")
                .POST(HttpRequest.BodyPublishers.ofString(body.toString()))
                .timeout(Duration.ofSeconds(30))
                .build();
        return client.send(request, HttpResponse.BodyHandlers.ofString());
    }
}
