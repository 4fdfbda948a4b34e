package dev.modelserving.infra.settings;

import dev.modelserving.infra.settings.StageSettings.Data;
import dev.modelserving.infra.settings.StageSettings.Encryption;
import java.time.Duration;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Reads {@code data}. */
final class DataSection {
    private static final Pattern BUCKET = Pattern.compile("[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]");
    private static final Pattern TABLE = Pattern.compile("[a-zA-Z0-9_.-]{3,255}");
    private static final Pattern KEY_ARN = Pattern.compile("arn:aws[a-z-]*:kms:[a-z0-9-]+:[0-9]{12}:key/[a-zA-Z0-9-]+");
    private static final Duration A_DAY = Duration.ofDays(1);

    private DataSection() {}

    static Data read(Fields fields, Place place) {
        Data data = new Data(
                fields.choice("encryption", Encryption.class, Encryption.AWS_OWNED),
                fields.text("keyArn", KEY_ARN, "the ARN of a KMS key"),
                fields.text("artifactsBucket", BUCKET, "the name of a bucket that is there"),
                fields.text("goldBucket", BUCKET, "the name of a bucket that is there"),
                fields.text("registryTable", TABLE, "the name of a table that is there"),
                fields.flag("keep", true),
                predictionsExpireAfter(fields));
        if (data.keyArn() != null && data.encryption() == Encryption.AWS_OWNED) {
            fields.fault("keyArn", "given", "encryption: customer-key with it");
        }
        place.expect(fields, "keyArn", data.keyArn());
        String artifacts = data.artifactsBucket();
        if (artifacts != null && !artifacts.isEmpty() && artifacts.equals(data.goldBucket())) {
            fields.fault("goldBucket", "'" + data.goldBucket() + "'", "another bucket than artifactsBucket");
        }
        fields.nothingElse();
        return data;
    }

    private static @Nullable Duration predictionsExpireAfter(Fields fields) {
        String name = "predictionsExpireAfter";
        if (!fields.has(name)) {
            return null;
        }
        if (fields.has("goldBucket")) {
            fields.absent(name, "because goldBucket is there already");
            return null;
        }
        Duration duration = fields.duration(name, A_DAY, Duration.ofDays(36_500), A_DAY);
        if (!duration.equals(Duration.ofDays(duration.toDays()))) {
            fields.fault(name, Fields.written(duration), "whole days");
        }
        return duration;
    }
}
