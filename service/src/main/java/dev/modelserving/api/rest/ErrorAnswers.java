package dev.modelserving.api.rest;

import dev.modelserving.model.Excerpt;
import dev.modelserving.model.InferenceException;
import dev.modelserving.model.InferenceException.Problem;
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
import java.util.Optional;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Gives every error the same body, whoever found it: a prediction, a controller, or the server before either. */
@Singleton
public final class ErrorAnswers
        implements ExceptionHandler<InferenceException, HttpResponse<?>>, ErrorResponseProcessor<ErrorAnswer> {
    private static final Logger LOG = LoggerFactory.getLogger(ErrorAnswers.class);
    private static final String PATHS = "/predict/{model_id}, /models, /models/{model_id}, /health, /v1 or /v2";
    private static final String RETRY_AFTER_SECONDS = "1";

    private final Settings settings;

    ErrorAnswers(Settings settings) {
        this.settings = settings;
    }

    /** What a prediction failed with. */
    @Override
    @SuppressWarnings("rawtypes")
    public HttpResponse<?> handle(HttpRequest request, InferenceException failure) {
        Failure told = failure(failure, RequestIds.of(request));
        MutableHttpResponse<?> response = HttpResponse.status(told.code().status())
                .contentType(MediaType.APPLICATION_JSON_TYPE)
                .header(AccessLog.CODE, told.code().name());
        told.retryAfter().ifPresent(seconds -> response.header(HttpHeaders.RETRY_AFTER, seconds));
        return response.body(told.answer());
    }

    private static void logFailure(String requestId, Throwable why) {
        LOG.atError()
                .setCause(why)
                .addKeyValue("request_id", requestId)
                .log("request {}: {}", requestId, why.getMessage());
    }

    /** How a failure is told. */
    public record Failure(ErrorCode code, ErrorAnswer answer) {
        /** In seconds, when the same request may succeed later. */
        public Optional<String> retryAfter() {
            return code.isRetryable() ? Optional.of(RETRY_AFTER_SECONDS) : Optional.empty();
        }
    }

    /** Our own failures are told to the log, not to callers. */
    public Failure failure(Throwable why, String requestId) {
        if (!(why instanceof InferenceException failure)) {
            logFailure(requestId, why);
            return new Failure(
                    ErrorCode.INTERNAL,
                    new ErrorAnswer("internal error", ErrorCode.INTERNAL.name(), List.of(), requestId));
        }
        ErrorCode code = ErrorCode.of(failure.kind());
        if (code == ErrorCode.MODEL_FAILED) {
            logFailure(requestId, failure);
        }
        return new Failure(
                code,
                new ErrorAnswer(
                        String.valueOf(failure.getMessage()),
                        code.name(),
                        failure.problems().stream().map(ErrorAnswer.Detail::of).toList(),
                        requestId));
    }

    /** What the server itself refused or failed at. */
    @Override
    public MutableHttpResponse<ErrorAnswer> processResponse(ErrorContext context, MutableHttpResponse<?> response) {
        HttpRequest<?> request = context.getRequest();
        ErrorCode code = ErrorCode.of(response.getStatus());
        Optional<Problem> problem = problem(context, code, response);
        ErrorAnswer answer = new ErrorAnswer(
                problem.map(ErrorAnswers::sentence).orElse("internal error"),
                code.name(),
                problem.stream().map(ErrorAnswer.Detail::of).toList(),
                RequestIds.of(request));
        MutableHttpResponse<?> formed =
                response.contentType(MediaType.APPLICATION_JSON_TYPE).header(AccessLog.CODE, code.name());
        formed.getHeaders().set(RequestIds.HEADER, answer.requestId()); // what is not HTTP passes no filter
        return request.getMethod() == HttpMethod.HEAD ? formed.body(null) : formed.body(answer);
    }

    private static String sentence(Problem problem) {
        return "the " + problem.input() + " " + problem.problem() + " " + problem.actual() + " (expected: "
                + problem.expected() + ")";
    }

    /** Our own failures are told to the log, not to callers. */
    private Optional<Problem> problem(ErrorContext context, ErrorCode code, HttpResponse<?> response) {
        HttpRequest<?> request = context.getRequest();
        String said =
                Excerpt.of(context.getErrors().stream().map(Error::getMessage).collect(Collectors.joining("; ")));
        return switch (code) {
            case INTERNAL -> Optional.empty();
            case NOT_FOUND ->
                Optional.of(new Problem("path", "is not known:", PATHS, Excerpt.quoted(request.getPath())));
            case TOO_LARGE -> Optional.of(tooLarge(said));
            case METHOD_NOT_ALLOWED ->
                Optional.of(new Problem(
                        "method",
                        "is not allowed here:",
                        String.join(", ", response.getHeaders().getAll(HttpHeaders.ALLOW)),
                        Excerpt.of(request.getMethodName())));
            case UNSUPPORTED_MEDIA_TYPE ->
                Optional.of(new Problem(
                        "Accept header",
                        "names only what cannot be given:",
                        MediaType.APPLICATION_JSON,
                        Excerpt.of(String.join(", ", request.getHeaders().getAll(HttpHeaders.ACCEPT)))));
            default -> Optional.of(new Problem("request", "is not well-formed:", "HTTP/1.1", said));
        };
    }

    /** The server has one status for a long body and for a long head; only for the head it says nothing but its name. */
    private Problem tooLarge(String said) {
        return said.equals(HttpStatus.REQUEST_ENTITY_TOO_LARGE.getReason())
                ? new Problem("request's first line or a header", "is too long:", "16 KiB and 8 KiB at most", "more")
                : new Problem(
                        "body",
                        "is too large:",
                        "at most " + settings.requestMaxBytes() + " bytes (REQUEST_MAX_BYTES)",
                        "more");
    }
}
