package dev.modelserving.api.rest;

import com.fasterxml.jackson.core.JsonGenerator;
import dev.modelserving.model.Excerpt;
import java.io.IOException;
import java.time.Instant;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * A request and how it was answered, as one line of the access log: fields in JSON, a sentence in text. Whatever a caller
 * sent stands in a value of its own, escaped, and cut off long before the 16 KiB at which container logs split lines.
 *
 * @param end when it was answered
 * @param client the address that the connection comes from; what headers say of it can be invented
 * @param target of the request line, as it was sent
 * @param bytes of the answer's body
 * @param nanos from the request's head to the end of the answer
 * @param code of an error
 * @param modelId of a model that is registered: the names that it can have are bounded
 */
record AccessLine(
        Instant end,
        String client,
        String method,
        String target,
        String protocol,
        int status,
        long bytes,
        long nanos,
        @Nullable String requestId,
        @Nullable String code,
        @Nullable String modelId) {
    private static final int LONGEST = 1024;

    /** Its fields, into an object that is begun. */
    void writeTo(JsonGenerator json) throws IOException {
        json.writeStringField("method", bounded(method));
        json.writeStringField("path", bounded(path(target)));
        json.writeNumberField("status", status);
        json.writeNumberField("bytes", bytes);
        json.writeNumberField("duration_ms", millis());
        json.writeStringField("client", client);
        writeOptional(json, "request_id", requestId);
        writeOptional(json, "model_id", modelId);
        writeOptional(json, "code", code);
    }

    @Override
    public String toString() {
        return client + " \"" + Excerpt.of(method + " " + target + " " + protocol, LONGEST) + "\" " + status + " "
                + bytes + " " + millis() + " ms " + (requestId == null ? "-" : requestId);
    }

    /** A request's target without its query. */
    static String path(String target) {
        int query = target.indexOf('?');
        return query < 0 ? target : target.substring(0, query);
    }

    /** To the microsecond. */
    private double millis() {
        return TimeUnit.NANOSECONDS.toMicros(nanos) / 1000.0;
    }

    private static String bounded(String sent) {
        return sent.length() <= LONGEST ? sent : Excerpt.of(sent, LONGEST);
    }

    private static void writeOptional(JsonGenerator json, String name, @Nullable String value) throws IOException {
        if (value != null) {
            json.writeStringField(name, value);
        }
    }
}
