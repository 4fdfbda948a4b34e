package dev.modelserving.api.grpc;

import com.google.protobuf.Any;
import com.google.protobuf.Duration;
import com.google.rpc.BadRequest;
import com.google.rpc.ErrorInfo;
import com.google.rpc.RequestInfo;
import com.google.rpc.RetryInfo;
import dev.modelserving.api.rest.ErrorAnswer;
import dev.modelserving.api.rest.ErrorAnswers;
import dev.modelserving.api.rest.ErrorCode;
import dev.modelserving.api.rest.RequestIds;
import io.grpc.Metadata;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.protobuf.ProtoUtils;
import jakarta.inject.Singleton;

/**
 * Tells failures in gRPC: a status code and one sentence, and in the trailers what an answer over HTTP has besides, in the
 * messages of <a href="https://grpc.io/docs/guides/error/#richer-error-model">the richer error model</a>: each fault of the
 * request, the error's code, the request's id, and whether the same may succeed later.
 */
@Singleton
final class StatusAnswers {
    static final Metadata.Key<String> REQUEST_ID = Metadata.Key.of(RequestIds.HEADER, Metadata.ASCII_STRING_MARSHALLER);

    private static final Metadata.Key<com.google.rpc.Status> DETAILS = Metadata.Key.of(
            "grpc-status-details-bin", ProtoUtils.metadataMarshaller(com.google.rpc.Status.getDefaultInstance()));

    /** Of {@link ErrorInfo}. */
    private static final String DOMAIN = "model-serving";

    private final ErrorAnswers errors;

    StatusAnswers(ErrorAnswers errors) {
        this.errors = errors;
    }

    /** A status with its trailers. */
    StatusRuntimeException of(Throwable why, String requestId) {
        if (why instanceof StatusRuntimeException known) {
            return known;
        }
        ErrorAnswers.Failure failure = errors.failure(why, requestId);
        Status status =
                code(failure.code()).toStatus().withDescription(failure.answer().error());
        Metadata trailers = new Metadata();
        trailers.put(REQUEST_ID, requestId);
        trailers.put(DETAILS, details(status, failure));
        CallTrace.ofThisCall().ifPresent(call -> call.failedWith(failure.code()));
        return status.asRuntimeException(trailers);
    }

    private static com.google.rpc.Status details(Status status, ErrorAnswers.Failure failure) {
        ErrorAnswer answer = failure.answer();
        com.google.rpc.Status.Builder details = com.google.rpc.Status.newBuilder()
                .setCode(status.getCode().value())
                .setMessage(answer.error())
                .addDetails(Any.pack(ErrorInfo.newBuilder()
                        .setReason(answer.code())
                        .setDomain(DOMAIN)
                        .build()))
                .addDetails(Any.pack(RequestInfo.newBuilder()
                        .setRequestId(answer.requestId())
                        .build()));
        if (!answer.details().isEmpty()) {
            BadRequest.Builder faults = BadRequest.newBuilder();
            answer.details()
                    .forEach(fault -> faults.addFieldViolations(BadRequest.FieldViolation.newBuilder()
                            .setField(fault.input())
                            .setDescription(
                                    fault.problem() + " " + fault.actual() + " (expected: " + fault.expected() + ")")));
            details.addDetails(Any.pack(faults.build()));
        }
        failure.retryAfter()
                .ifPresent(seconds -> details.addDetails(Any.pack(RetryInfo.newBuilder()
                        .setRetryDelay(Duration.newBuilder().setSeconds(Long.parseLong(seconds)))
                        .build())));
        return details.build();
    }

    private static Status.Code code(ErrorCode code) {
        return switch (code) {
            case INVALID_INPUT, UNSUPPORTED_MEDIA_TYPE -> Status.Code.INVALID_ARGUMENT;
            case FORBIDDEN -> Status.Code.PERMISSION_DENIED;
            case NOT_FOUND -> Status.Code.NOT_FOUND;
            case METHOD_NOT_ALLOWED -> Status.Code.UNIMPLEMENTED;
            case TOO_LARGE, OVERLOADED -> Status.Code.RESOURCE_EXHAUSTED;
            case MODEL_FAILED, INTERNAL -> Status.Code.INTERNAL;
            case NOT_READY -> Status.Code.UNAVAILABLE;
            case DEADLINE_EXCEEDED -> Status.Code.DEADLINE_EXCEEDED;
        };
    }
}
