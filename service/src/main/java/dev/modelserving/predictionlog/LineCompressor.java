package dev.modelserving.predictionlog;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.zip.CheckedOutputStream;
import java.util.zip.Checksum;
import java.util.zip.Deflater;
import java.util.zip.DeflaterOutputStream;

/**
 * Writes predictions as lines of JSON, compressed. One for all files, because a compressor takes a quarter of a megabyte:
 * it forgets what it saw after each block and ends the block on a whole byte, so that the blocks of a file, one after the
 * other, are one stream (RFC 1951, section 3.2.4; pigz does the same). Belongs to one thread.
 */
final class LineCompressor implements AutoCloseable {
    private static final int BUFFER = 64 << 10;
    private static final byte[] REQUEST = "\"request\":".getBytes(US_ASCII);
    private static final byte[] RESPONSE = ",\"response\":".getBytes(US_ASCII);
    private static final byte[] END = "}\n".getBytes(US_ASCII);

    private final String replica;
    private final Deflater deflater = new Deflater(Deflater.BEST_SPEED, true);
    private final StringBuilder head = new StringBuilder();

    LineCompressor(String replica) {
        this.replica = replica;
    }

    /**
     * Writes one block.
     *
     * @param checksum of what is compressed goes on there
     * @return how many bytes were compressed
     */
    long compress(List<LoggedPrediction> predictions, Checksum checksum, OutputStream target) throws IOException {
        deflater.reset();
        // Not closed: that would end the stream, which goes on in the next block.
        OutputStream lines = new BufferedOutputStream(
                new CheckedOutputStream(new DeflaterOutputStream(target, deflater, BUFFER, true), checksum), BUFFER);
        for (LoggedPrediction prediction : predictions) {
            write(prediction, lines);
        }
        lines.flush();
        return deflater.getBytesRead();
    }

    private void write(LoggedPrediction prediction, OutputStream lines) throws IOException {
        head.setLength(0);
        head.append("{\"replica\":\"").append(replica);
        head.append("\",\"seq\":").append(prediction.sequence);
        head.append(",\"time\":\"").append(prediction.time.truncatedTo(ChronoUnit.MICROS));
        head.append("\",\"model_id\":\"").append(prediction.model.id().value());
        head.append("\",\"model_version\":").append(prediction.version.value());
        head.append(",\"request_id\":\"").append(prediction.requestId);
        head.append("\",\"duration_us\":")
                .append(prediction.duration.toNanos() / 1000)
                .append(',');
        lines.write(head.toString().getBytes(US_ASCII));
        lines.write(REQUEST);
        lines.write(onOneLine(prediction.request));
        lines.write(RESPONSE);
        lines.write(prediction.response);
        lines.write(END);
    }

    /** In valid JSON these stand only between tokens: in strings they must be escaped (RFC 8259, section 7). */
    private static byte[] onOneLine(byte[] json) {
        for (int index = 0; index < json.length; index++) {
            byte character = json[index];
            if (character == '\n' || character == '\r' || character == '\t') {
                json[index] = ' ';
            }
        }
        return json;
    }

    @Override
    public void close() {
        deflater.end();
    }
}
