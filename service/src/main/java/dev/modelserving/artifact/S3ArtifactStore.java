package dev.modelserving.artifact;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.Serial;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.core.ResponseInputStream;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.core.sync.RequestBody;
import software.amazon.awssdk.services.s3.S3Client;
import software.amazon.awssdk.services.s3.model.GetObjectResponse;
import software.amazon.awssdk.services.s3.model.S3Exception;

/** An S3 bucket. The client is the caller's to close. */
public final class S3ArtifactStore implements ArtifactStore {
    private static final int NOT_FOUND = 404;
    private static final int PRECONDITION_FAILED = 412;
    private static final Duration GRACE = Duration.ofMinutes(1);
    private static final long LEAST_BYTES_A_SECOND = 1 << 20;

    /** No such version, a version that marks a deletion, a malformed version, a key that cannot be. */
    private static final Set<String> MISSING =
            Set.of("NoSuchKey", "NoSuchVersion", "MethodNotAllowed", "InvalidArgument", "KeyTooLongError");

    private final S3Client s3;
    private final String bucket;

    public S3ArtifactStore(S3Client s3, String bucket) {
        this.s3 = s3;
        this.bucket = bucket;
    }

    @Override
    public Optional<String> download(String key, ArtifactFile file, Path target) throws ArtifactException {
        try (ResponseInputStream<GetObjectResponse> object = open(key, file.s3VersionId())) {
            if (object.response().contentLength() != file.sizeBytes()) {
                object.abort();
                throw ArtifactException.wrong(where(key) + " has "
                        + object.response().contentLength() + " bytes (expected: " + file.sizeBytes() + ")");
            }
            copy(object, file.sizeBytes(), target);
            return Optional.ofNullable(object.response().versionId());
        } catch (FileSystemException e) {
            throw ArtifactException.disk(
                    where(key) + " could not be kept on disk: " + ArtifactException.withoutPath(e), e);
        } catch (IOException e) {
            throw ArtifactException.unavailable(where(key) + " could not be downloaded: " + e.getMessage(), e);
        } catch (SdkException e) {
            throw failed(key, "could not be downloaded", e);
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
            for (int count = read(object, buffer); count >= 0; count = read(object, buffer)) {
                write(file, buffer, count);
                copied += count;
                if (System.nanoTime() - begin > limit) {
                    throw new IOException("it came too slowly, and was broken off");
                }
            }
        } catch (ConnectionLoss e) {
            object.abort();
            throw lost(copied, sizeBytes, ": " + e.getMessage());
        } catch (IOException e) {
            object.abort(); // closing would read on to the end
            throw e;
        }
        if (copied < sizeBytes) {
            throw lost(copied, sizeBytes, "");
        }
    }

    private static final class ConnectionLoss extends IOException {
        @Serial
        private static final long serialVersionUID = 1;

        ConnectionLoss(IOException cause) {
            super(cause.getMessage(), cause);
        }
    }

    private static int read(InputStream object, byte[] buffer) throws ConnectionLoss {
        try {
            return object.read(buffer);
        } catch (IOException e) {
            throw new ConnectionLoss(e);
        }
    }

    /** An error to one Java, and the end of the object to another. */
    private static IOException lost(long copied, long sizeBytes, String detail) {
        return new IOException("the connection ended after " + copied + " of " + sizeBytes + " bytes" + detail);
    }

    /** What the disk refuses is told apart from what the connection does. */
    private static void write(OutputStream file, byte[] buffer, int count) throws FileSystemException {
        try {
            file.write(buffer, 0, count);
        } catch (IOException e) {
            FileSystemException failure = new FileSystemException(null, null, e.getMessage());
            failure.initCause(e);
            throw failure;
        }
    }

    @Override
    public void upload(Path source, String key) throws ArtifactException {
        try {
            s3.putObject(put -> put.bucket(bucket).key(key), RequestBody.fromFile(source));
        } catch (SdkException e) {
            throw failed(key, "could not be written", e);
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
            throw failed(key, "could not be written", e);
        }
    }

    @Override
    public Optional<byte[]> read(String key, @Nullable String s3VersionId, int limitBytes) throws ArtifactException {
        try (InputStream object = open(key, s3VersionId)) {
            return Optional.of(object.readNBytes(limitBytes));
        } catch (ArtifactException e) {
            if (e.kind() == ArtifactException.Kind.MISSING) {
                return Optional.empty();
            }
            throw e;
        } catch (IOException e) {
            throw ArtifactException.unavailable(where(key) + " could not be read: " + e.getMessage(), e);
        } catch (SdkException e) {
            throw failed(key, "could not be read", e);
        }
    }

    private ResponseInputStream<GetObjectResponse> open(String key, @Nullable String s3VersionId)
            throws ArtifactException {
        try {
            ResponseInputStream<GetObjectResponse> object =
                    s3.getObject(get -> get.bucket(bucket).key(key).versionId(s3VersionId));
            if (object.response().eTag() == null) {
                object.abort();
                throw ArtifactException.unavailable(
                        where(key) + " could not be read: the answer has no ETag, so it is not S3's");
            }
            return object;
        } catch (S3Exception e) {
            if (isMissing(e)) {
                throw ArtifactException.missing(
                        where(key) + (s3VersionId == null ? "" : " of version " + s3VersionId) + " does not exist", e);
            }
            throw e;
        }
    }

    /** S3 says in many ways that an object, or one of its versions, is not there, or never could be. */
    private static boolean isMissing(S3Exception e) {
        return MISSING.contains(AwsFault.code(e)) || (e.statusCode() == NOT_FOUND && !AwsFault.isConfiguration(e));
    }

    private ArtifactException failed(String key, String what, SdkException e) {
        String message = where(key) + " " + what + ": " + e.getMessage();
        return AwsFault.isConfiguration(e)
                ? ArtifactException.misconfigured(message, e)
                : ArtifactException.unavailable(message, e);
    }

    private String where(String key) {
        return "s3://" + bucket + "/" + key;
    }
}
