package dev.modelserving.api.rest;

import dev.modelserving.model.Excerpt;
import dev.modelserving.model.InferenceException;
import dev.modelserving.model.InferenceException.Kind;
import dev.modelserving.model.InferenceException.Problem;
import io.micronaut.http.HttpHeaders;
import io.micronaut.http.HttpRequest;
import io.micronaut.http.MediaType;
import java.util.List;
import java.util.Optional;

/** What the headers say of a body, before it is read. */
final class BodyHeaders {
    private BodyHeaders() {}

    /**
     * A body without a type is taken for JSON.
     *
     * @throws InferenceException when it is of another type, charset or encoding than can be read
     */
    static void requireJson(HttpRequest<?> request) {
        requireKnownEncoding(request);
        Optional<String> header = request.getHeaders().getFirst(HttpHeaders.CONTENT_TYPE);
        if (header.isEmpty()) {
            return;
        }
        Optional<MediaType> type = request.getContentType();
        if (type.isEmpty() || !type.get().getName().equalsIgnoreCase(MediaType.APPLICATION_JSON)) {
            throw unsupported(HttpHeaders.CONTENT_TYPE, header.get(), MediaType.APPLICATION_JSON);
        }
        String charset = type.get()
                .getParameters()
                .get("charset")
                .map(Object::toString)
                .orElse("utf-8")
                .replace("\"", "");
        if (!charset.equalsIgnoreCase("utf-8") && !charset.equalsIgnoreCase("utf8")) {
            throw InferenceException.invalid(
                    List.of(new Problem(HttpHeaders.CONTENT_TYPE, "charset", "utf-8", Excerpt.quoted(charset))));
        }
    }

    /** The server has taken the header away where it decompresses. */
    private static void requireKnownEncoding(HttpRequest<?> request) {
        Optional<String> encoding = request.getHeaders().getFirst(HttpHeaders.CONTENT_ENCODING);
        if (encoding.isPresent() && !encoding.get().strip().equalsIgnoreCase("identity")) {
            throw unsupported(HttpHeaders.CONTENT_ENCODING, encoding.get(), "gzip, deflate or identity");
        }
    }

    private static InferenceException unsupported(String header, String actual, String expected) {
        return new InferenceException(
                Kind.UNSUPPORTED_MEDIA_TYPE, header + " " + Excerpt.quoted(actual) + " (expected: " + expected + ")");
    }
}
