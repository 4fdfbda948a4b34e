package dev.modelserving.api.grpc;

import dev.modelserving.api.rest.AccessLine;
import dev.modelserving.api.rest.ErrorCode;
import dev.modelserving.api.rest.LoopTurn;
import dev.modelserving.api.rest.RequestIds;
import dev.modelserving.model.ModelId;
import io.grpc.Context;
import io.grpc.Grpc;
import io.grpc.Metadata;
import io.grpc.ServerStreamTracer;
import io.grpc.Status;
import io.netty.channel.EventLoopGroup;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.time.Instant;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/** One call, for its line of the access log: also of those that no method takes. */
final class CallTrace extends ServerStreamTracer {
    private static final Context.Key<CallTrace> KEY = Context.key("call");

    private final long begin = System.nanoTime();
    private final String method;
    private final String requestId;
    private final EventLoopGroup loops;
    private volatile String client = "-";
    private volatile @Nullable ErrorCode code;
    private volatile @Nullable ModelId model;
    private final AtomicLong bytes = new AtomicLong();

    private CallTrace(String method, String requestId, EventLoopGroup loops) {
        this.method = method;
        this.requestId = requestId;
        this.loops = loops;
    }

    static Factory factory(EventLoopGroup loops) {
        return new Factory() {
            @Override
            public ServerStreamTracer newServerStreamTracer(String method, Metadata headers) {
                return new CallTrace(method, RequestIds.of(headers.get(StatusAnswers.REQUEST_ID)), loops);
            }
        };
    }

    /** The call in whose context this thread is. */
    static Optional<CallTrace> ofThisCall() {
        return Optional.ofNullable(KEY.get());
    }

    String requestId() {
        return requestId;
    }

    /** It is for a model that is registered. */
    void isFor(ModelId registered) {
        model = registered;
    }

    void failedWith(ErrorCode why) {
        code = why;
    }

    @Override
    public Context filterContext(Context context) {
        return context.withValue(KEY, this);
    }

    @Override
    public void serverCallStarted(ServerCallInfo<?, ?> call) {
        SocketAddress address = call.getAttributes().get(Grpc.TRANSPORT_ATTR_REMOTE_ADDR);
        if (address instanceof InetSocketAddress peer) {
            client = peer.getAddress().getHostAddress();
        }
    }

    @Override
    public void outboundUncompressedSize(long count) {
        bytes.addAndGet(count);
    }

    @Override
    public void streamClosed(Status status) {
        ErrorCode failure = code;
        ModelId named = model;
        AccessLine line = new AccessLine(
                Instant.now(),
                client,
                "POST",
                "/" + method,
                "HTTP/2.0",
                failure == null
                        ? httpStatus(status.getCode())
                        : failure.status().getCode(),
                bytes.get(),
                System.nanoTime() - begin,
                requestId,
                failure == null ? null : failure.name(),
                named == null ? null : named.value(),
                status.getCode().name());
        EventLoops.current(loops)
                .ifPresentOrElse(loop -> LoopTurn.ofThisThread().logAtEnd(loop, line), () -> LoopTurn.log(line));
    }

    /** What the same would be over HTTP: whoever counts failures need not know both. */
    private static int httpStatus(Status.Code code) {
        return switch (code) {
            case OK -> 200;
            case CANCELLED -> 499; // as others write it where the client left
            case INVALID_ARGUMENT, OUT_OF_RANGE, FAILED_PRECONDITION -> 400;
            case UNAUTHENTICATED -> 401;
            case PERMISSION_DENIED -> 403;
            case NOT_FOUND, UNIMPLEMENTED -> 404;
            case ALREADY_EXISTS, ABORTED -> 409;
            case RESOURCE_EXHAUSTED -> 413; // the transport's, of a message that is too large
            case UNAVAILABLE -> 503;
            case DEADLINE_EXCEEDED -> 504;
            case INTERNAL, UNKNOWN, DATA_LOSS -> 500;
        };
    }
}
