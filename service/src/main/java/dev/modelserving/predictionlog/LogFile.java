package dev.modelserving.predictionlog;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;
import java.util.zip.CRC32;

/**
 * A gzip file that is being gathered (RFC 1952): blocks that are compressed, and predictions that wait to be a block.
 * Belongs to one thread.
 */
final class LogFile {
    /** Magic number, deflate, no flags, no time, fastest algorithm, unknown system. */
    private static final byte[] HEADER = {0x1f, (byte) 0x8b, 8, 0, 0, 0, 0, 0, 4, (byte) 0xff};

    /** The last block, an empty one. */
    private static final byte[] LAST_BLOCK = {3, 0};

    private static final int TRAILER_BYTES = 8;

    private final LoggedModel model;
    private final Partition partition;
    private final Instant firstTime;
    private final long openedNanos;
    private final CRC32 checksum = new CRC32();
    private final List<byte[]> blocks = new ArrayList<>();
    private final List<LoggedPrediction> waiting = new ArrayList<>();
    private long waitingBytes;
    private long blockBytes;
    private long uncompressedBytes;
    private int lines;

    /** Opens a file for {@code first} and others of its model and hour; does not add it. */
    LogFile(LoggedPrediction first, long openedNanos) {
        this.model = first.model;
        this.partition = Partition.of(first);
        this.firstTime = first.time;
        this.openedNanos = openedNanos;
    }

    LoggedModel model() {
        return model;
    }

    Partition partition() {
        return partition;
    }

    /** {@link System#nanoTime()} of its first line. */
    long openedNanos() {
        return openedNanos;
    }

    void add(LoggedPrediction prediction) {
        waiting.add(prediction);
        waitingBytes += prediction.sizeBytes();
    }

    /** What is not compressed yet takes in memory. */
    long waitingBytes() {
        return waitingBytes;
    }

    /** What everything takes in memory. */
    long heldBytes() {
        return waitingBytes + blockBytes;
    }

    long compressedBytes() {
        return blockBytes;
    }

    /** What the compressed bytes are when they are unpacked. */
    long uncompressedBytes() {
        return uncompressedBytes;
    }

    /** Compresses what waits. */
    void compress(LineCompressor compressor) throws IOException {
        if (waiting.isEmpty()) {
            return;
        }
        ByteArrayOutputStream block = new ByteArrayOutputStream();
        uncompressedBytes += compressor.compress(waiting, checksum, block);
        blocks.add(block.toByteArray());
        blockBytes += block.size();
        lines += waiting.size();
        waitingBytes = 0;
        waiting.clear();
    }

    /** The whole file, named after the replica and the time of its first line. Nothing may wait. */
    FinishedFile finish(String replica) {
        int size = Math.toIntExact(HEADER.length + blockBytes + LAST_BLOCK.length + TRAILER_BYTES);
        ByteBuffer content = ByteBuffer.allocate(size).order(ByteOrder.LITTLE_ENDIAN);
        content.put(HEADER);
        blocks.forEach(content::put);
        content.put(LAST_BLOCK).putInt((int) checksum.getValue()).putInt((int) uncompressedBytes);
        String name = replica + "-" + Ulid.at(firstTime, ThreadLocalRandom.current()) + ".jsonl.gz";
        return new FinishedFile(partition.key(name), content.array(), lines, blockBytes);
    }

    /** The lines, compressed or not. */
    int lines() {
        return lines + waiting.size();
    }
}
