package dev.modelserving.predictionlog;

import dev.modelserving.model.ModelId;
import java.time.Instant;
import java.util.Collection;
import java.util.EnumMap;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * What has become of the predictions since the start of the process.
 *
 * @param replica as it stands in each line
 * @param refused whether the last attempt to write a file failed
 * @param last the last attempt that failed
 * @param logged predictions that were selected: each is written, dropped or pending
 * @param dropped how many, for each reason that there was
 * @param droppedOf how many, for each model that lost some
 */
public record PredictionLogHealth(
        String replica,
        boolean refused,
        @Nullable Failure last,
        long logged,
        long writtenLines,
        long writtenFiles,
        long pendingLines,
        long pendingBytes,
        Map<DropReason, Long> dropped,
        Map<ModelId, Long> droppedOf) {

    /** When a file could not be written, and why. */
    public record Failure(Instant time, String reason) {}

    public Optional<Failure> lastFailure() {
        return Optional.ofNullable(last);
    }

    static PredictionLogHealth of(
            String replica,
            Uploads.State uploads,
            Uploads.Written written,
            long pendingBytes,
            Collection<LoggedModel> models) {
        Map<DropReason, Long> dropped = new EnumMap<>(DropReason.class);
        Map<ModelId, Long> droppedOf = new TreeMap<>();
        for (LoggedModel model : models) {
            model.dropped().forEach((reason, count) -> {
                dropped.merge(reason, count, Long::sum);
                droppedOf.merge(model.id(), count, Long::sum);
            });
        }
        // After those that are written and dropped, so that it is not less.
        long logged = models.stream().mapToLong(LoggedModel::selected).sum();
        long settled = written.lines()
                + dropped.values().stream().mapToLong(Long::longValue).sum();
        return new PredictionLogHealth(
                replica,
                uploads.refused(),
                uploads.last(),
                logged,
                written.lines(),
                written.files(),
                logged - settled,
                pendingBytes,
                dropped,
                droppedOf);
    }
}
