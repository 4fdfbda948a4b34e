package dev.modelserving.artifact;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import org.jspecify.annotations.Nullable;

/** A store that keeps its objects on the heap, remembers what was downloaded, and can be told to cut a download off. */
public final class InMemoryArtifactStore implements ArtifactStore {
    private final Map<String, byte[]> objects = new ConcurrentHashMap<>();
    private final List<String> downloads = new CopyOnWriteArrayList<>();
    private volatile boolean cutOff;

    public void put(String key, byte[] content) {
        objects.put(key, content);
    }

    public void remove(String key) {
        objects.remove(key);
    }

    public List<String> downloads() {
        return downloads;
    }

    public void cutDownloadsOff(boolean cut) {
        cutOff = cut;
    }

    @Override
    public Optional<String> download(String key, ArtifactFile file, Path target) throws ArtifactException {
        downloads.add(key);
        byte[] content = objects.get(key);
        if (content == null) {
            throw ArtifactException.missing(key + " does not exist", null);
        }
        try {
            Files.write(target, cutOff ? Arrays.copyOf(content, content.length / 2) : content);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        if (cutOff) {
            throw ArtifactException.unavailable(
                    key + " could not be downloaded: connection reset", new IOException("connection reset"));
        }
        return Optional.empty();
    }

    @Override
    public void upload(Path source, String key) {
        try {
            objects.put(key, Files.readAllBytes(source));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public boolean create(String key, byte[] content) {
        return objects.putIfAbsent(key, content) == null;
    }

    @Override
    public Optional<byte[]> read(String key, @Nullable String s3VersionId, int limitBytes) {
        return Optional.ofNullable(objects.get(key));
    }
}
