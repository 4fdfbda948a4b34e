package dev.modelserving.api.rest;

import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.encoder.EncoderBase;
import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.io.SerializedString;
import com.fasterxml.jackson.core.util.ByteArrayBuilder;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.time.temporal.ChronoField;

/**
 * Writes {@link AccessLines} as JSON, a document a line, with the fields that the other log lines have. An
 * encoder that asks a provider for each field of each event costs more than a small model takes to run.
 */
public final class AccessEncoder extends EncoderBase<ILoggingEvent> {
    private static final byte[] NONE = {};
    private static final JsonFactory JSON = new JsonFactory();
    private static final SerializedString TIMESTAMP = new SerializedString("@timestamp");
    private static final SerializedString LOGGER = new SerializedString("logger_name");
    private static final SerializedString LEVEL = new SerializedString("level");
    private static final SerializedString EXECUTION = new SerializedString("pipeline_execution_id");
    private static final DateTimeFormatter SECOND =
            DateTimeFormatter.ofPattern("uuuu-MM-dd'T'HH:mm:ss.").withZone(ZoneOffset.UTC);

    private final String pipelineExecutionId;

    /** @param pipelineExecutionId stands on each line */
    public AccessEncoder(String pipelineExecutionId) {
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
        Object[] arguments = event.getArgumentArray();
        if (arguments == null || !(arguments[0] instanceof AccessLines lines)) {
            throw new IllegalArgumentException("the access log takes " + AccessLines.class.getSimpleName() + " only");
        }
        ByteArrayBuilder bytes = new ByteArrayBuilder();
        try (JsonGenerator json = JSON.createGenerator(bytes)) {
            json.setRootValueSeparator(null);
            String second = "";
            long secondOf = Long.MIN_VALUE;
            for (AccessLine line : lines.lines()) {
                Instant end = line.end();
                if (end.getEpochSecond() != secondOf) {
                    secondOf = end.getEpochSecond();
                    second = SECOND.format(end);
                }
                json.writeStartObject();
                AccessLine.write(json, TIMESTAMP, second + micros(end) + "Z");
                AccessLine.write(json, LOGGER, event.getLoggerName());
                AccessLine.write(json, LEVEL, event.getLevel().toString());
                line.writeTo(json);
                AccessLine.write(json, EXECUTION, pipelineExecutionId);
                json.writeEndObject();
                json.writeRaw('\n');
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return bytes.toByteArray();
    }

    /** Six digits. */
    private static String micros(Instant time) {
        return Integer.toString(1_000_000 + time.get(ChronoField.MICRO_OF_SECOND))
                .substring(1);
    }
}
