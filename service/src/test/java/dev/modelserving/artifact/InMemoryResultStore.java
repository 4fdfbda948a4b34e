package dev.modelserving.artifact;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** A store that keeps its objects on the heap, remembers every attempt, and can be told to refuse. */
public final class InMemoryResultStore implements ResultStore {
    private final Map<String, byte[]> objects = new TreeMap<>();
    private final List<Attempt> attempts = new ArrayList<>();
    private int refusals;

    public record Attempt(String key, List<Byte> content) {}

    /** From now on that many attempts fail; {@link Integer#MAX_VALUE}: all of them. */
    public synchronized void refuse(int count) {
        refusals = count;
    }

    @Override
    public synchronized void put(String key, byte[] content, String contentType) throws IOException {
        List<Byte> bytes = new ArrayList<>();
        for (byte each : content) {
            bytes.add(each);
        }
        attempts.add(new Attempt(key, bytes));
        if (refusals > 0) {
            refusals -= refusals == Integer.MAX_VALUE ? 0 : 1;
            throw new IOException(key + " could not be written: connection refused");
        }
        objects.put(key, content.clone());
    }

    public synchronized Map<String, byte[]> objects() {
        return Map.copyOf(objects);
    }

    public synchronized List<Attempt> attempts() {
        return List.copyOf(attempts);
    }
}
