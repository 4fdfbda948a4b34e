package dev.modelserving.runtime;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * Which threads let others go first. A Java priority would count on Linux only under {@code -XX:ThreadPriorityPolicy=1};
 * there each thread has a nice value of its own (setpriority(2), "C library/kernel differences"). Elsewhere nothing is done.
 */
public final class ThreadPriorities {
    private static final int THIS_THREAD = 0;
    private static final int PRIO_PROCESS = 0;
    private static final int LOWER_PRIORITY = 10;
    private static final Path THREADS = Path.of("/proc/self/task");

    /** As the JVM calls the threads of its second compiler; the system cuts the name off behind 15 characters. */
    private static final String COMPILER = "C2 CompilerThre";

    private ThreadPriorities() {}

    /** Lets every thread of normal priority go before the calling thread, for good. */
    public static void lowerOwn() {
        lower(THIS_THREAD);
    }

    /** Lets every thread of normal priority go before the JVM's second compiler, for good. */
    public static void lowerCompilers() {
        try (DirectoryStream<Path> threads = Files.newDirectoryStream(THREADS)) {
            for (Path thread : threads) {
                if (Files.readString(thread.resolve("comm")).strip().equals(COMPILER)) {
                    lower(Integer.parseInt(thread.getFileName().toString()));
                }
            }
        } catch (IOException e) {
            // not Linux, or a thread that has just ended
        }
    }

    private static void lower(int thread) {
        try {
            LibC.find().ifPresent(c -> c.setpriority(PRIO_PROCESS, thread, LOWER_PRIORITY));
        } catch (LinkageError e) {
            // not a Unix
        }
    }
}
