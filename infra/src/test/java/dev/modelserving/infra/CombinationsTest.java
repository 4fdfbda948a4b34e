package dev.modelserving.infra;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** That whatever is combined in settings becomes templates which CloudFormation takes, without a load balancer. */
class CombinationsTest {
    static Stream<Arguments> pairwise() {
        return Combinations.pairwise().stream().map(settings -> Arguments.of(Combinations.name(settings), settings));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("pairwise")
    void everyTwoSettingsGoTogether(String name, String settings) {
        assertThat(TemplateFaults.in(
                        Templates.of(Synthesis.of(settings).whole()).all()))
                .isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"dev", "prod"})
    void theStagesOfTheRepositoryAreFaultless(String stage) {
        assertThat(TemplateFaults.in(Templates.ofFile(stage).all())).isEmpty();
    }

    @Test
    void everyTwoValuesMeet() {
        List<String> chosen = Combinations.pairwise();
        assertThat(chosen).hasSizeLessThan(30).doesNotHaveDuplicates();
        for (String one : List.of("kind: nat", "keyArn", "keep: false", "enabled: true", "spot: true", "digest")) {
            for (String other : List.of("arm64", "our-models", "our-gold", "our-registry", "our-cluster")) {
                assertThat(chosen)
                        .as("%s with %s", one, other)
                        .anyMatch(settings -> settings.contains(one) && settings.contains(other));
            }
        }
    }
}
