package dev.modelserving.local;

import com.fasterxml.jackson.databind.JsonNode;
import dev.modelserving.emulators.LocalAws;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.BitSet;
import java.util.zip.GZIPInputStream;
import software.amazon.awssdk.services.s3.model.S3Object;

/** The prediction log as a reader finds it in S3; independent of the service's own code. */
final class LoggedLines {
    private LoggedLines() {}

    /** How many lines there are, and which numbers they have; a number that is there twice counts as one less. */
    record Lines(long count, BitSet sequences, BitSet requestIds) {}

    /** All lines of a model that one replica wrote. */
    static Lines of(LocalAws aws, String model, String replica) throws IOException {
        long count = 0;
        BitSet sequences = new BitSet();
        BitSet requestIds = new BitSet();
        for (S3Object object : aws.s3()
                .listObjectsV2Paginator(
                        list -> list.bucket(LocalAws.GOLD_BUCKET).prefix("predictions/model_id=" + model + "/dt="))
                .contents()) {
            if (object.key().contains("/" + replica + "-") && object.key().endsWith(".jsonl.gz")) {
                try (BufferedReader lines = open(aws, object.key())) {
                    for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                        JsonNode logged = JsonClient.JSON.readTree(line);
                        count++;
                        sequences.set(logged.get("seq").asInt());
                        requestIds.set(logged.get("request_id").asInt());
                    }
                }
            }
        }
        return new Lines(count, sequences, requestIds);
    }

    private static BufferedReader open(LocalAws aws, String key) throws IOException {
        return new BufferedReader(new InputStreamReader(
                new GZIPInputStream(aws.s3()
                        .getObject(get -> get.bucket(LocalAws.GOLD_BUCKET).key(key))),
                StandardCharsets.UTF_8));
    }
}
