package dev.modelserving.api.rest;

import dev.modelserving.codec.InferBody;
import dev.modelserving.model.ModelId;
import dev.modelserving.model.ModelVersion;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpVersion;
import java.util.Optional;
import java.util.OptionalInt;
import org.jspecify.annotations.Nullable;

/**
 * The model that a plain prediction asks for. Plain is what clients send: a well-formed POST of JSON that is not
 * compressed, for a model and perhaps a version. Everything else, every error among it, is the controller's.
 */
record PredictTarget(ModelId model, Optional<ModelVersion> version, Dialect dialect) {
    private static final String PATH = "/predict/";
    private static final String VERSION = "?version=";
    private static final String MODELS = "/v2/models/";
    private static final String VERSIONS = "/versions/";
    private static final String INFER = "/infer";
    private static final String V1_MODELS = "/v1/models/";
    private static final String V1_PREDICT = ":predict";
    private static final String OCTETS = "application/octet-stream";

    /** Nothing when the request is not plain, or names more than {@code mostBytes}. */
    static Optional<PredictTarget> of(HttpRequest request, int mostBytes) {
        boolean infer = request.uri().startsWith(MODELS) && request.uri().endsWith(INFER);
        boolean kserve = request.uri().startsWith(V1_MODELS) && request.uri().endsWith(V1_PREDICT);
        if ((!infer && !kserve && !request.uri().startsWith(PATH))
                || !request.method().equals(HttpMethod.POST)
                || !request.protocolVersion().equals(HttpVersion.HTTP_1_1)
                || request.decoderResult().isFailure()
                || !isPlain(request.headers(), mostBytes)) {
            return Optional.empty();
        }
        try {
            return infer ? inferred(request) : predicted(request, kserve);
        } catch (IllegalArgumentException e) {
            return Optional.empty();
        }
    }

    private static boolean isPlain(HttpHeaders headers, int mostBytes) {
        return takesJson(headers.get(HttpHeaderNames.ACCEPT))
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
        int value = length == null ? 0 : length(length);
        return value > 0 && value <= mostBytes;
    }

    /** Of digits; -1 when they are not a length. */
    private static int length(String digits) {
        int value = digits.isEmpty() || digits.length() > 9 ? -1 : 0;
        for (int index = 0; index < digits.length() && value >= 0; index++) {
            int digit = digits.charAt(index) - '0';
            value = digit < 0 || digit > 9 ? -1 : value * 10 + digit;
        }
        return value;
    }

    private static Optional<PredictTarget> predicted(HttpRequest request, boolean kserve) {
        if (!isJson(request.headers().get(HttpHeaderNames.CONTENT_TYPE))) {
            return Optional.empty();
        }
        String uri = request.uri();
        if (kserve) {
            String model = uri.substring(V1_MODELS.length(), uri.length() - V1_PREDICT.length());
            return Optional.of(new PredictTarget(new ModelId(model), Optional.empty(), Dialect.PREDICT));
        }
        int query = uri.indexOf('?');
        ModelId model = new ModelId(uri.substring(PATH.length(), query < 0 ? uri.length() : query));
        if (query < 0) {
            return Optional.of(new PredictTarget(model, Optional.empty(), Dialect.PREDICT));
        }
        return uri.startsWith(VERSION, query)
                ? Optional.of(new PredictTarget(
                        model,
                        Optional.of(ModelVersion.parse(uri.substring(query + VERSION.length()))),
                        Dialect.PREDICT))
                : Optional.empty();
    }

    private static Optional<PredictTarget> inferred(HttpRequest request) {
        String type = request.headers().get(HttpHeaderNames.CONTENT_TYPE);
        if (!isJson(type) && !OCTETS.equalsIgnoreCase(type)) {
            return Optional.empty();
        }
        String said = request.headers().get(InferBody.JSON_LENGTH);
        int jsonLength = said == null ? -1 : length(said);
        if (said != null && jsonLength < 0) {
            return Optional.empty();
        }
        Dialect dialect = new InferDialect(said == null ? OptionalInt.empty() : OptionalInt.of(jsonLength));
        String uri = request.uri();
        String named = uri.substring(MODELS.length(), uri.length() - INFER.length());
        int versions = named.indexOf(VERSIONS);
        return Optional.of(
                versions < 0
                        ? new PredictTarget(new ModelId(named), Optional.empty(), dialect)
                        : new PredictTarget(
                                new ModelId(named.substring(0, versions)),
                                Optional.of(ModelVersion.parse(named.substring(versions + VERSIONS.length()))),
                                dialect));
    }
}
