package dev.modelserving.artifact;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.modelserving.EmulatedAws;
import dev.modelserving.emulators.LocalAws;
import java.io.IOException;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import software.amazon.awssdk.core.ResponseBytes;
import software.amazon.awssdk.services.s3.model.GetObjectResponse;

@ExtendWith(EmulatedAws.class)
class S3ResultStoreIT {
    private static final String NDJSON = "application/x-ndjson";

    private final String key = "it/a=b/" + UUID.randomUUID();

    @Test
    void replacesWhatWasThereAndSaysNothingOfAnEncoding(LocalAws aws) throws IOException {
        S3ResultStore store = new S3ResultStore(aws.s3(), LocalAws.GOLD_BUCKET);
        store.put(key, "first".getBytes(UTF_8), NDJSON);
        store.put(key, "second".getBytes(UTF_8), NDJSON);
        ResponseBytes<GetObjectResponse> object = aws.s3()
                .getObjectAsBytes(get -> get.bucket(LocalAws.GOLD_BUCKET).key(key));
        assertThat(object.asUtf8String()).isEqualTo("second");
        assertThat(object.response().contentType()).isEqualTo(NDJSON);
        assertThat(object.response().contentEncoding()).isNull();
    }

    @Test
    void saysWhichObjectCouldNotBeWritten(LocalAws aws) {
        S3ResultStore absent = new S3ResultStore(aws.s3(), "no-such-bucket");
        assertThatThrownBy(() -> absent.put(key, new byte[1], NDJSON))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("s3://no-such-bucket/" + key + " could not be written: ");
    }
}
