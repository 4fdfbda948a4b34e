package dev.modelserving.infra;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class DashboardTest {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final int WIDTH = 24;

    private static final Map<String, List<JsonNode>> DASHBOARDS = new TreeMap<>();

    @BeforeAll
    static void synthesise() {
        DASHBOARDS.put("without a door", widgets("region: eu-west-1"));
        DASHBOARDS.put("with a door", widgets("region: eu-west-1\ndoor:\n  enabled: true"));
        DASHBOARDS.put("without a workflow", widgets("region: eu-west-1\nworkflow:\n  enabled: false"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"without a door", "with a door", "without a workflow"})
    void everyRowIsFullAndNothingOverlaps(String dashboard) {
        Set<List<Integer>> taken = new HashSet<>();
        int height = 0;
        for (JsonNode widget : DASHBOARDS.get(dashboard)) {
            int bottom = widget.path("y").intValue() + widget.path("height").intValue();
            height = Math.max(height, bottom);
            for (int y = widget.path("y").intValue(); y < bottom; y++) {
                for (int x = 0; x < widget.path("width").intValue(); x++) {
                    assertThat(taken.add(List.of(widget.path("x").intValue() + x, y)))
                            .as(title(widget))
                            .isTrue();
                }
            }
        }
        assertThat(taken).hasSize(WIDTH * height);
    }

    @ParameterizedTest
    @ValueSource(strings = {"without a door", "with a door", "without a workflow"})
    void everyWidgetHasATitleOfItsOwn(String dashboard) {
        assertThat(DASHBOARDS.get(dashboard))
                .extracting(DashboardTest::title)
                .doesNotContain("")
                .filteredOn(title -> !title.equals("Tasks")) // as a number, and over time
                .doesNotHaveDuplicates();
    }

    @ParameterizedTest
    @ValueSource(strings = {"without a door", "with a door", "without a workflow"})
    void everyAxisBeginsAtZeroAndSaysWhatItCounts(String dashboard) {
        List<JsonNode> graphs = DASHBOARDS.get(dashboard).stream()
                .filter(widget -> widget.at("/properties/view").asText().equals("timeSeries"))
                .toList();
        assertThat(graphs).hasSizeGreaterThan(6).allSatisfy(graph -> {
            assertThat(graph.at("/properties/yAxis/left/label").asText())
                    .as(title(graph))
                    .isNotEmpty();
            graph.at("/properties/yAxis")
                    .forEach(axis -> assertThat(axis.path("min").asInt(-1))
                            .as(title(graph))
                            .isZero());
        });
    }

    /** What is drawn over a long time is gathered in longer periods: sums would grow with them. */
    @Test
    void countsMeanTheSameAtEveryRangeOfTime() {
        assertThat(DASHBOARDS.get("with a door"))
                .filteredOn(widget -> widget.at("/properties/metrics").isArray())
                .flatExtracting(widget -> List.copyOf(shown(widget)))
                .allSatisfy(metric -> {
                    JsonNode options = metric.get(metric.size() - 1);
                    assertThat(options.path("stat").asText()).isNotEqualTo("Sum");
                });
    }

    @Test
    void theDoorIsShownWhereThereIsOne() {
        assertThat(DASHBOARDS.get("with a door"))
                .extracting(DashboardTest::title)
                .contains("Door from outside");
        assertThat(DASHBOARDS.get("without a door"))
                .extracting(DashboardTest::title)
                .doesNotContain("Door from outside");
    }

    @Test
    void releasesAreShownWhereThereIsAWorkflow() {
        List<String> row = List.of("Releases of models", "Time of a release", "Releases held up");
        assertThat(DASHBOARDS.get("without a door"))
                .extracting(DashboardTest::title)
                .containsSubsequence(row);
        assertThat(DASHBOARDS.get("without a workflow"))
                .extracting(DashboardTest::title)
                .doesNotContainAnyElementsOf(row);
    }

    @Test
    void everyEndOfAReleaseIsDrawn() {
        assertThat(DASHBOARDS.get("without a door"))
                .filteredOn(widget -> title(widget).equals("Releases of models"))
                .singleElement()
                .satisfies(widget -> assertThat(widget.at("/properties/metrics").toString())
                        .contains(
                                "ExecutionsStarted",
                                "ExecutionsSucceeded",
                                "ExecutionsFailed",
                                "ExecutionsTimedOut",
                                "ExecutionsAborted"));
    }

    @Test
    void everyAlarmIsShown() {
        JsonNode alarms = DASHBOARDS.get("with a door").stream()
                .filter(widget -> widget.path("type").asText().equals("alarm"))
                .findFirst()
                .orElseThrow();
        assertThat(alarms.at("/properties/alarms")).hasSize(13);
    }

    private static List<JsonNode> shown(JsonNode widget) {
        List<JsonNode> shown = new ArrayList<>();
        for (JsonNode metric : widget.at("/properties/metrics")) {
            if (metric.get(metric.size() - 1).path("visible").asBoolean(true)) {
                shown.add(metric);
            }
        }
        return shown;
    }

    private static String title(JsonNode widget) {
        return widget.at("/properties/title").asText();
    }

    private static List<JsonNode> widgets(String settings) {
        JsonNode body = Resources.of(Synthesis.of(settings).observability(), "AWS::CloudWatch::Dashboard")
                .only()
                .at("/Properties/DashboardBody");
        StringBuilder text = new StringBuilder();
        body.at("/Fn::Join/1").forEach(part -> text.append(part.isTextual() ? part.textValue() : "token"));
        try {
            return List.copyOf(JSON.convertValue(
                    JSON.readTree(text.toString()).path("widgets"),
                    JSON.getTypeFactory().constructCollectionType(List.class, JsonNode.class)));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
