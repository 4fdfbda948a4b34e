package dev.modelserving.predictionlog;

import dev.modelserving.model.ModelId;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;

/**
 * What the lines of a file have in common.
 *
 * @param hour since the epoch
 */
record Partition(ModelId model, long hour) {
    private static final long SECONDS = 3600;
    private static final DateTimeFormatter FOLDERS =
            DateTimeFormatter.ofPattern("'dt='yyyy-MM-dd'/hour='HH").withZone(ZoneOffset.UTC);

    static Partition of(LoggedPrediction prediction) {
        return new Partition(prediction.model.id(), Math.floorDiv(prediction.time.getEpochSecond(), SECONDS));
    }

    /** The key of a file in this partition. */
    String key(String fileName) {
        return "predictions/model_id=" + model + "/" + FOLDERS.format(Instant.ofEpochSecond(hour * SECONDS)) + "/"
                + fileName;
    }
}
