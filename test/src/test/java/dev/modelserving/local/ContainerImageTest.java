package dev.modelserving.local;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.modelserving.local.ContainerImage.Build;
import dev.modelserving.local.ContainerImage.Ended;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** Whether the tests of the image are run, skipped, or fail. */
class ContainerImageTest {
    private static final Ended DONE = new Ended(0, List.of("localhost/image:1"), "");
    private static final Ended NOT_ROOT = new Ended(ContainerImage.UNAVAILABLE, List.of(), "root is needed\n");
    private static final Ended BROKEN = new Ended(1, List.of(), "no such file\n");
    private static final Map<String, String> REQUIRED = Map.of("IMAGE_TESTS", "required");

    @Test
    void takesTheImageThatWasBuilt() {
        assertThat(ContainerImage.judge(DONE, DONE, REQUIRED))
                .isEqualTo(new Build(Optional.of("localhost/image:1"), ""));
    }

    @Test
    void skipsWhereImagesCannotBeBuiltAndSaysWhy() {
        Build skipped = new Build(Optional.empty(), "the image is not tested: root is needed");
        assertThat(ContainerImage.judge(DONE, NOT_ROOT, Map.of())).isEqualTo(skipped);
    }

    @Test
    void skipsWhereTheProgramsCannotBeInstalled() {
        assertThat(ContainerImage.judge(BROKEN, BROKEN, Map.of()).obstacle()).endsWith("no such file");
    }

    @Test
    void failsWhereImagesCannotBeBuiltButMustBe() {
        assertThatThrownBy(() -> ContainerImage.judge(DONE, NOT_ROOT, REQUIRED)).hasMessageContaining("root is needed");
        assertThatThrownBy(() -> ContainerImage.judge(BROKEN, BROKEN, REQUIRED)).hasMessageContaining("no such file");
    }

    @Test
    void failsWhenTheBuildFails() {
        assertThatThrownBy(() -> ContainerImage.judge(DONE, BROKEN, Map.of())).hasMessageContaining("no such file");
    }
}
