package dev.modelserving.deployment.workflow;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.modelserving.artifact.ArtifactFile;
import dev.modelserving.artifact.Manifest;
import dev.modelserving.artifact.Sha256;
import dev.modelserving.model.ModelRef;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import software.amazon.awssdk.core.sync.RequestBody;
import software.amazon.awssdk.services.s3.S3Client;

/** Uploads versions as users do: the files, and manifest.json last. */
final class ModelUpload {
    static final String BUCKET = "model-artifacts";

    private final S3Client s3;

    ModelUpload(S3Client s3) {
        this.s3 = s3;
    }

    /** Uploads the files of {@code folder} as that version; gives what the event of the manifest's arrival starts with. */
    ObjectNode upload(ModelRef ref, Path folder) throws IOException {
        List<ArtifactFile> files = new ArrayList<>();
        try (Stream<Path> found = Files.walk(folder)) {
            for (Path file : found.filter(Files::isRegularFile)
                    .filter(file -> !file.endsWith("README.md"))
                    .sorted()
                    .toList()) {
                String path = folder.relativize(file).toString();
                files.add(new ArtifactFile(path, Sha256.of(file), Files.size(file)));
                put(ref, path, Files.readAllBytes(file));
            }
        }
        String examples = Files.exists(folder.resolve("examples.json")) ? "examples.json" : null;
        String version = put(ref, Manifest.FILE_NAME, new Manifest(ref, files, examples, "").toJson());
        return JsonNodeFactory.instance
                .objectNode()
                .put("manifestKey", Manifest.prefix(ref) + Manifest.FILE_NAME)
                .put("manifestVersionId", version);
    }

    /** The same, but the model's file is one byte other than the manifest says. */
    ObjectNode uploadCorrupt(ModelRef ref, Path folder) throws IOException {
        ObjectNode event = upload(ref, folder);
        byte[] model = Files.readAllBytes(folder.resolve(Manifest.MODEL_FILE_NAME));
        model[model.length / 2] ^= 1;
        put(ref, Manifest.MODEL_FILE_NAME, model);
        return event;
    }

    /** Removes every version of the model's file, as nobody should. */
    void loseModel(ModelRef ref) {
        String key = Manifest.prefix(ref) + Manifest.MODEL_FILE_NAME;
        s3.listObjectVersions(list -> list.bucket(BUCKET).prefix(key))
                .versions()
                .forEach(version ->
                        s3.deleteObject(delete -> delete.bucket(BUCKET).key(key).versionId(version.versionId())));
    }

    private String put(ModelRef ref, String path, byte[] content) {
        return s3.putObject(put -> put.bucket(BUCKET).key(Manifest.prefix(ref) + path), RequestBody.fromBytes(content))
                .versionId();
    }
}
