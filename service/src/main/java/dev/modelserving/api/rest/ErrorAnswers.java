package dev.modelserving.api.rest;

import dev.modelserving.model.Excerpt;
import dev.modelserving.model.InferenceException;
import dev.modelserving.settings.Settings;
import io.micronaut.http.HttpHeaders;
import io.micronaut.http.HttpMethod;
import io.micronaut.http.HttpRequest;
import io.micronaut.http.HttpResponse;
import io.micronaut.http.HttpStatus;
import io.micronaut.http.MediaType;
import io.micronaut.http.MutableHttpResponse;
import io.micronaut.http.server.exceptions.ExceptionHandler;
import io.micronaut.http.server.exceptions.response.Error;
import io.micronaut.http.server.exceptions.response.ErrorContext;
import io.micronaut.http.server.exceptions.response.ErrorResponseProcessor;
import jakarta.inject.Singleton;
import java.util.List;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Gives every error the same body, whoever found it: a prediction, a controller, or the server before either. */
@Singleton
final class ErrorAnswers
        implements ExceptionHandler<InferenceException, HttpResponse<?>>, ErrorResponseProcessor<ErrorAnswer> {
    private static final Logger LOG = LoggerFactory.getLogger(ErrorAnswers.class);
    private static final String RETRY_AFTER_SECONDS = "1";

    private final Settings settings;

    ErrorAnswers(Settings settings) {
        this.settings = settings;
    }

    /** What a prediction failed with. */
    @Override
    @SuppressWarnings("rawtypes")
    public HttpResponse<?> handle(HttpRequest request, InferenceException failure) {
        ErrorCode code = ErrorCode.of(failure.kind());
        String requestId = RequestIds.of(request);
        if (code == ErrorCode.MODEL_FAILED) {
            LOG.error("request {}: {}", requestId, failure.getMessage(), failure);
        }
        ErrorAnswer answer = new ErrorAnswer(
                String.valueOf(failure.getMessage()),
                code.name(),
                failure.problems().stream().map(ErrorAnswer.Detail::of).toList(),
                requestId);
        MutableHttpResponse<?> response =
                HttpResponse.status(code.status()).contentType(MediaType.APPLICATION_JSON_TYPE);
        if (code.isRetryable()) {
            response.header(HttpHeaders.RETRY_AFTER, RETRY_AFTER_SECONDS);
        }
        return response.body(answer);
    }

    /** What the server itself refused or failed at. */
    @Override
    public MutableHttpResponse<ErrorAnswer> processResponse(ErrorContext context, MutableHttpResponse<?> response) {
        HttpRequest<?> request = context.getRequest();
        ErrorCode code = ErrorCode.of(response.getStatus());
        ErrorAnswer answer = new ErrorAnswer(sentence(context, code), code.name(), List.of(), RequestIds.of(request));
        MutableHttpResponse<?> formed = response.contentType(MediaType.APPLICATION_JSON_TYPE);
        return request.getMethod() == HttpMethod.HEAD ? formed.body(null) : formed.body(answer);
    }

    /** Our own failures are told to the log, not to callers. */
    private String sentence(ErrorContext context, ErrorCode code) {
        HttpRequest<?> request = context.getRequest();
        return switch (code) {
            case INTERNAL -> "internal error";
            case NOT_FOUND -> "there is nothing at " + Excerpt.quoted(request.getPath());
            case TOO_LARGE -> "the body has more than " + settings.requestMaxBytes() + " bytes (REQUEST_MAX_BYTES)";
            default ->
                context.getErrors().stream()
                        .map(Error::getMessage)
                        .collect(Collectors.collectingAndThen(
                                Collectors.joining("; "),
                                text -> text.isEmpty()
                                        ? HttpStatus.valueOf(code.status().getCode())
                                                .getReason()
                                        : text));
        };
    }
}
