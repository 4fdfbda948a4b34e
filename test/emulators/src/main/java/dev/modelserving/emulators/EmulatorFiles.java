package dev.modelserving.emulators;

import java.io.File;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;

/** Where the build has put the emulators' JARs: {@code dynamodb/target/jars} and {@code target/s3}. */
final class EmulatorFiles {
    private EmulatorFiles() {}

    static Path dynamoDb() throws IOException {
        return existing(target().resolveSibling(Path.of("dynamodb", "target", "jars")));
    }

    static Path s3() throws IOException {
        Path folder = existing(target().resolve("s3"));
        try (Stream<Path> files = Files.list(folder)) {
            return files.filter(file -> file.toString().endsWith(".jar"))
                    .findFirst()
                    .orElseThrow(() -> new IOException("no S3 server in " + folder));
        }
    }

    /** {@code entry} and this module's own classes, which hold {@link TetheredMain}. */
    static String classPath(Path entry) throws IOException {
        return entry + File.pathSeparator + ownClasses();
    }

    private static Path target() throws IOException {
        return ownClasses().resolveSibling("");
    }

    /** {@code target/classes}, or the JAR beside it. */
    private static Path ownClasses() throws IOException {
        try {
            return Path.of(EmulatorFiles.class
                    .getProtectionDomain()
                    .getCodeSource()
                    .getLocation()
                    .toURI());
        } catch (URISyntaxException e) {
            throw new IOException(e);
        }
    }

    private static Path existing(Path folder) throws IOException {
        if (!Files.isDirectory(folder)) {
            throw new IOException(folder + " is missing: build test/emulators first (mvn -Plocal does)");
        }
        return folder;
    }
}
