package dev.modelserving.api.rest;

import dev.modelserving.model.ModelId;
import dev.modelserving.model.ModelVersion;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpVersion;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The model that a plain prediction asks for. Plain is what clients send: a well-formed POST of JSON that is not
 * compressed, for a model and perhaps a version. Everything else, every error among it, is the controller's.
 */
record PredictTarget(ModelId model, Optional<ModelVersion> version) {
    private static final String PATH = "/predict/";
    private static final String VERSION = "?version=";

    /** Nothing when the request is not plain, or names more than {@code mostBytes}. */
    static Optional<PredictTarget> of(HttpRequest request, int mostBytes) {
        if (!request.uri().startsWith(PATH)
                || !request.method().equals(HttpMethod.POST)
                || !request.protocolVersion().equals(HttpVersion.HTTP_1_1)
                || request.decoderResult().isFailure()
                || !isPlain(request.headers(), mostBytes)) {
            return Optional.empty();
        }
        return named(request.uri());
    }

    private static boolean isPlain(HttpHeaders headers, int mostBytes) {
        return isJson(headers.get(HttpHeaderNames.CONTENT_TYPE))
                && takesJson(headers.get(HttpHeaderNames.ACCEPT))
                && isLengthWithin(headers.get(HttpHeaderNames.CONTENT_LENGTH), mostBytes)
                && !headers.contains(HttpHeaderNames.CONTENT_ENCODING)
                && !headers.contains(HttpHeaderNames.TRANSFER_ENCODING)
                && !headers.contains(HttpHeaderNames.EXPECT)
                && !headers.contains(HttpHeaderNames.UPGRADE);
    }

    private static boolean isJson(@Nullable String type) {
        return type == null || type.equalsIgnoreCase("application/json");
    }

    private static boolean takesJson(@Nullable String accept) {
        return accept == null || accept.equals("*/*") || accept.equals("application/json");
    }

    private static boolean isLengthWithin(@Nullable String length, int mostBytes) {
        if (length == null || length.isEmpty() || length.length() > 9) {
            return false;
        }
        int value = 0;
        for (int index = 0; index < length.length(); index++) {
            char digit = length.charAt(index);
            if (digit < '0' || digit > '9') {
                return false;
            }
            value = value * 10 + digit - '0';
        }
        return value > 0 && value <= mostBytes;
    }

    private static Optional<PredictTarget> named(String uri) {
        int query = uri.indexOf('?');
        String model = uri.substring(PATH.length(), query < 0 ? uri.length() : query);
        try {
            if (query < 0) {
                return Optional.of(new PredictTarget(new ModelId(model), Optional.empty()));
            }
            return uri.startsWith(VERSION, query)
                    ? Optional.of(new PredictTarget(
                            new ModelId(model),
                            Optional.of(ModelVersion.parse(uri.substring(query + VERSION.length())))))
                    : Optional.empty();
        } catch (IllegalArgumentException e) {
            return Optional.empty();
        }
    }
}
