package dev.modelserving.artifact;

import dev.modelserving.model.ModelId;
import dev.modelserving.model.ModelRef;
import dev.modelserving.model.ModelVersion;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The cache on disk: {@code <modelId>/<version>/<fingerprint>/} for complete versions, {@code .partial-<pid>-<random>/}
 * for downloads under way. When room is needed the least recently used versions go first; a version was last used when
 * its folder was last modified.
 */
final class CacheFolder {
    private static final Logger LOG = LoggerFactory.getLogger(CacheFolder.class);
    private static final String PARTIAL = ".partial-";

    /** How long the sum of what lies here is trusted, which others who use the folder may change. */
    private static final Duration TRUSTED = Duration.ofMinutes(1);

    private final Path root;
    private final long maxBytes;

    /** The sum of what lies here, and when it was found; guarded by this object's lock. */
    private long knownBytes = Long.MAX_VALUE;

    private long knownSince = System.nanoTime();

    private record Entry(ModelRef ref, Path path, FileTime used, long bytes) {}

    private CacheFolder(Path root, long maxBytes) {
        this.root = root;
        this.maxBytes = maxBytes;
    }

    static CacheFolder open(Path root, long maxBytes) throws CacheFolderException {
        try {
            Files.createDirectories(root);
            removeAbandoned(root);
            long half = Files.getFileStore(root).getUsableSpace() / 2;
            CacheFolder folder = new CacheFolder(root, maxBytes == 0 ? half : maxBytes);
            Files.delete(folder.temporary()); // told now and not with the first model
            return folder;
        } catch (IOException e) {
            throw new CacheFolderException(root, e);
        }
    }

    Path of(ModelRef ref, String fingerprint) {
        return root.resolve(ref.id().value()).resolve(ref.version().toString()).resolve(fingerprint);
    }

    Path temporary() throws IOException {
        return Files.createTempDirectory(root, PARTIAL + ProcessHandle.current().pid() + "-");
    }

    void markUsed(Path version) throws IOException {
        Files.setLastModifiedTime(version, FileTime.from(Instant.now()));
    }

    /** Removes versions that nobody needs until {@code bytes} more fit. */
    synchronized void makeRoom(long bytes, Predicate<ModelRef> needed) throws ArtifactException, IOException {
        if (bytes > maxBytes) {
            throw ArtifactException.tooLarge("the model cache is too small: " + bytes + " bytes are needed, of "
                    + maxBytes + " (MODEL_CACHE_MAX_BYTES)");
        }
        if (System.nanoTime() - knownSince < TRUSTED.toNanos() && knownBytes <= maxBytes - bytes) {
            knownBytes += bytes;
            return;
        }
        List<Entry> entries = entries();
        long used = entries.stream().mapToLong(Entry::bytes).sum();
        for (Entry entry : entries) {
            if (used + bytes > maxBytes && !needed.test(entry.ref)) {
                LOG.info("removing the files of {} from the cache to make room", entry.ref);
                delete(entry.path);
                used -= entry.bytes;
            }
        }
        knownBytes = used;
        knownSince = System.nanoTime();
        if (used + bytes > maxBytes) {
            throw ArtifactException.noRoom("the model cache has no room: " + bytes + " bytes are needed, " + used
                    + " of " + maxBytes + " are taken by models in use (MODEL_CACHE_MAX_BYTES)");
        }
        knownBytes += bytes;
    }

    /** Complete versions, the least recently used first. */
    private List<Entry> entries() throws IOException {
        List<Entry> entries = new ArrayList<>();
        for (Path model : foldersIn(root)) {
            for (Path version : foldersIn(model)) {
                for (Path complete : foldersIn(version)) {
                    entry(complete).ifPresent(entries::add);
                }
            }
        }
        entries.sort(Comparator.comparing(Entry::used));
        return entries;
    }

    /** Without downloads under way; nothing when somebody else has removed the folder meanwhile. */
    private static List<Path> foldersIn(Path folder) throws IOException {
        try (Stream<Path> paths = Files.list(folder)) {
            return paths.filter(path -> !path.getFileName().toString().startsWith(PARTIAL) && Files.isDirectory(path))
                    .toList();
        } catch (NoSuchFileException e) {
            return List.of();
        }
    }

    /** Nothing for what is not ours, or has just been removed. */
    private static Optional<Entry> entry(Path path) {
        try (Stream<Path> files = Files.walk(path)) {
            ModelRef ref = new ModelRef(
                    new ModelId(path.getName(path.getNameCount() - 3).toString()),
                    ModelVersion.parse(path.getName(path.getNameCount() - 2).toString()));
            long bytes = files.filter(Files::isRegularFile)
                    .mapToLong(file -> file.toFile().length())
                    .sum();
            return Optional.of(new Entry(ref, path, Files.getLastModifiedTime(path), bytes));
        } catch (IllegalArgumentException | IOException | UncheckedIOException e) {
            return Optional.empty();
        }
    }

    /** A download of a process that lives goes on; in a new container this process often has the old one's number. */
    private static void removeAbandoned(Path root) throws IOException {
        try (Stream<Path> folders = Files.list(root)) {
            for (Path folder : folders.filter(CacheFolder::isAbandoned).toList()) {
                delete(folder);
            }
        }
    }

    private static boolean isAbandoned(Path folder) {
        String name = folder.getFileName().toString();
        if (!name.startsWith(PARTIAL)) {
            return false;
        }
        String pid = name.substring(PARTIAL.length()).replaceFirst("-.*", "");
        return !pid.matches("[0-9]{1,18}")
                || Long.parseLong(pid) == ProcessHandle.current().pid()
                || ProcessHandle.of(Long.parseLong(pid)).isEmpty();
    }

    static void delete(Path tree) throws IOException {
        if (!Files.exists(tree)) {
            return;
        }
        try (Stream<Path> paths = Files.walk(tree)) {
            for (Path path : paths.sorted(Comparator.reverseOrder()).toList()) {
                Files.deleteIfExists(path);
            }
        } catch (NoSuchFileException | UncheckedIOException e) {
            LOG.debug("{} was removed by another process", tree);
        }
    }

    /** Makes the file's content, or the folder's entries, survive a crash of the machine. */
    static void force(Path path) throws IOException {
        try (FileChannel channel = FileChannel.open(path, StandardOpenOption.READ)) {
            channel.force(true);
        }
    }
}
