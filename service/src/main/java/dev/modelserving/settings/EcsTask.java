package dev.modelserving.settings;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import java.io.IOException;
import java.io.InputStream;
import java.net.HttpURLConnection;
import java.net.Proxy;
import java.net.URI;
import java.net.URLConnection;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * The ECS task in which this process runs, as ECS tells it (Amazon ECS developer guide, "Task metadata endpoint version
 * 4").
 *
 * @param id the last part of its ARN; empty where there is no task, or ECS does not tell
 * @param processors its limit in vCPU, such as 0.25; 0: it has none, or ECS does not tell
 * @param fault why ECS does not tell; empty where it does, and where there is no task
 */
public record EcsTask(String id, double processors, String fault) {
    /** What runs in no task of ECS. */
    public static final EcsTask NONE = new EcsTask("", 0, "");

    private static final Duration LIMIT = Duration.ofSeconds(2);
    private static final int MOST_BYTES = 1 << 20;

    /** Asks ECS where there is one. Blocks for two seconds at most; whatever goes wrong is in {@link #fault}. */
    public static EcsTask of(Map<String, String> environment) {
        return of(environment, LIMIT);
    }

    static EcsTask of(Map<String, String> environment, Duration limit) {
        String endpoint = environment.getOrDefault("ECS_CONTAINER_METADATA_URI_V4", "");
        if (endpoint.isEmpty()) {
            return NONE;
        }
        try {
            return ask(endpoint + "/task", limit);
        } catch (IOException | IllegalArgumentException | ClassCastException e) {
            return unknown(String.valueOf(e.getMessage()));
        }
    }

    private static EcsTask unknown(String fault) {
        return new EcsTask("", 0, fault);
    }

    /** On a thread of its own, because the timeouts of a connection begin anew with each byte. */
    private static EcsTask ask(String url, Duration limit) throws IOException {
        // The address is that of the machine itself, where no proxy has anything to say.
        HttpURLConnection connection =
                (HttpURLConnection) URI.create(url).toURL().openConnection(Proxy.NO_PROXY);
        connection.setConnectTimeout((int) limit.toMillis());
        connection.setReadTimeout((int) limit.toMillis());
        FutureTask<EcsTask> answer = new FutureTask<>(() -> read(connection));
        Thread thread = new Thread(answer, "ecs-task");
        thread.setDaemon(true);
        thread.start();
        try {
            return answer.get(limit.toNanos(), TimeUnit.NANOSECONDS);
        } catch (TimeoutException e) {
            connection.disconnect();
            return unknown("no answer within " + limit.toMillis() + " ms");
        } catch (ExecutionException e) {
            return unknown(String.valueOf(e.getMessage()));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return unknown("interrupted");
        }
    }

    private static EcsTask read(URLConnection connection) {
        try (InputStream body = connection.getInputStream();
                JsonParser parser = new JsonFactory().createParser(body.readNBytes(MOST_BYTES))) {
            return read(parser);
        } catch (JsonProcessingException e) {
            return unknown("its answer is not JSON: " + e.getOriginalMessage());
        } catch (IOException e) {
            return unknown(String.valueOf(e.getMessage()));
        }
    }

    /** Of the task itself: its containers have fields of the same names. */
    private static EcsTask read(JsonParser parser) throws IOException {
        String arn = "";
        double processors = 0;
        parser.nextToken();
        while (parser.nextToken() == JsonToken.FIELD_NAME) {
            String name = parser.currentName();
            JsonToken value = parser.nextToken();
            if (name.equals("TaskARN") && value == JsonToken.VALUE_STRING) {
                arn = parser.getText();
            } else if (name.equals("Limits") && value == JsonToken.START_OBJECT) {
                processors = processors(parser);
            } else {
                parser.skipChildren();
            }
        }
        return new EcsTask(
                arn.substring(arn.lastIndexOf('/') + 1), processors, arn.isEmpty() ? "its answer has no TaskARN" : "");
    }

    private static double processors(JsonParser parser) throws IOException {
        double processors = 0;
        while (parser.nextToken() == JsonToken.FIELD_NAME) {
            String name = parser.currentName();
            if (parser.nextToken().isNumeric() && name.equals("CPU")) {
                processors = Math.max(0, parser.getDoubleValue());
            } else {
                parser.skipChildren();
            }
        }
        return processors;
    }
}
