package dev.modelserving.verification;

import dev.modelserving.model.ModelRef;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps a version that kills the process from killing it again and again: a file marks each native load while it runs,
 * and what an earlier process left behind tells which versions it died with.
 *
 * <p>A process can also die of something else in that moment. A version is found guilty when the JVM left a report of a
 * crash and nothing else was loading, or when the process died with it twice; else it is a suspect, to be tried once more
 * while nothing else loads.
 *
 * <p>In the cache folder: {@code .loading-<key>} with the process's id, {@code .crashed-<key>} with what is held against
 * the version. Safe for use by several threads, each with keys of its own.
 */
public final class LoadMarkers {
    private static final Logger LOG = LoggerFactory.getLogger(LoadMarkers.class);
    private static final String LOADING = ".loading-";
    private static final String CRASHED = ".crashed-";

    private final Path folder;
    private final long pid = ProcessHandle.current().pid();
    private final Map<String, Verdict> verdicts = new ConcurrentHashMap<>();

    /** What is held against a version. */
    public enum Verdict {
        SUSPECT,
        GUILTY
    }

    private record Marker(String key, long pid, FileTime since) {}

    private LoadMarkers(Path folder) {
        this.folder = folder;
    }

    /** Reads what earlier processes left in {@code folder}, which is made when it is missing. */
    public static LoadMarkers open(Path folder) {
        LoadMarkers markers = new LoadMarkers(folder);
        try {
            Files.createDirectories(folder);
            markers.judge();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return markers;
    }

    public Optional<Verdict> verdict(String key) {
        return Optional.ofNullable(verdicts.get(key));
    }

    /** To be called right before the load, and {@link #end} after it, however it ends. */
    public void begin(String key) throws IOException {
        Files.writeString(folder.resolve(LOADING + key), Long.toString(pid));
    }

    public void end(String key) {
        delete(LOADING + key);
    }

    /** The version has been loaded: whatever killed the process, it was not this. */
    public void acquit(String key) {
        verdicts.remove(key);
        delete(CRASHED + key);
    }

    /** The name under which a load of the version whose files lie in {@code folder} is marked. */
    public static String key(ModelRef ref, Path folder) {
        return ref.id() + "-" + ref.version() + "-" + folder.getFileName();
    }

    private void judge() throws IOException {
        for (String name : names(CRASHED)) {
            verdictIn(folder.resolve(CRASHED + name)).ifPresent(verdict -> verdicts.put(name, verdict));
        }
        Map<Long, List<Marker>> byProcess = left().stream().collect(Collectors.groupingBy(Marker::pid));
        for (List<Marker> together : byProcess.values()) {
            for (Marker marker : together) {
                boolean proven = together.size() == 1 && (hasCrashReport(marker) || verdicts.containsKey(marker.key));
                Verdict verdict = proven ? Verdict.GUILTY : Verdict.SUSPECT;
                LOG.error("the last process ended while it loaded {}: {}", marker.key, verdict);
                verdicts.put(marker.key, verdict);
                Files.writeString(folder.resolve(CRASHED + marker.key), verdict.name());
                delete(LOADING + marker.key);
            }
        }
    }

    /** Nothing where another process has just acquitted the version, or died while it wrote. */
    private static Optional<Verdict> verdictIn(Path file) throws IOException {
        try {
            return Optional.of(Verdict.valueOf(Files.readString(file)));
        } catch (NoSuchFileException | IllegalArgumentException e) {
            LOG.debug("{} says nothing", file);
            return Optional.empty();
        }
    }

    /** Markers of processes that live are theirs; in a new container this process often has the old one's id. */
    private List<Marker> left() throws IOException {
        List<Marker> left = new ArrayList<>();
        for (String key : names(LOADING)) {
            Path file = folder.resolve(LOADING + key);
            try {
                Marker marker = new Marker(key, pidIn(Files.readString(file)), Files.getLastModifiedTime(file));
                if (marker.pid == pid || ProcessHandle.of(marker.pid).isEmpty()) {
                    left.add(marker);
                }
            } catch (NoSuchFileException e) {
                LOG.debug("another process has just loaded {}", key);
            }
        }
        return left;
    }

    /** 0 when the process ended before it had written its id. */
    private static long pidIn(String text) {
        return text.matches("[0-9]{1,18}") ? Long.parseLong(text) : 0;
    }

    private List<String> names(String prefix) throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            return files.map(file -> file.getFileName().toString())
                    .filter(name -> name.startsWith(prefix))
                    .map(name -> name.substring(prefix.length()))
                    .toList();
        }
    }

    /** HotSpot writes the report of a crash to the working directory, or else to the folder for temporary files. */
    private static boolean hasCrashReport(Marker marker) throws IOException {
        for (Path directory : List.of(Path.of(""), Path.of("/tmp"))) {
            Path report = directory.resolve("hs_err_pid" + marker.pid + ".log");
            if (Files.exists(report) && Files.getLastModifiedTime(report).compareTo(marker.since) >= 0) {
                return true;
            }
        }
        return false;
    }

    private void delete(String name) {
        try {
            Files.delete(folder.resolve(name));
        } catch (NoSuchFileException e) {
            LOG.debug("{} is not there", name);
        } catch (IOException e) {
            LOG.warn("{} could not be removed from the model cache: {}", name, e.getMessage());
        }
    }
}
