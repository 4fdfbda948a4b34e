package dev.modelserving.api.rest;

import dev.modelserving.codec.InferBody;
import dev.modelserving.model.Excerpt;
import dev.modelserving.model.InferenceException;
import dev.modelserving.model.InferenceException.Kind;
import dev.modelserving.model.InferenceException.Problem;
import io.micronaut.http.HttpHeaders;
import io.micronaut.http.HttpRequest;
import io.micronaut.http.MediaType;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;

/** What the headers say of a body, before it is read. */
final class BodyHeaders {
    private BodyHeaders() {}

    /**
     * A body without a type is taken for JSON.
     *
     * @throws InferenceException when it is of another type or charset than can be read
     */
    static void requireJson(HttpRequest<?> request) {
        require(request, List.of(MediaType.APPLICATION_JSON));
    }

    /** The same with bytes of any kind, which the body itself tells more of. */
    static void requireJsonOrOctets(HttpRequest<?> request) {
        require(request, List.of(MediaType.APPLICATION_JSON, MediaType.APPLICATION_OCTET_STREAM));
    }

    /**
     * How many bytes of the body are JSON, where the client says that.
     *
     * @throws InferenceException INVALID_INPUT when it says it wrongly
     */
    static OptionalInt jsonLength(HttpRequest<?> request) {
        Optional<String> header = request.getHeaders().getFirst(InferBody.JSON_LENGTH);
        if (header.isEmpty()) {
            return OptionalInt.empty();
        }
        String digits = header.get().strip();
        if (!digits.matches("[0-9]{1,9}")) {
            throw new InferenceException(
                    Kind.INVALID_INPUT,
                    new Problem(
                            InferBody.JSON_LENGTH,
                            "is not a length:",
                            "how many bytes of the body are JSON",
                            Excerpt.quoted(header.get())));
        }
        return OptionalInt.of(Integer.parseInt(digits));
    }

    private static void require(HttpRequest<?> request, List<String> types) {
        Optional<String> header = request.getHeaders().getFirst(HttpHeaders.CONTENT_TYPE);
        if (header.isEmpty()) {
            return;
        }
        Optional<MediaType> type = request.getContentType();
        if (type.isEmpty() || types.stream().noneMatch(type.get().getName()::equalsIgnoreCase)) {
            throw new InferenceException(
                    Kind.UNSUPPORTED_MEDIA_TYPE,
                    new Problem(
                            HttpHeaders.CONTENT_TYPE,
                            "is not taken:",
                            String.join(" or ", types),
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
