package dev.modelserving.runtime;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;

@EnabledOnOs(OS.LINUX)
class ThreadPrioritiesTest {
    @Test
    void lowersTheSecondCompilerAndNothingElse() throws IOException {
        ThreadPriorities.lowerCompilers();
        assertThat(niceValues("C2 CompilerThre")).isNotEmpty().containsOnly(10);
        assertThat(niceValues("C1 CompilerThre")).isNotEmpty().containsOnly(0);
        assertThat(niceValues("VM Thread")).containsOnly(0);
    }

    @Test
    void lowersTheThreadThatAsksForIt() throws Exception {
        Thread thread = new Thread(
                () -> {
                    ThreadPriorities.lowerOwn();
                    try {
                        assertThat(niceValues("lowers-itself")).containsExactly(10);
                    } catch (IOException e) {
                        throw new UncheckedIOException(e);
                    }
                },
                "lowers-itself");
        Throwable[] failure = new Throwable[1];
        thread.setUncaughtExceptionHandler((any, e) -> failure[0] = e);
        thread.start();
        thread.join();
        assertThat(failure[0]).isNull();
    }

    /** Of the threads with that name, as /proc tells them (proc_pid_stat(5), field 19). */
    private static List<Integer> niceValues(String name) throws IOException {
        try (Stream<Path> threads = Files.list(Path.of("/proc/self/task"))) {
            return threads.map(ThreadPrioritiesTest::stat)
                    .filter(stat -> stat.contains("(" + name + ")"))
                    .map(stat -> Integer.parseInt(
                            stat.substring(stat.lastIndexOf(')') + 2).split(" ", -1)[16]))
                    .toList();
        }
    }

    /** Nothing of a thread that has just ended. */
    private static String stat(Path thread) {
        try {
            return Files.readString(thread.resolve("stat"));
        } catch (IOException e) {
            return "";
        }
    }
}
