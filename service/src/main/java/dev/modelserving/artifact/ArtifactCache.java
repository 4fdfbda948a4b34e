package dev.modelserving.artifact;

import dev.modelserving.model.ModelRef;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Predicate;
import java.util.stream.Collectors;

/**
 * Verified copies of versions on local disk. A version is downloaded into a folder of a temporary name, checked file by
 * file for size and SHA-256, forced to disk and renamed: after a crash, on a full disk or with a cut connection there is
 * never a folder that a later start would trust. What an earlier process left is checked again before its first use.
 *
 * <p>Safe for use by several threads, as long as each version is fetched by one at a time, and by several processes.
 */
public final class ArtifactCache {
    private final ArtifactStore store;
    private final CacheFolder folder;
    private final Set<Path> checked = ConcurrentHashMap.newKeySet();

    /**
     * Opens the cache and removes what an interrupted download left.
     *
     * @param maxBytes the space that versions may take; 0: half of what is free now
     * @throws CacheFolderException when the folder cannot be made or written
     */
    public ArtifactCache(ArtifactStore store, Path directory, long maxBytes) throws CacheFolderException {
        this.store = store;
        this.folder = CacheFolder.open(directory, maxBytes);
    }

    /**
     * Gives the folder with the verified files of a version, from disk or, if it is not there, from the store. Blocks.
     *
     * @param prefix the S3 prefix of the version, with a slash at its end
     * @param needed says of other versions whether their files must stay when room has to be made
     * @throws ArtifactException when a file is missing, another one than registered, or there is no room
     */
    public Path fetch(ModelRef ref, String prefix, List<ArtifactFile> files, Predicate<ModelRef> needed)
            throws ArtifactException {
        Path target = folder.of(ref, fingerprint(files));
        try {
            if (!isTrusted(target, files)) {
                download(ref, prefix, files, target, needed);
            }
            checked.add(target);
            folder.markUsed(target);
            return target;
        } catch (IOException | InvalidPathException e) {
            throw notKept(ref, e);
        }
    }

    /** The verified files of a version on disk, with the versions of their objects where the store keeps versions. */
    public record Fetched(Path folder, List<ArtifactFile> files) {
        public Fetched {
            files = List.copyOf(files);
        }
    }

    /**
     * Downloads the version even where this disk has it, so that what is verified is what the store holds. Blocks.
     *
     * @param prefix the S3 prefix of the version, with a slash at its end
     * @throws ArtifactException when a file is missing, another one than registered, or there is no room
     */
    public Fetched fetchAnew(ModelRef ref, String prefix, List<ArtifactFile> files) throws ArtifactException {
        Path target = folder.of(ref, fingerprint(files));
        try {
            checked.remove(target);
            isTrusted(target, files); // removes what is not
            List<ArtifactFile> fetched = download(ref, prefix, files, target, other -> false);
            checked.add(target);
            folder.markUsed(target);
            return new Fetched(target, fetched);
        } catch (IOException | InvalidPathException e) {
            throw notKept(ref, e);
        }
    }

    private static ArtifactException notKept(ModelRef ref, Exception e) {
        return ArtifactException.disk(
                "the files of " + ref + " could not be kept on disk: " + ArtifactException.withoutPath(e), e);
    }

    private boolean isTrusted(Path target, List<ArtifactFile> files) throws IOException {
        if (!Files.isDirectory(target)) {
            return false;
        }
        if (checked.contains(target)) {
            return true;
        }
        for (ArtifactFile file : files) {
            Path copy = target.resolve(file.path());
            if (!Files.isRegularFile(copy)
                    || Files.size(copy) != file.sizeBytes()
                    || !Sha256.of(copy).equals(file.sha256())) {
                CacheFolder.delete(target);
                return false;
            }
        }
        return true;
    }

    /** Gives the files with the versions of their objects. */
    private List<ArtifactFile> download(
            ModelRef ref, String prefix, List<ArtifactFile> files, Path target, Predicate<ModelRef> needed)
            throws ArtifactException, IOException {
        long size = files.stream().mapToLong(ArtifactFile::sizeBytes).sum();
        folder.makeRoom(size, other -> other.equals(ref) || needed.test(other));
        Path partial = folder.temporary();
        try {
            List<ArtifactFile> fetched = new ArrayList<>();
            for (ArtifactFile file : files) {
                Path copy = partial.resolve(file.path());
                Files.createDirectories(copy.resolveSibling(""));
                Optional<String> version = store.download(prefix + file.path(), file, copy);
                verify(prefix, file, copy);
                CacheFolder.force(copy);
                fetched.add(new ArtifactFile(file.path(), file.sha256(), file.sizeBytes(), version.orElse(null)));
            }
            keep(partial, target, files);
            return fetched;
        } finally {
            CacheFolder.delete(partial);
        }
    }

    /** Where another process was faster with the same files, its folder stays: it may be in use. */
    private void keep(Path partial, Path target, List<ArtifactFile> files) throws IOException {
        Path parent = target.resolveSibling("");
        Files.createDirectories(parent);
        try {
            Files.move(partial, target, StandardCopyOption.ATOMIC_MOVE);
        } catch (FileSystemException e) {
            if (!isTrusted(target, files)) {
                throw e;
            }
        }
        CacheFolder.force(parent);
    }

    private static void verify(String prefix, ArtifactFile file, Path copy) throws ArtifactException, IOException {
        String sha256 = Sha256.of(copy);
        if (!sha256.equals(file.sha256())) {
            throw ArtifactException.wrong(prefix + file.path() + " has sha256 " + sha256 + " (expected: "
                    + file.sha256() + ", as registered)");
        }
    }

    /** Two registrations of one version number with different files (a wiped registry, say) get different folders. */
    private static String fingerprint(List<ArtifactFile> files) {
        String all = files.stream()
                .map(file -> file.path() + " " + file.sha256())
                .sorted()
                .collect(Collectors.joining("\n"));
        return Sha256.of(all.getBytes(StandardCharsets.UTF_8)).substring(0, 16);
    }
}
