package dev.modelserving;

import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.classic.spi.ThrowableProxyUtil;
import ch.qos.logback.core.encoder.EncoderBase;
import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.util.ByteArrayBuilder;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.List;
import java.util.Objects;
import org.slf4j.event.KeyValuePair;

/** Writes a log line as a JSON document, with the fields by which Logstash knows them. */
final class LogLineEncoder extends EncoderBase<ILoggingEvent> {
    private static final byte[] NONE = {};
    private static final JsonFactory JSON = new JsonFactory();

    private final String pipelineExecutionId;

    /** @param pipelineExecutionId stands on each line */
    LogLineEncoder(String pipelineExecutionId) {
        this.pipelineExecutionId = pipelineExecutionId;
    }

    @Override
    public byte[] headerBytes() {
        return NONE;
    }

    @Override
    public byte[] footerBytes() {
        return NONE;
    }

    @Override
    public byte[] encode(ILoggingEvent event) {
        ByteArrayBuilder bytes = new ByteArrayBuilder();
        try (JsonGenerator json = JSON.createGenerator(bytes)) {
            json.writeStartObject();
            json.writeStringField(
                    "@timestamp",
                    DateTimeFormatter.ISO_OFFSET_DATE_TIME.format(
                            event.getInstant().atZone(ZoneId.systemDefault())));
            json.writeStringField("message", event.getFormattedMessage());
            json.writeStringField("logger_name", event.getLoggerName());
            json.writeStringField("thread_name", event.getThreadName());
            json.writeStringField("level", event.getLevel().toString());
            if (event.getThrowableProxy() != null) {
                json.writeStringField("stack_trace", ThrowableProxyUtil.asString(event.getThrowableProxy()));
            }
            for (KeyValuePair field : Objects.requireNonNullElse(event.getKeyValuePairs(), List.<KeyValuePair>of())) {
                json.writeStringField(field.key, String.valueOf(field.value));
            }
            json.writeStringField("pipeline_execution_id", pipelineExecutionId);
            json.writeEndObject();
            json.writeRaw(System.lineSeparator());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return bytes.toByteArray();
    }
}
