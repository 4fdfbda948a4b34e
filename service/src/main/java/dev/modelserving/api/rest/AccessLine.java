package dev.modelserving.api.rest;

import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.io.SerializedString;
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
 * @param grpcStatus how gRPC tells it; {@code status} is then what it would be over HTTP
 */
public record AccessLine(
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
        @Nullable String modelId,
        @Nullable String grpcStatus) {
    private static final int LONGEST = 1024;

    private static final SerializedString METHOD = new SerializedString("method");
    private static final SerializedString PATH = new SerializedString("path");
    private static final SerializedString STATUS = new SerializedString("status");
    private static final SerializedString BYTES = new SerializedString("bytes");
    private static final SerializedString DURATION = new SerializedString("duration_ms");
    private static final SerializedString CLIENT = new SerializedString("client");
    private static final SerializedString REQUEST_ID = new SerializedString("request_id");
    private static final SerializedString MODEL_ID = new SerializedString("model_id");
    private static final SerializedString CODE = new SerializedString("code");
    private static final SerializedString GRPC_STATUS = new SerializedString("grpc_status");

    /** Its fields, into an object that is begun. */
    void writeTo(JsonGenerator json) throws IOException {
        write(json, METHOD, bounded(method));
        write(json, PATH, bounded(path(target)));
        json.writeFieldName(STATUS);
        json.writeNumber(status);
        json.writeFieldName(BYTES);
        json.writeNumber(bytes);
        json.writeFieldName(DURATION);
        json.writeNumber(millis());
        write(json, CLIENT, client);
        write(json, REQUEST_ID, requestId);
        write(json, MODEL_ID, modelId);
        write(json, CODE, code);
        write(json, GRPC_STATUS, grpcStatus);
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

    /** A field, unless there is no value. */
    static void write(JsonGenerator json, SerializedString name, @Nullable String value) throws IOException {
        if (value != null) {
            json.writeFieldName(name);
            json.writeString(value);
        }
    }
}
