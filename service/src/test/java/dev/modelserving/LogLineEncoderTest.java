package dev.modelserving;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.spi.LoggingEvent;
import ch.qos.logback.classic.util.LogbackMDCAdapter;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.slf4j.event.KeyValuePair;

class LogLineEncoderTest {
    private static final Instant TIME = Instant.parse("2026-11-25T15:18:34.000862177Z");

    @Test
    void isALineOfFields() throws Exception {
        String line = line("loaded iris/2", null);

        assertThat(line).endsWith("}" + System.lineSeparator());
        assertThat(line.lines()).hasSize(1);
        JsonNode fields = new ObjectMapper().readTree(line);
        assertThat(fields.fieldNames())
                .toIterable()
                .containsExactly(
                        "@timestamp", "message", "logger_name", "thread_name", "level", "pipeline_execution_id");
        assertThat(OffsetDateTime.parse(fields.get("@timestamp").textValue()).toInstant())
                .isEqualTo(TIME);
        assertThat(fields.get("message").textValue()).isEqualTo("loaded iris/2");
        assertThat(fields.get("logger_name").textValue()).isEqualTo("test");
        assertThat(fields.get("thread_name").textValue())
                .isEqualTo(Thread.currentThread().getName());
        assertThat(fields.get("level").textValue()).isEqualTo("WARN");
        assertThat(fields.get("pipeline_execution_id").textValue()).isEqualTo("run-7");
    }

    @Test
    void keepsAStackTraceOnTheLine() throws Exception {
        String line = line("it failed", new IllegalStateException("first", new IllegalArgumentException("second")));

        assertThat(line.lines()).hasSize(1);
        assertThat(new ObjectMapper().readTree(line).get("stack_trace").textValue())
                .startsWith("java.lang.IllegalStateException: first")
                .contains("Caused by: java.lang.IllegalArgumentException: second", "\tat dev.modelserving.");
    }

    @Test
    void keepsWhateverIsSaidInOneField() throws Exception {
        String message = "\"\n{\"level\":\"ERROR\"}\u0000\u001b[31m\u2028\u00e9\ud83d\ude00";
        String line = line(message, null);

        assertThat(line.lines()).hasSize(1);
        assertThat(new ObjectMapper().readTree(line).get("message").textValue()).isEqualTo(message);
    }

    @Test
    void hasWhatIsSaidByName() throws Exception {
        LoggingEvent event = event("request a-1", null);
        event.setKeyValuePairs(List.of(new KeyValuePair("request_id", "a-1")));

        JsonNode fields = new ObjectMapper().readTree(encoded(event));
        assertThat(fields.get("request_id").textValue()).isEqualTo("a-1");
    }

    private static String line(String message, @Nullable Throwable thrown) {
        return encoded(event(message, thrown));
    }

    private static LoggingEvent event(String message, @Nullable Throwable thrown) {
        LoggerContext context = new LoggerContext();
        context.setMDCAdapter(new LogbackMDCAdapter());
        LoggingEvent event = new LoggingEvent("", context.getLogger("test"), Level.WARN, message, thrown, null);
        event.setInstant(TIME);
        return event;
    }

    private static String encoded(LoggingEvent event) {
        return new String(new LogLineEncoder("run-7").encode(event), StandardCharsets.UTF_8);
    }
}
