package dev.modelserving.api.rest;

import dev.modelserving.model.InferenceException.Kind;
import io.micronaut.http.HttpStatus;

/** What each kind of failure is called in HTTP. */
public enum ErrorCode {
    INVALID_INPUT(HttpStatus.BAD_REQUEST),
    FORBIDDEN(HttpStatus.FORBIDDEN),
    NOT_FOUND(HttpStatus.NOT_FOUND),
    METHOD_NOT_ALLOWED(HttpStatus.METHOD_NOT_ALLOWED),
    TOO_LARGE(HttpStatus.REQUEST_ENTITY_TOO_LARGE),
    UNSUPPORTED_MEDIA_TYPE(HttpStatus.UNSUPPORTED_MEDIA_TYPE),
    OVERLOADED(HttpStatus.TOO_MANY_REQUESTS),
    MODEL_FAILED(HttpStatus.INTERNAL_SERVER_ERROR),
    INTERNAL(HttpStatus.INTERNAL_SERVER_ERROR),
    NOT_READY(HttpStatus.SERVICE_UNAVAILABLE),
    DEADLINE_EXCEEDED(HttpStatus.GATEWAY_TIMEOUT);

    private final HttpStatus status;

    ErrorCode(HttpStatus status) {
        this.status = status;
    }

    public HttpStatus status() {
        return status;
    }

    /** Whether the same request may succeed a little later. */
    boolean isRetryable() {
        return this == OVERLOADED || this == NOT_READY;
    }

    static ErrorCode of(Kind kind) {
        return switch (kind) {
            case INVALID_INPUT -> INVALID_INPUT;
            case FORBIDDEN -> FORBIDDEN;
            case NOT_FOUND -> NOT_FOUND;
            case TOO_LARGE -> TOO_LARGE;
            case UNSUPPORTED_MEDIA_TYPE -> UNSUPPORTED_MEDIA_TYPE;
            case OVERLOADED -> OVERLOADED;
            case MODEL_FAILED -> MODEL_FAILED;
            case NOT_READY -> NOT_READY;
            case DEADLINE_EXCEEDED -> DEADLINE_EXCEEDED;
        };
    }

    /** For what the server itself refused before a controller saw it. */
    static ErrorCode of(HttpStatus status) {
        return switch (status) {
            case NOT_FOUND -> NOT_FOUND;
            case METHOD_NOT_ALLOWED -> METHOD_NOT_ALLOWED;
            case REQUEST_ENTITY_TOO_LARGE -> TOO_LARGE;
            case UNSUPPORTED_MEDIA_TYPE, NOT_ACCEPTABLE -> UNSUPPORTED_MEDIA_TYPE;
            default -> status.getCode() < 500 ? INVALID_INPUT : INTERNAL;
        };
    }
}
