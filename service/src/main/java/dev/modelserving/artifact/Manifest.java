package dev.modelserving.artifact;

import dev.modelserving.model.ModelRef;
import io.micronaut.serde.ObjectMapper;
import io.micronaut.serde.annotation.Serdeable;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What a version consists of. Its JSON, {@code manifest.json}, is written last: its arrival means that the version is
 * complete.
 *
 * @param files every file of the version but the manifest itself
 * @param examplesPath the file that holds requests with the responses they must give, if there is one
 * @param details what else is told of the version
 */
public record Manifest(
        ModelRef ref, List<ArtifactFile> files, @Nullable String examplesPath, String description, Details details) {
    public static final String FILE_NAME = "manifest.json";
    public static final String MODEL_FILE_NAME = "model.onnx";

    /** The most that a manifest may have: what it says has to fit into an item of the registry, of 400 KB. */
    public static final int LONGEST_BYTES = 192 << 10;

    /** No disk of a container holds more. */
    private static final long LARGEST_VERSION_BYTES = 1L << 44;

    /** Whether requests may be joined: as it is found out, always, never. */
    public enum Batching {
        AUTO,
        ON,
        OFF;

        /** As in JSON. */
        String text() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    /**
     * @param largestBatch the most rows that may be joined, if that is said
     * @param metrics how good the model was found: JSON as strings, booleans, Long, BigDecimal, lists and maps
     * @param lineage where it comes from
     */
    public record Details(
            @Nullable Integer largestBatch,
            Batching batching,
            Map<String, Object> metrics,
            Map<String, String> lineage) {
        /** Where nothing is said. */
        public static final Details NONE = new Details(null, Batching.AUTO, Map.of(), Map.of());

        public Details {
            metrics = Map.copyOf(metrics);
            lineage = Map.copyOf(lineage);
        }

        public Optional<Integer> maxBatchSize() {
            return Optional.ofNullable(largestBatch);
        }
    }

    /** @throws IllegalArgumentException when the files do not make a version */
    public Manifest {
        files = List.copyOf(files);
        checkFiles(files, examplesPath);
    }

    /** Without details. */
    public Manifest(ModelRef ref, List<ArtifactFile> files, @Nullable String examplesPath, String description) {
        this(ref, files, examplesPath, description, Details.NONE);
    }

    /**
     * Whether these files can be a version: paths unique, none the folder of another, the model among them, and the
     * examples if there are any.
     *
     * @throws IllegalArgumentException that says what is wrong
     */
    public static void checkFiles(List<ArtifactFile> files, @Nullable String examplesPath) {
        Set<String> paths = new HashSet<>();
        long room = LARGEST_VERSION_BYTES;
        for (ArtifactFile file : files) {
            if (!paths.add(file.path())) {
                throw new IllegalArgumentException("files name '" + file.path() + "' twice");
            }
            if (file.path().equals(FILE_NAME)) {
                throw new IllegalArgumentException("files name '" + FILE_NAME + "', which is not one of them");
            }
            if (file.sizeBytes() > room) {
                throw new IllegalArgumentException("files have more than " + LARGEST_VERSION_BYTES + " bytes");
            }
            room -= file.sizeBytes();
        }
        for (String path : paths) {
            for (int slash = path.indexOf('/'); slash >= 0; slash = path.indexOf('/', slash + 1)) {
                if (paths.contains(path.substring(0, slash))) {
                    throw new IllegalArgumentException(
                            "'" + path.substring(0, slash) + "' is a file and the folder of '" + path + "'");
                }
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

    /** Whether {@code registered} are the files that this manifest names, in any order. */
    public boolean hasFiles(List<ArtifactFile> registered) {
        return registered.size() == files.size()
                && registered.stream().allMatch(file -> files.stream().anyMatch(file::isSameAs));
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
                    .writeValueAsBytes(new Document(
                            ref.id().value(),
                            ref.version().value(),
                            written,
                            examplesPath,
                            description,
                            details.largestBatch(),
                            details.batching().text(),
                            details.metrics(),
                            details.lineage()));
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
            return ManifestReader.read(json);
        } catch (IOException | IllegalArgumentException e) {
            throw ArtifactException.wrong(FILE_NAME + " is not a manifest: " + ManifestReader.reason(e), e);
        }
    }

    @Serdeable
    record Document(
            String modelId,
            long version,
            List<FileDocument> files,
            @Nullable String examples,
            @Nullable String description,
            @Nullable Integer maxBatchSize,
            String batching,
            Map<String, Object> metrics,
            Map<String, String> lineage) {}

    @Serdeable
    record FileDocument(String path, String sha256, long sizeBytes) {}
}
