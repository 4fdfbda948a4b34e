package dev.modelserving.artifact;

import dev.modelserving.model.ModelRef;
import io.micronaut.serde.ObjectMapper;
import io.micronaut.serde.annotation.Serdeable;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What a version consists of. Its JSON, {@code manifest.json}, is written last: its arrival means that the version is
 * complete.
 *
 * @param files every file of the version but the manifest itself
 * @param examplesPath the file that holds requests with the responses they must give, if there is one
 */
public record Manifest(
        ModelRef ref, List<ArtifactFile> files, @Nullable String examplesPath, String description) {
    public static final String FILE_NAME = "manifest.json";
    public static final String MODEL_FILE_NAME = "model.onnx";

    /** @throws IllegalArgumentException when the files do not make a version */
    public Manifest {
        files = List.copyOf(files);
        checkFiles(files, examplesPath);
    }

    /**
     * Whether these files can be a version: paths unique, the model among them, and the examples if there are any.
     *
     * @throws IllegalArgumentException that says what is wrong
     */
    public static void checkFiles(List<ArtifactFile> files, @Nullable String examplesPath) {
        Set<String> paths = new HashSet<>();
        for (ArtifactFile file : files) {
            if (!paths.add(file.path())) {
                throw new IllegalArgumentException("files name '" + file.path() + "' twice");
            }
        }
        if (!paths.contains(MODEL_FILE_NAME)) {
            throw new IllegalArgumentException("files have no " + MODEL_FILE_NAME);
        }
        if (examplesPath != null && !paths.contains(examplesPath)) {
            throw new IllegalArgumentException("files have no '" + examplesPath + "', which examples names");
        }
    }

    public Optional<String> examples() {
        return Optional.ofNullable(examplesPath);
    }

    /** The S3 prefix that every version of the contract's layout lies under, with a slash at its end. */
    public static String prefix(ModelRef ref) {
        return "models/" + ref.id() + "/" + ref.version() + "/";
    }

    /** The JSON form, in UTF-8. */
    public byte[] toJson() {
        try {
            List<FileDocument> written = files.stream()
                    .map(file -> new FileDocument(file.path(), file.sha256(), file.sizeBytes()))
                    .toList();
            return ObjectMapper.getDefault()
                    .writeValueAsBytes(
                            new Document(ref.id().value(), ref.version().value(), written, examplesPath, description));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /**
     * Reads the JSON form; what it does not know is ignored.
     *
     * @throws ArtifactException when it is not a manifest
     */
    public static Manifest fromJson(byte[] json) throws ArtifactException {
        try {
            Document document = ObjectMapper.getDefault().readValue(json, Document.class);
            List<ArtifactFile> files = document.files().stream()
                    .map(file -> new ArtifactFile(file.path(), file.sha256(), file.sizeBytes()))
                    .toList();
            return new Manifest(
                    ModelRef.of(document.modelId(), document.version()),
                    files,
                    document.examples(),
                    Optional.ofNullable(document.description()).orElse(""));
        } catch (IOException | RuntimeException e) {
            throw ArtifactException.wrong(FILE_NAME + " is not a manifest: " + e.getMessage(), e);
        }
    }

    @Serdeable
    record Document(
            String modelId,
            long version,
            List<FileDocument> files,
            @Nullable String examples,
            @Nullable String description) {}

    @Serdeable
    record FileDocument(String path, String sha256, long sizeBytes) {}
}
