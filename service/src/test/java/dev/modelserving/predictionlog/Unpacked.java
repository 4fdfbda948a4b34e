package dev.modelserving.predictionlog;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.zip.GZIPInputStream;

/** What a reader of the files sees. */
final class Unpacked {
    private static final Pattern SEQUENCE = Pattern.compile("\"seq\":(\\d+)");

    private Unpacked() {}

    static List<String> lines(byte[] file) {
        try (GZIPInputStream unpacked = new GZIPInputStream(new ByteArrayInputStream(file))) {
            String text = new String(unpacked.readAllBytes(), UTF_8);
            return List.of(text.split("\n"));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static long sequence(String line) {
        Matcher found = SEQUENCE.matcher(line);
        if (!found.find()) {
            throw new IllegalArgumentException(line);
        }
        return Long.parseLong(found.group(1));
    }
}
