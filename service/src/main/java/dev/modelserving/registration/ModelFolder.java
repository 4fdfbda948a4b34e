package dev.modelserving.registration;

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

/** A version's files as somebody has them on disk: {@code model.onnx}, what it refers to, {@code examples.json}. */
record ModelFolder(Path path) {
    private static final String EXAMPLES = "examples.json";

    /**
     * What the folder holds, as the version that it shall become. Hidden files and a manifest that is there are left out.
     *
     * @throws RegistrationException when these files cannot be a version
     */
    Manifest manifest(ModelRef ref, String description, Manifest.Details details) throws RegistrationException {
        try (Stream<Path> found = Files.walk(path)) {
            List<ArtifactFile> files = new ArrayList<>();
            for (Path file : found.filter(this::belongs).sorted().toList()) {
                String name = path.relativize(file)
                        .toString()
                        .replace(file.getFileSystem().getSeparator(), "/");
                files.add(new ArtifactFile(name, Sha256.of(file), Files.size(file)));
            }
            boolean hasExamples = files.stream().anyMatch(file -> file.path().equals(EXAMPLES));
            return new Manifest(ref, files, hasExamples ? EXAMPLES : null, description, details);
        } catch (IOException | IllegalArgumentException e) {
            throw new RegistrationException(path + ": " + e.getMessage(), e);
        }
    }

    private boolean belongs(Path file) {
        String name = String.valueOf(file.getFileName());
        return Files.isRegularFile(file) && !name.startsWith(".") && !name.equals(Manifest.FILE_NAME);
    }
}
