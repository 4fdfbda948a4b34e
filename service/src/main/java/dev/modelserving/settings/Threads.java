package dev.modelserving.settings;

import java.util.Locale;

/**
 * How many threads do what, computed from the processors that this process may use. README has the variables, and
 * docs/operations.md the reasons.
 *
 * @param processors that this process may use
 * @param eventLoops that read and write the connections, and compute what is quick
 * @param inference predictions that run at the same time beside those
 * @param intraOp threads that compute one prediction
 * @param loading versions that are fetched at the same time; they are loaded one after the other
 */
public record Threads(Processors processors, int eventLoops, int inference, int intraOp, int loading) {
    /** Fetching waits for the network most of the time, however many processors there are. */
    private static final int LOADING = 3;

    private static final int MOST = 1024;

    static Threads of(SettingsReader reader, EcsTask task, int ofJvm) {
        Processors processors = Processors.of(number(reader, "PROCESSORS", 0), task, ofJvm);
        return new Threads(
                processors,
                number(reader, "EVENT_LOOP_THREADS", processors.count()),
                number(reader, "INFERENCE_THREADS", processors.count()),
                number(reader, "INTRA_OP_THREADS", 1),
                number(reader, "MODEL_LOADING_THREADS", LOADING));
    }

    private static int number(SettingsReader reader, String name, int otherwise) {
        return reader.text(name, "").isEmpty() ? otherwise : (int) reader.wholeNumber(name, otherwise, 1, MOST);
    }

    /** What was found, and what follows of it, in one line. */
    public String told() {
        return String.format(
                Locale.ROOT,
                "processors: %d (%s); threads: %d for connections, %d for predictions, each computed by %d, %d for"
                        + " fetching models",
                processors.count(),
                processors.basis(),
                eventLoops,
                inference,
                intraOp,
                loading);
    }
}
