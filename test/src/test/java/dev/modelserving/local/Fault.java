package dev.modelserving.local;

/** What a {@link FaultyProxy} does to every call. */
enum Fault {
    /** Nothing: calls pass. */
    PASS,
    /** Connections are refused, and open ones are cut. */
    GONE,
    /** Calls are taken and never answered. */
    SILENT,
    /** Each answer is right and comes {@link FaultyProxy#DELAY} late. */
    SLOW,
    /** Too many calls, says the service. */
    THROTTLING,
    /** The credentials have expired, says the service. */
    EXPIRED,
    /** 200, and a page for people. */
    GARBAGE,
    /** 200, and no body. */
    EMPTY,
    /** The answer's head, half of its body, and the end of the connection. */
    CUT,
    /** The answer's head, half of its body, and nothing more on an open connection. */
    STALLED
}
