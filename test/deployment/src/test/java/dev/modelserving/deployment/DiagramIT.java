package dev.modelserving.deployment;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** The drawing of the workflow beside its definition. */
class DiagramIT {
    @Test
    void showsTheDefinitionAsItIs() throws Exception {
        Commands.run(List.of("test/deployment/setup.sh"), Commands.ROOT, Map.of());
        assertThat(Commands.run(List.of("node", "statemachine/diagram.mjs", "--check"), Commands.ROOT, Map.of()))
                .isEmpty();
    }
}
