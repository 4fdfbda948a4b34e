package dev.modelserving.api.rest;

import dev.modelserving.codec.RequestBody;
import dev.modelserving.model.Excerpt;
import dev.modelserving.model.InferenceException;
import dev.modelserving.model.InferenceException.Kind;
import dev.modelserving.model.InferenceException.Problem;
import io.micronaut.http.HttpHeaders;
import io.micronaut.http.HttpRequest;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.Locale;
import java.util.zip.GZIPInputStream;
import java.util.zip.Inflater;
import java.util.zip.InflaterInputStream;

/**
 * How a body is compressed (RFC 9110, section 8.4.1). The server's own decompression is off: it would work on the thread
 * that reads the sockets, and take forms that nobody was told of.
 */
enum BodyEncoding {
    IDENTITY,
    GZIP,
    /** With zlib's header, as the RFC has it, or without, as some clients do. */
    DEFLATE;

    /** @throws InferenceException when the header names another */
    static BodyEncoding of(HttpRequest<?> request) {
        String header = request.getHeaders()
                .getFirst(HttpHeaders.CONTENT_ENCODING)
                .orElse("identity")
                .strip();
        return switch (header.toLowerCase(Locale.ROOT)) {
            case "", "identity" -> IDENTITY;
            case "gzip", "x-gzip" -> GZIP;
            case "deflate" -> DEFLATE;
            default ->
                throw new InferenceException(
                        Kind.UNSUPPORTED_MEDIA_TYPE,
                        new Problem(
                                HttpHeaders.CONTENT_ENCODING,
                                "is not known:",
                                "gzip, deflate or identity",
                                Excerpt.quoted(header)));
        };
    }

    /**
     * The body as it was before it was compressed. Takes no more memory than twice {@code mostBytes}.
     *
     * @throws InferenceException TOO_LARGE when it has more than {@code mostBytes}, INVALID_INPUT when it is corrupt
     */
    RequestBody decode(RequestBody received, int mostBytes) {
        if (this == IDENTITY) {
            return received;
        }
        try (InputStream compressed = new BufferedInputStream(received.open(0));
                InputStream decompressed = open(compressed)) {
            byte[] bytes = decompressed.readNBytes(mostBytes);
            if (bytes.length == mostBytes && decompressed.read() >= 0) {
                throw new InferenceException(
                        Kind.TOO_LARGE,
                        new Problem(
                                "body",
                                "is too large after decompression:",
                                "at most " + mostBytes + " bytes (REQUEST_MAX_BYTES)",
                                "more"));
            }
            return RequestBody.of(bytes);
        } catch (IOException e) {
            throw new InferenceException(
                    Kind.INVALID_INPUT,
                    new Problem(
                            "body",
                            "is corrupt:",
                            "what " + HttpHeaders.CONTENT_ENCODING + " says, " + name().toLowerCase(Locale.ROOT),
                            e.getMessage() == null ? "it ends too early" : e.getMessage()));
        }
    }

    private InputStream open(InputStream compressed) throws IOException {
        if (this == GZIP) {
            return new GZIPInputStream(compressed);
        }
        compressed.mark(2);
        int header = compressed.read() << 8 | compressed.read();
        compressed.reset();
        boolean zlib = (header >> 8 & 0x0F) == 8 && header % 31 == 0;
        Inflater inflater = new Inflater(!zlib);
        return new InflaterInputStream(compressed, inflater) {
            @Override
            public void close() throws IOException {
                super.close();
                inflater.end();
            }
        };
    }
}
