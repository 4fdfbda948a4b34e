package dev.modelserving.predictionlog;

import dev.modelserving.model.ModelVersion;
import java.time.Duration;
import java.time.Instant;

/** One prediction on its way into a file. Belongs to one thread at a time, which may change its bytes. */
final class LoggedPrediction {
    /** What one takes in memory beside the bytes of request and answer, roughly. */
    private static final int OVERHEAD = 256;

    final LoggedModel model;
    final ModelVersion version;
    final long sequence;
    final Instant time;
    final String requestId;
    final Duration duration;
    final byte[] request;
    final byte[] response;

    LoggedPrediction(
            LoggedModel model,
            ModelVersion version,
            long sequence,
            Instant time,
            String requestId,
            Duration duration,
            byte[] request,
            byte[] response) {
        this.model = model;
        this.version = version;
        this.sequence = sequence;
        this.time = time;
        this.requestId = requestId;
        this.duration = duration;
        this.request = request;
        this.response = response;
    }

    static long sizeBytes(int request, int response) {
        return (long) OVERHEAD + request + response;
    }

    long sizeBytes() {
        return sizeBytes(request.length, response.length);
    }
}
