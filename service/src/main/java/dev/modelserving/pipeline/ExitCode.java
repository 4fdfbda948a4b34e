package dev.modelserving.pipeline;

/** What a process tells whoever started it, in the numbers of sysexits.h; of several, the first in this order. */
public enum ExitCode {
    /** Somebody has to set up a name, a policy or credentials. */
    CONFIGURATION(78),
    /** A version was rejected; its verdict says why. */
    REJECTED(65),
    /** A version is not in the registry. */
    NOT_REGISTERED(66),
    /** The service itself failed, or the machine under it. */
    INTERNAL_FAILURE(70),
    /** Run again: AWS could not be reached or had too much to do, or the process was told to end. */
    TEMPORARY_FAILURE(75),
    DONE(0);

    private final int number;

    ExitCode(int number) {
        this.number = number;
    }

    public int number() {
        return number;
    }
}
