package dev.modelserving.artifact;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.modelserving.EmulatedAws;
import dev.modelserving.emulators.LocalAws;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.UUID;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import software.amazon.awssdk.services.s3.model.BucketVersioningStatus;

@ExtendWith(EmulatedAws.class)
class S3ArtifactStoreIT {
    @TempDir
    private Path folder;

    private final String key = "it/" + UUID.randomUUID();
    private S3ArtifactStore store;
    private S3ArtifactStore absent;

    @BeforeEach
    void open(LocalAws aws) {
        store = new S3ArtifactStore(aws.s3(), LocalAws.ARTIFACTS_BUCKET);
        absent = new S3ArtifactStore(aws.s3(), "no-such-bucket");
    }

    @Test
    void downloadsWhatWasUploaded() throws Exception {
        Path source = Files.writeString(folder.resolve("source"), "content");
        store.upload(source, key);
        Path target = folder.resolve("target");
        store.download(key, ofSize(7), target);
        assertThat(target).hasContent("content");
        assertThat(store.read(key, 100)).hasValue("content".getBytes(UTF_8));
    }

    @Test
    void createsAnObjectOnlyOnce() throws Exception {
        assertThat(store.create(key, "first".getBytes(UTF_8))).isTrue();
        assertThat(store.create(key, "second".getBytes(UTF_8))).isFalse();
        assertThat(store.read(key, 100)).hasValue("first".getBytes(UTF_8));
    }

    @Test
    void saysWhatIsWrongWithAnObject() throws Exception {
        Path target = folder.resolve("target");
        assertThatThrownBy(() -> store.download(key, ofSize(7), target)).hasMessageContaining("does not exist");
        store.create(key, "content".getBytes(UTF_8));
        assertThatThrownBy(() -> store.download(key, ofSize(8), target))
                .hasMessageContaining("has 7 bytes (expected: 8)");
        assertThat(store.read(key + "absent", 10)).isEmpty();
    }

    @Test
    void findsAVersionAgainAfterTheObjectWasChangedInPlace(LocalAws aws) throws Exception {
        String bucket = "versioned-" + UUID.randomUUID();
        aws.s3().createBucket(create -> create.bucket(bucket));
        aws.s3()
                .putBucketVersioning(put -> put.bucket(bucket)
                        .versioningConfiguration(versioning -> versioning.status(BucketVersioningStatus.ENABLED)));
        S3ArtifactStore versioned = new S3ArtifactStore(aws.s3(), bucket);
        versioned.upload(Files.writeString(folder.resolve("first"), "content"), key);
        String version = versioned.download(key, ofSize(7), folder.resolve("a")).orElseThrow();
        versioned.upload(Files.writeString(folder.resolve("second"), "changed in place"), key);
        ArtifactFile first = new ArtifactFile("model.onnx", "0".repeat(64), 7, version);
        assertThat(versioned.download(key, first, folder.resolve("b"))).contains(version);
        assertThat(folder.resolve("b")).hasContent("content");
        assertThat(versioned.read(key, version, 100)).hasValue("content".getBytes(UTF_8));
        ArtifactFile absentVersion = new ArtifactFile(
                "model.onnx", "0".repeat(64), 7, UUID.randomUUID().toString());
        assertThatThrownBy(() -> versioned.download(key, absentVersion, folder.resolve("c")))
                .hasMessageContaining("does not exist");
    }

    @Test
    void saysThatABucketIsNotThere() throws Exception {
        Path source = Files.writeString(folder.resolve("source"), "content");
        assertThatThrownBy(() -> absent.upload(source, key)).isInstanceOf(ArtifactException.class);
        assertThatThrownBy(() -> absent.create(key, new byte[1])).isInstanceOf(ArtifactException.class);
        assertThatThrownBy(() -> absent.read(key, 1)).isInstanceOf(ArtifactException.class);
        assertThatThrownBy(() -> absent.read(key, 1))
                .extracting("kind")
                .isEqualTo(ArtifactException.Kind.MISCONFIGURED);
        assertThatThrownBy(() -> absent.download(key, ofSize(1), folder.resolve("t")))
                .isInstanceOf(ArtifactException.class);
    }

    private static ArtifactFile ofSize(long bytes) {
        return new ArtifactFile("model.onnx", "0".repeat(64), bytes);
    }
}
