package dev.modelserving.infra;

import static org.assertj.core.api.Assertions.assertThat;

import dev.modelserving.infra.Acknowledgements.Finding;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** cdk-nag finds nothing in any stage that is not acknowledged; what is acknowledged of NIST 800-53 is in a report. */
class NagTest {
    private static final Path REPORT = Path.of("target", "nist-800-53-r5.md");
    private static final String NIST = "NIST.800.53.R5-";

    private static final Map<String, Set<Finding>> OPEN = new TreeMap<>();

    static Stream<String> stages() {
        return RepresentativeStages.all().keySet().stream();
    }

    @ParameterizedTest
    @MethodSource("stages")
    void everyFindingIsAcknowledged(String stage) {
        Set<Finding> open = Nag.findings(RepresentativeStages.all().get(stage).whole());
        OPEN.put(stage, open);
        assertThat(open).isEmpty();
    }

    @ParameterizedTest
    @MethodSource("stages")
    void everyAcknowledgementIsNeeded(String stage) {
        assertThat(Nag.unneeded(
                        RepresentativeStages.all().get(stage).whole(),
                        RepresentativeStages.templates().get(stage)))
                .isEmpty();
    }

    @ParameterizedTest
    @MethodSource("stages")
    void everyAcknowledgementIsOnOneResource(String stage) {
        assertThat(acknowledged(stage).keySet()).allMatch(Finding::isOnAResource);
    }

    @ParameterizedTest
    @MethodSource("stages")
    void everyAcknowledgementHasASentenceForItsReason(String stage) {
        assertThat(acknowledged(stage).values()).allMatch(Reasons::isASentence);
    }

    @Test
    void aSentenceIsMoreThanAWord() {
        assertThat(Stream.of("", "Not needed.", "because it is not needed in this stage at all"))
                .noneMatch(Reasons::isASentence);
    }

    /** For whoever has to say how the stage stands to NIST 800-53. */
    @AfterAll
    static void report() throws IOException {
        StringBuilder report = new StringBuilder("# NIST 800-53, revision 5, as cdk-nag checks it\n\n");
        report.append("| stage | open | acknowledged |\n| --- | --- | --- |\n");
        Map<String, Map<String, Set<String>>> reasons = new TreeMap<>();
        stages().forEach(stage -> {
            Map<Finding, String> acknowledged = new HashMap<>(acknowledged(stage));
            acknowledged.keySet().removeIf(finding -> !finding.rule().startsWith(NIST));
            Set<Finding> open = new HashSet<>(OPEN.getOrDefault(stage, Set.of()));
            open.removeIf(finding -> !finding.rule().startsWith(NIST));
            report.append("| %s | %d | %d |\n".formatted(stage, open.size(), acknowledged.size()));
            open.forEach(finding -> reasons.computeIfAbsent(finding.rule(), rule -> new TreeMap<>())
                    .computeIfAbsent("OPEN", reason -> new TreeSet<>())
                    .add(finding.resource()));
            acknowledged.forEach((finding, reason) -> reasons.computeIfAbsent(finding.rule(), rule -> new TreeMap<>())
                    .computeIfAbsent(reason, key -> new TreeSet<>())
                    .add(finding.resource()));
        });
        reasons.forEach((rule, resources) -> {
            report.append("\n## ").append(rule.substring(NIST.length())).append('\n');
            resources.forEach((reason, ids) -> report.append("- %s: %s\n".formatted(String.join(", ", ids), reason)));
        });
        Files.writeString(REPORT, report);
    }

    private static Map<Finding, String> acknowledged(String stage) {
        return Acknowledgements.of(RepresentativeStages.all().get(stage).whole());
    }
}
