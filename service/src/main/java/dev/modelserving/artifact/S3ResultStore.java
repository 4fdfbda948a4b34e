package dev.modelserving.artifact;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.core.sync.RequestBody;
import software.amazon.awssdk.services.s3.S3Client;

/** An S3 bucket. The client is the caller's to close. */
public final class S3ResultStore implements ResultStore {
    private final S3Client s3;
    private final String bucket;

    public S3ResultStore(S3Client s3, String bucket) {
        this.s3 = s3;
        this.bucket = bucket;
    }

    /**
     * Never with a Content-Encoding: clients would unpack a compressed object on the way, and those who go by the name
     * of the file would unpack it again, and fail.
     */
    @Override
    public void put(String key, byte[] content, String contentType) throws IOException {
        // RequestBody.fromBytes would copy the content.
        RequestBody body =
                RequestBody.fromContentProvider(() -> new ByteArrayInputStream(content), content.length, contentType);
        try {
            s3.putObject(put -> put.bucket(bucket).key(key).contentType(contentType), body);
        } catch (SdkException e) {
            throw new IOException("s3://" + bucket + "/" + key + " could not be written: " + e.getMessage(), e);
        }
    }
}
