package dev.modelserving.runtime;

import ai.onnxruntime.OrtEnvironment;
import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.net.URISyntaxException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.CodeSource;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import java.util.zip.CRC32;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * ONNX Runtime's native library, unpacked from its JAR once and not at each start: into a folder beside the models, named
 * by what is in it. What is found there is taken only when size and checksum are the JAR's, and when nobody else could
 * have written it. Where that cannot be, ONNX Runtime unpacks its library for itself, as it always does.
 */
public final class OrtLibrary {
    private static final Logger LOG = LoggerFactory.getLogger(OrtLibrary.class);

    /** ONNX Runtime's own; whoever starts the process may have set it. */
    private static final String PROPERTY = "onnxruntime.native.path";

    private static final String LOCK = ".onnxruntime.lock";
    private static final Set<OpenOption> OPEN_LOCK = Set.of(StandardOpenOption.CREATE, StandardOpenOption.WRITE);

    private static final Set<PosixFilePermission> WRITABLE_BY_OTHERS =
            Set.of(PosixFilePermission.GROUP_WRITE, PosixFilePermission.OTHERS_WRITE);

    private static final Set<PosixFilePermission> READABLE = PosixFilePermissions.fromString("rw-------");

    private final Path folder;
    private final ZipFile jar;
    private final List<ZipEntry> files;

    private OrtLibrary(Path folder, ZipFile jar, List<ZipEntry> files) {
        this.folder = folder;
        this.jar = jar;
        this.files = files;
    }

    /** Has the library loaded from below {@code folder}, if it was not loaded yet. Blocks on the disk. */
    public static void keepIn(Path folder) {
        if (System.getProperty(PROPERTY) == null) {
            unpacked(folder).ifPresent(library -> System.setProperty(PROPERTY, library.toString()));
        }
    }

    /** Where the library lies; nothing when it cannot be kept there. */
    static synchronized Optional<Path> unpacked(Path folder) {
        try {
            Optional<File> jar = jar();
            if (jar.isEmpty()) {
                return Optional.empty();
            }
            try (ZipFile zip = new ZipFile(jar.get())) {
                List<ZipEntry> files = filesOf(zip);
                if (files.isEmpty()) {
                    return Optional.empty();
                }
                requireOurs(folder);
                return Optional.of(new OrtLibrary(folder, zip, files).find());
            }
        } catch (IOException | URISyntaxException | UnsupportedOperationException e) {
            LOG.warn(
                    "ONNX Runtime's library is unpacked at each start, because it cannot be kept in {}: {}",
                    folder,
                    e.getMessage());
            return Optional.empty();
        }
    }

    private static Optional<File> jar() throws URISyntaxException {
        CodeSource source = OrtEnvironment.class.getProtectionDomain().getCodeSource();
        return source == null
                ? Optional.empty()
                : Optional.of(new File(source.getLocation().toURI())).filter(File::isFile);
    }

    /** Of this machine's platform; none where it is not known. */
    private static List<ZipEntry> filesOf(ZipFile jar) {
        String platform = switch (System.getProperty("os.name") + " " + System.getProperty("os.arch")) {
            case "Linux amd64" -> "linux-x64";
            case "Linux aarch64" -> "linux-aarch64";
            default -> "";
        };
        List<ZipEntry> files = new ArrayList<>();
        for (String name : List.of("onnxruntime", "onnxruntime4j_jni")) {
            ZipEntry file = jar.getEntry("ai/onnxruntime/native/" + platform + "/" + System.mapLibraryName(name));
            if (file == null) {
                return List.of();
            }
            files.add(file);
        }
        return files;
    }

    private Path find() throws IOException {
        String checksums =
                files.stream().map(file -> Long.toHexString(file.getCrc())).collect(Collectors.joining("-"));
        Path library = folder.resolve(".onnxruntime-" + checksums);
        if (isRight(library)) {
            return library;
        }
        // One process after the other, so that nobody removes what another has just found to be right.
        try (FileChannel lock = FileChannel.open(folder.resolve(LOCK), OPEN_LOCK)) {
            lock.lock();
            if (!isRight(library)) {
                delete(library);
                unpack(library);
            }
        }
        return library;
    }

    /** Under the name of a download under way: what a process that is killed leaves there, the next one removes. */
    private void unpack(Path library) throws IOException {
        Path unpacked = Files.createTempDirectory(
                folder, ".partial-" + ProcessHandle.current().pid() + "-");
        try {
            for (ZipEntry file : files) {
                Path path = unpacked.resolve(nameOf(file));
                try (InputStream content = jar.getInputStream(file)) {
                    Files.copy(content, path);
                }
                Files.setPosixFilePermissions(path, READABLE); // whatever the umask
            }
            if (!isRight(unpacked)) {
                throw new IOException("what was written is not what is in the JAR");
            }
            Files.move(unpacked, library, StandardCopyOption.ATOMIC_MOVE);
        } finally {
            delete(unpacked);
        }
    }

    private boolean isRight(Path library) throws IOException {
        if (!Files.isDirectory(library, LinkOption.NOFOLLOW_LINKS) || !isOurs(library)) {
            return false;
        }
        for (ZipEntry file : files) {
            Path path = library.resolve(nameOf(file));
            if (!Files.isRegularFile(path, LinkOption.NOFOLLOW_LINKS)
                    || !isOurs(path)
                    || Files.size(path) != file.getSize()
                    || checksum(path) != file.getCrc()) {
                return false;
            }
        }
        return true;
    }

    private static long checksum(Path file) throws IOException {
        CRC32 checksum = new CRC32();
        byte[] buffer = new byte[1 << 16];
        try (InputStream content = Files.newInputStream(file)) {
            for (int count = content.read(buffer); count >= 0; count = content.read(buffer)) {
                checksum.update(buffer, 0, count);
            }
        }
        return checksum.getValue();
    }

    private static void requireOurs(Path folder) throws IOException {
        if (!isOurs(folder)) {
            throw new IOException("others may write there");
        }
    }

    private static boolean isOurs(Path path) throws IOException {
        return Files.getAttribute(path, "unix:uid").equals(Files.getAttribute(Path.of("/proc/self"), "unix:uid"))
                && Files.getPosixFilePermissions(path).stream().noneMatch(WRITABLE_BY_OTHERS::contains);
    }

    private static String nameOf(ZipEntry file) {
        return file.getName().substring(file.getName().lastIndexOf('/') + 1);
    }

    private static void delete(Path tree) throws IOException {
        if (!Files.exists(tree, LinkOption.NOFOLLOW_LINKS)) {
            return;
        }
        try (Stream<Path> paths = Files.walk(tree)) {
            for (Path path : paths.sorted(Comparator.reverseOrder()).toList()) {
                Files.deleteIfExists(path);
            }
        }
    }
}
