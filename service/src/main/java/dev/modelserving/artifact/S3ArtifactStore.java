package dev.modelserving.artifact;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import software.amazon.awssdk.core.ResponseInputStream;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.core.sync.RequestBody;
import software.amazon.awssdk.services.s3.S3Client;
import software.amazon.awssdk.services.s3.model.GetObjectResponse;
import software.amazon.awssdk.services.s3.model.NoSuchKeyException;
import software.amazon.awssdk.services.s3.model.S3Exception;

/** An S3 bucket. The client is the caller's to close. */
public final class S3ArtifactStore implements ArtifactStore {
    private static final int PRECONDITION_FAILED = 412;
    private static final Duration GRACE = Duration.ofMinutes(1);
    private static final long LEAST_BYTES_A_SECOND = 1 << 20;

    private final S3Client s3;
    private final String bucket;

    public S3ArtifactStore(S3Client s3, String bucket) {
        this.s3 = s3;
        this.bucket = bucket;
    }

    @Override
    public void download(String key, long sizeBytes, Path target) throws ArtifactException {
        try (ResponseInputStream<GetObjectResponse> object = open(key)) {
            if (object.response().eTag() == null) {
                object.abort();
                throw ArtifactException.unavailable(
                        where(key) + " could not be downloaded: the answer has no ETag, so it is not S3's");
            }
            if (object.response().contentLength() != sizeBytes) {
                object.abort();
                throw ArtifactException.wrong(where(key) + " has "
                        + object.response().contentLength() + " bytes (expected: " + sizeBytes + ")");
            }
            copy(object, sizeBytes, target);
        } catch (IOException | SdkException e) {
            throw ArtifactException.unavailable(
                    where(key) + " could not be downloaded: " + ArtifactException.withoutPath(e), e);
        }
    }

    /** What does not come at all is found by the client; this is for what comes too slowly ever to end. */
    private static void copy(ResponseInputStream<GetObjectResponse> object, long sizeBytes, Path target)
            throws IOException {
        long limit = GRACE.toNanos() + TimeUnit.SECONDS.toNanos(sizeBytes / LEAST_BYTES_A_SECOND);
        long begin = System.nanoTime();
        long copied = 0;
        byte[] buffer = new byte[1 << 16];
        try (OutputStream file = Files.newOutputStream(target, StandardOpenOption.CREATE_NEW)) {
            for (int count = object.read(buffer); count >= 0; count = object.read(buffer)) {
                file.write(buffer, 0, count);
                copied += count;
                if (System.nanoTime() - begin > limit) {
                    throw new IOException("it came too slowly, and was broken off");
                }
            }
            if (copied < sizeBytes) { // the client takes a lost connection for the end
                throw new IOException("the connection ended after " + copied + " of " + sizeBytes + " bytes");
            }
        } catch (IOException e) {
            object.abort(); // closing would read on to the end
            throw e;
        }
    }

    @Override
    public void upload(Path source, String key) throws ArtifactException {
        try {
            s3.putObject(put -> put.bucket(bucket).key(key), RequestBody.fromFile(source));
        } catch (SdkException e) {
            throw ArtifactException.unavailable(where(key) + " could not be written: " + e.getMessage(), e);
        }
    }

    @Override
    public boolean create(String key, byte[] content) throws ArtifactException {
        try {
            s3.putObject(put -> put.bucket(bucket).key(key).ifNoneMatch("*"), RequestBody.fromBytes(content));
            return true;
        } catch (SdkException e) {
            if (e instanceof S3Exception refused && refused.statusCode() == PRECONDITION_FAILED) {
                return false;
            }
            throw ArtifactException.unavailable(where(key) + " could not be written: " + e.getMessage(), e);
        }
    }

    @Override
    public Optional<byte[]> read(String key, int limitBytes) throws ArtifactException {
        try (InputStream object = s3.getObject(get -> get.bucket(bucket).key(key))) {
            return Optional.of(object.readNBytes(limitBytes));
        } catch (NoSuchKeyException e) {
            return Optional.empty();
        } catch (IOException | SdkException e) {
            throw ArtifactException.unavailable(where(key) + " could not be read: " + e.getMessage(), e);
        }
    }

    private ResponseInputStream<GetObjectResponse> open(String key) throws ArtifactException {
        try {
            return s3.getObject(get -> get.bucket(bucket).key(key));
        } catch (NoSuchKeyException e) {
            throw ArtifactException.wrong(where(key) + " does not exist", e);
        }
    }

    private String where(String key) {
        return "s3://" + bucket + "/" + key;
    }
}
