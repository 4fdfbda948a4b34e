package dev.modelserving.predictionlog;

/** A file that waits to be written; it does not change any more. */
final class FinishedFile {
    final String key;
    final byte[] content;
    final int lines;
    /** What it takes of the budget. */
    final long heldBytes;

    FinishedFile(String key, byte[] content, int lines, long heldBytes) {
        this.key = key;
        this.content = content;
        this.lines = lines;
        this.heldBytes = heldBytes;
    }
}
