package dev.modelserving.api.rest;

import dev.modelserving.model.Excerpt;
import dev.modelserving.model.InferenceException;
import dev.modelserving.model.InferenceException.Kind;
import dev.modelserving.model.InferenceException.Problem;
import io.micronaut.http.HttpHeaders;
import io.micronaut.http.HttpRequest;
import io.micronaut.http.MediaType;
import java.util.Optional;

/** What the headers say of a body, before it is read. */
final class BodyHeaders {
    private BodyHeaders() {}

    /**
     * A body without a type is taken for JSON.
     *
     * @throws InferenceException when it is of another type or charset than can be read
     */
    static void requireJson(HttpRequest<?> request) {
        Optional<String> header = request.getHeaders().getFirst(HttpHeaders.CONTENT_TYPE);
        if (header.isEmpty()) {
            return;
        }
        Optional<MediaType> type = request.getContentType();
        if (type.isEmpty() || !type.get().getName().equalsIgnoreCase(MediaType.APPLICATION_JSON)) {
            throw new InferenceException(
                    Kind.UNSUPPORTED_MEDIA_TYPE,
                    new Problem(
                            HttpHeaders.CONTENT_TYPE,
                            "is not taken:",
                            MediaType.APPLICATION_JSON,
                            Excerpt.quoted(header.get())));
        }
        String charset = type.get()
                .getParameters()
                .get("charset")
                .map(Object::toString)
                .orElse("utf-8")
                .replace("\"", "");
        if (!charset.equalsIgnoreCase("utf-8") && !charset.equalsIgnoreCase("utf8")) {
            throw new InferenceException(
                    Kind.INVALID_INPUT,
                    new Problem(HttpHeaders.CONTENT_TYPE, "charset", "utf-8", Excerpt.quoted(charset)));
        }
    }

    /**
     * Tells those who say beforehand how much they have, before they send it.
     *
     * @throws InferenceException TOO_LARGE when it is more than {@code mostBytes}
     */
    static void requireAtMost(int mostBytes, HttpRequest<?> request) {
        long length = request.getContentLength();
        if (length > mostBytes) {
            throw new InferenceException(
                    Kind.TOO_LARGE,
                    new Problem(
                            "body",
                            "is too large:",
                            "at most " + mostBytes + " bytes (REQUEST_MAX_BYTES)",
                            length + " bytes"));
        }
    }
}
