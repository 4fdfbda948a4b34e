package dev.modelserving.emulators;

import java.io.File;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Where the build has put the emulators' JARs: {@code dynamodb/target/jars} and {@code target/s3}, unpacked
 * because a JAR in a JAR starts slowly. */
final class EmulatorFiles {
    private EmulatorFiles() {}

    static Path dynamoDb() throws IOException {
        return existing(target().resolveSibling(Path.of("dynamodb", "target", "jars")));
    }

    static Path s3() throws IOException {
        return existing(target().resolve(Path.of("s3", "BOOT-INF")));
    }

    /** {@code entries} and this module's own classes, which hold {@link TetheredMain}. */
    static String classPath(Path... entries) throws IOException {
        return Stream.concat(Arrays.stream(entries), Stream.of(ownClasses()))
                .map(Path::toString)
                .collect(Collectors.joining(File.pathSeparator));
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
