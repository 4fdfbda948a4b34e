package dev.modelserving.deployment.workflow;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.modelserving.deployment.EmulatedAws;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.TreeMap;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/**
 * Runs the pipeline's task for state machines of {@link EmulatedAws}: the service's JAR as a process, or what a test has
 * in store for it. Tells the end as {@code ecs:runTask.sync} of AWS does: the stopped task as the result, or, on any exit
 * code but 0 and where nothing ran, States.TaskFailed with the task as JSON in its cause. Safe for use by several threads.
 */
final class EcsTasks implements AutoCloseable {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final String PATH = "/tasks";

    private final Path folder;
    private final HttpServer server;
    private final StateGates gates = new StateGates();
    private final ExecutorService threads = Executors.newCachedThreadPool();
    private final Map<String, String> definition = new ConcurrentHashMap<>();
    private final Map<String, PipelineTask> tasks = new ConcurrentHashMap<>();
    private final Map<String, ObjectNode> ended = new ConcurrentHashMap<>();
    private final Map<String, Queue<Fate>> fates = new ConcurrentHashMap<>();
    private final Map<String, Queue<JsonNode>> asked = new ConcurrentHashMap<>();

    private EcsTasks(Path folder, HttpServer server) {
        this.folder = folder;
        this.server = server;
    }

    static EcsTasks start(Path folder) throws IOException {
        EcsTasks tasks =
                new EcsTasks(folder, HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0));
        tasks.server.setExecutor(tasks.threads);
        tasks.server.createContext(PATH, tasks::handle);
        tasks.server.createContext("/gates", tasks::handleGate);
        tasks.server.start();
        return tasks;
    }

    URI url() {
        return URI.create("http://127.0.0.1:" + server.getAddress().getPort());
    }

    /** The variables that the task definition sets. */
    void define(Map<String, String> variables) {
        definition.putAll(variables);
    }

    /** What becomes of the next tasks for that model, one after the other; all further ones run as they are. */
    void next(String modelId, Fate... next) {
        fates.computeIfAbsent(modelId, id -> new ConcurrentLinkedQueue<>()).addAll(List.of(next));
    }

    /** What RunTask was asked for that model, in order. */
    List<JsonNode> asked(String modelId) {
        return List.copyOf(asked.getOrDefault(modelId, new ConcurrentLinkedQueue<>()));
    }

    @Override
    public void close() {
        server.stop(0);
        tasks.values().forEach(PipelineTask::stop);
        threads.shutdownNow();
    }

    /** Where executions can be held. */
    StateGates gates() {
        return gates;
    }

    private void handleGate(HttpExchange exchange) throws IOException {
        try (exchange) {
            gates.pass(JSON.readTree(exchange.getRequestBody()));
            answer(exchange, JSON.createObjectNode());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void handle(HttpExchange exchange) throws IOException {
        try (exchange) {
            String id =
                    exchange.getRequestURI().getPath().substring(PATH.length()).replace("/", "");
            ObjectNode answer = switch (exchange.getRequestMethod()) {
                case "POST" -> begin(JSON.readTree(exchange.getRequestBody()));
                case "DELETE" -> stop(id);
                default -> ended.getOrDefault(id, JSON.createObjectNode());
            };
            answer(exchange, answer);
        }
    }

    private static void answer(HttpExchange exchange, ObjectNode answer) throws IOException {
        byte[] body = answer.toString().getBytes(UTF_8);
        exchange.sendResponseHeaders(200, body.length);
        exchange.getResponseBody().write(body);
    }

    private ObjectNode begin(JsonNode arguments) {
        String id = UUID.randomUUID().toString().replace("-", "");
        PipelineTask task = new PipelineTask(id, arguments, new TreeMap<>(definition), folder.resolve("task-" + id));
        tasks.put(id, task);
        String model = task.override("CANDIDATE_MODEL_ID");
        asked.computeIfAbsent(model, m -> new ConcurrentLinkedQueue<>()).add(arguments);
        Fate planned = fates.getOrDefault(model, new ConcurrentLinkedQueue<>()).poll();
        Fate fate = planned == null ? Fate.runs() : planned;
        threads.execute(() -> ended.put(id, end(task, fate)));
        return JSON.createObjectNode().put("Id", id);
    }

    private ObjectNode stop(String id) {
        PipelineTask task = tasks.get(id);
        if (task != null) {
            task.stop();
        }
        return JSON.createObjectNode();
    }

    /** What the state machine is told. */
    private static ObjectNode end(PipelineTask task, Fate fate) {
        ObjectNode answer = JSON.createObjectNode();
        try {
            Ending ending = fate.meet(task);
            if (task.isStopped() && ending.exitCode() != null) {
                ending = Ending.stopped(ending.exitCode());
            }
            ObjectNode described = StoppedTask.describe(task, ending);
            if (ending.isGood()) {
                answer.set("Result", described);
            } else {
                answer.put("Error", "States.TaskFailed").put("Cause", described.toString());
            }
        } catch (Fate.Refused e) {
            answer.put("Error", e.error()).put("Cause", String.valueOf(e.getMessage()));
        } catch (Exception e) {
            answer.put("Error", "EmulatorBroken").put("Cause", e.toString());
        }
        return answer;
    }
}
