package dev.modelserving.predictionlog;

import java.io.IOException;
import java.time.Duration;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The files that are being gathered, one for each model and hour. A file is finished when it is large or old enough, or
 * when all of them take too much memory. Belongs to one thread.
 */
final class LogFiles implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(LogFiles.class);

    /** As much is compressed in one go: enough to compress well, little to wait uncompressed. */
    private static final int BLOCK_BYTES = 128 << 10;

    private final String replica;
    private final Limits limits;
    private final ByteBudget budget;
    private final Consumer<FinishedFile> finished;
    private final LineCompressor compressor;
    private final Map<Partition, LogFile> open = new HashMap<>();
    private long heldBytes;

    /**
     * When a file is finished.
     *
     * @param fileBytes of one file, compressed
     * @param uncompressedBytes of one file
     * @param openBytes of all files that are not finished
     * @param age of the first line
     */
    record Limits(long fileBytes, long uncompressedBytes, long openBytes, Duration age) {
        /** A file that is read in a second, and of which the buffer holds several. */
        static Limits of(long bufferMaxBytes, Duration age) {
            return new Limits(8 << 20, 64 << 20, bufferMaxBytes / 4, age);
        }
    }

    /**
     * @param replica begins the name of each file
     * @param budget from which the predictions have been taken that are added here
     * @param finished takes over each file
     */
    LogFiles(String replica, Limits limits, ByteBudget budget, Consumer<FinishedFile> finished) {
        this.replica = replica;
        this.limits = limits;
        this.budget = budget;
        this.finished = finished;
        this.compressor = new LineCompressor(replica);
    }

    /** @param nanos {@link System#nanoTime()} */
    void add(LoggedPrediction prediction, long nanos) {
        LogFile file;
        try {
            file = open.computeIfAbsent(Partition.of(prediction), partition -> new LogFile(prediction, nanos));
            file.add(prediction);
        } catch (OutOfMemoryError e) {
            budget.giveBack(prediction.sizeBytes());
            prediction.model.drop(1, DropReason.FAILED);
            return;
        }
        heldBytes += prediction.sizeBytes();
        if (file.waitingBytes() >= BLOCK_BYTES) {
            compress(file);
        }
        if (file.compressedBytes() >= limits.fileBytes() || file.uncompressedBytes() >= limits.uncompressedBytes()) {
            finish(file);
        }
        while (heldBytes > limits.openBytes()) {
            finish(Collections.max(open.values(), Comparator.comparingLong(LogFile::heldBytes)));
        }
    }

    /** Finishes the files that are old enough. */
    void finishOld(long nanos) {
        for (LogFile file : List.copyOf(open.values())) {
            if (nanos - file.openedNanos() >= limits.age().toNanos()) {
                finish(file);
            }
        }
    }

    void finishAll() {
        List.copyOf(open.values()).forEach(this::finish);
    }

    private void compress(LogFile file) {
        try {
            compressOrFail(file);
        } catch (IOException | RuntimeException | OutOfMemoryError e) {
            giveUp(file, e);
        }
    }

    private void finish(LogFile file) {
        try {
            compressOrFail(file);
            FinishedFile whole = file.finish(replica);
            forget(file);
            finished.accept(whole);
        } catch (IOException | RuntimeException | OutOfMemoryError e) {
            giveUp(file, e);
        }
    }

    private void compressOrFail(LogFile file) throws IOException {
        long before = file.heldBytes();
        file.compress(compressor);
        budget.replace(before, file.heldBytes());
        heldBytes += file.heldBytes() - before;
    }

    /** Nobody knows how far the compressor has come, so no line of the file can be written. */
    private void giveUp(LogFile file, Throwable failure) {
        LOG.error(
                "{} predictions of {} cannot be logged",
                file.lines(),
                file.partition().model(),
                failure);
        forget(file);
        budget.giveBack(file.heldBytes());
        file.model().drop(file.lines(), DropReason.FAILED);
    }

    private void forget(LogFile file) {
        if (open.remove(file.partition(), file)) {
            heldBytes -= file.heldBytes();
        }
    }

    @Override
    public void close() {
        compressor.close();
    }
}
