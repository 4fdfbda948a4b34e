package dev.modelserving.predictionlog;

/** Why a prediction that was to be logged is not. */
public enum DropReason {
    /** As much waits to be written as may wait. */
    BUFFER_FULL("bufferFull"),
    /** Its bytes could not be had or compressed; the memory was short, say. */
    FAILED("failed"),
    /** It came when the log had been closed. */
    CLOSED("closed");

    private final String text;

    DropReason(String text) {
        this.text = text;
    }

    /** As health shows it. */
    public String text() {
        return text;
    }
}
