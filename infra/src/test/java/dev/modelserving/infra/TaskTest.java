package dev.modelserving.infra;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import software.amazon.awscdk.assertions.Match;
import software.amazon.awscdk.assertions.Template;

/** What a task is given. */
class TaskTest {
    private static Template serving;

    @BeforeAll
    static void synthesise() {
        serving = Synthesis.of("region: eu-west-1").serving();
    }

    @Test
    void theTaskCannotWriteItsRootFileSystem() {
        serving.hasResourceProperties(
                "AWS::ECS::TaskDefinition",
                Map.of(
                        "ContainerDefinitions",
                        List.of(Match.objectLike(Map.of("ReadonlyRootFilesystem", true, "User", "10001")))));
    }
}
