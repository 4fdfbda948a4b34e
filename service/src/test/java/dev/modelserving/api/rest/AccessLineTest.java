package dev.modelserving.api.rest;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.classic.spi.LoggingEvent;
import ch.qos.logback.classic.util.LogbackMDCAdapter;
import ch.qos.logback.core.OutputStreamAppender;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.modelserving.LogFormat;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class AccessLineTest {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final Instant TIME = Instant.parse("2026-11-25T15:18:34.000862177Z");
    private static final AccessLine PREDICTION = new AccessLine(
            TIME,
            "10.0.0.7",
            "POST",
            "/predict/iris?version=1",
            "HTTP/1.1",
            200,
            177,
            1_264_999,
            "a-1",
            null,
            "iris",
            null);

    @Test
    void isFieldsInJson() throws Exception {
        assertThat(logged("json", PREDICTION).lines())
                .singleElement()
                .asString()
                .isEqualTo("{\"@timestamp\":\"2026-11-25T15:18:34.000862Z"
                        + "\",\"logger_name\":\"access\",\"level\":\"INFO\",\"method\":\"POST\",\"path\":\"/predict/iris\","
                        + "\"status\":200,\"bytes\":177,\"duration_ms\":1.264,\"client\":\"10.0.0.7\","
                        + "\"request_id\":\"a-1\",\"model_id\":\"iris\",\"pipeline_execution_id\":\"\"}");
    }

    @Test
    void isALineForEachThatWasAnsweredAtOneTime() throws Exception {
        for (String format : new String[] {"json", "text"}) {
            assertThat(logged(format, List.of(sent("/one"), sent("/two"))).lines())
                    .satisfiesExactly(
                            one -> assertThat(one).contains("/one"),
                            two -> assertThat(two).contains("/two"));
        }
    }

    @Test
    void isASentenceInText() throws Exception {
        assertThat(logged("text", PREDICTION))
                .endsWith(" access: 10.0.0.7 \"POST /predict/iris?version=1 HTTP/1.1\" 200 177 1.264 ms a-1"
                        + System.lineSeparator());
    }

    @Test
    void leavesOutWhatIsNotKnown() throws Exception {
        JsonNode line = JSON.readTree(logged(
                "json", new AccessLine(TIME, "-", "GET", "/", "HTTP/1.1", 503, 0, 0, null, "NOT_READY", null, null)));
        assertThat(line.fieldNames()).toIterable().doesNotContain("request_id", "model_id");
        assertThat(line.get("code").textValue()).isEqualTo("NOT_READY");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "/\",\"status\":200,\"x\":\"",
                "/\\",
                "/\u0000\u0001\u001b[31m\u007f\u0085",
                "/\r\n{\"logger_name\":\"access\",\"status\":200}",
                "/\u00ff\u2028"
            })
    void keepsWhateverACallerSendsInOneField(String path) throws Exception {
        String line = logged("json", sent(path));
        assertThat(line.lines()).hasSize(1);
        JsonNode fields = JSON.readTree(line);
        assertThat(fields.get("path").textValue()).isEqualTo(path);
        assertThat(fields.get("status").intValue()).isEqualTo(404);
        assertThat(fields).hasSize(12);
        assertThat(logged("text", sent(path)).lines()).hasSize(1);
        assertThat(sent(path).toString()).doesNotContain("\u001b", "\u0000", "\n");
    }

    @ParameterizedTest
    @ValueSource(strings = {"a", "\u0001", "\u00ff", "\""})
    void isShorterThanWhatContainerLogsSplit(String character) throws Exception {
        String text = character.repeat(16_000);
        AccessLine line = new AccessLine(TIME, "10.0.0.7", text, text, text, 404, 0, 0, "a-1", "NOT_FOUND", null, null);
        for (String format : new String[] {"json", "text"}) {
            assertThat(logged(format, line).getBytes(StandardCharsets.UTF_8)).hasSizeLessThan(16 << 10);
        }
    }

    private static AccessLine sent(String path) {
        return new AccessLine(TIME, "10.0.0.7", "GET", path, "HTTP/1.1", 404, 0, 0, "a-1", "NOT_FOUND", null, null);
    }

    private static String logged(String format, AccessLine line) throws Exception {
        return logged(format, List.of(line));
    }

    /** What the service's own configuration makes of it. */
    private static String logged(String format, List<AccessLine> lines) throws Exception {
        LoggerContext context = new LoggerContext();
        context.setMDCAdapter(new LogbackMDCAdapter());
        LogFormat configurator = new LogFormat();
        configurator.setContext(context);
        configurator.configure(context, format);
        try {
            Logger logger = context.getLogger("access");
            Logger writer = logger.isAdditive() ? context.getLogger(Logger.ROOT_LOGGER_NAME) : logger;
            ILoggingEvent event =
                    new LoggingEvent("", logger, Level.INFO, "{}", null, new Object[] {new AccessLines(lines)});
            OutputStreamAppender<ILoggingEvent> appender = (OutputStreamAppender<ILoggingEvent>)
                    writer.iteratorForAppenders().next();
            return new String(appender.getEncoder().encode(event), StandardCharsets.UTF_8);
        } finally {
            context.stop();
        }
    }
}
