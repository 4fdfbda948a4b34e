package dev.modelserving.settings;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ThreadsTest {
    @ParameterizedTest
    @CsvSource({
        "0.25,2,1", // the smallest task of Fargate, on a machine of two
        "0.5,1,1",
        "2,4,2",
        "1.5,4,2",
        "4,2,2", // -XX:ActiveProcessorCount, or a limit of the container
        "0,3,3" // no limit is known
    })
    void countTheLeastThatIsKnownAndAPartAsOne(double ofTask, int ofJvm, int processors) {
        Threads threads = threads(Map.of(), ofTask, ofJvm);
        assertThat(threads.processors().count()).isEqualTo(processors);
        assertThat(threads.eventLoops()).isEqualTo(processors);
        assertThat(threads.inference()).isEqualTo(processors);
        assertThat(threads.intraOp()).isEqualTo(1);
    }

    @Test
    void followTheProcessorsThatWereChosen() {
        Threads threads = threads(Map.of("PROCESSORS", "3"), 0.25, 2);
        assertThat(threads.processors()).isEqualTo(new Processors(3, "PROCESSORS"));
        assertThat(threads.eventLoops()).isEqualTo(3);
        assertThat(threads.inference()).isEqualTo(3);
    }

    @Test
    void canBeChosenOneByOne() {
        Map<String, String> chosen = Map.of(
                "EVENT_LOOP_THREADS", "2",
                "INFERENCE_THREADS", "4",
                "INTRA_OP_THREADS", "5",
                "MODEL_LOADING_THREADS", "6");
        assertThat(threads(chosen, 0, 1)).isEqualTo(new Threads(new Processors(1, "1 by the JVM's count"), 2, 4, 5, 6));
    }

    @Test
    void tellWhatWasFoundAndWhatFollows() {
        assertThat(threads(Map.of(), 0.25, 2).told())
                .isEqualTo(
                        "processors: 1 (0.25 vCPU of the ECS task, 2 by the JVM's count); threads: 1 for connections, 1"
                                + " for predictions, each computed by 1, 3 for fetching models");
    }

    @ParameterizedTest
    @CsvSource({"PROCESSORS,0.5", "PROCESSORS,0", "EVENT_LOOP_THREADS,1025", "INTRA_OP_THREADS,-1"})
    void refuseWhatIsNoNumberOfThreads(String name, String value) {
        SettingsReader reader = new SettingsReader(Map.of(name, value));
        assertThat(Threads.of(reader, EcsTask.NONE, 2)).isNotNull();
        assertThatThrownBy(reader::throwIfAnythingIsWrong)
                .hasMessageContaining(name + " is '" + value + "' (expected: a whole number from 1 to 1024)");
    }

    private static Threads threads(Map<String, String> environment, double ofTask, int ofJvm) {
        return Threads.of(new SettingsReader(environment), new EcsTask("id", ofTask, ""), ofJvm);
    }
}
