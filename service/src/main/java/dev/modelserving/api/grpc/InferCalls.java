package dev.modelserving.api.grpc;

import dev.modelserving.api.rest.LoopRuns;
import dev.modelserving.api.rest.PathNames;
import dev.modelserving.codec.InferMessage;
import dev.modelserving.codec.InferMessageWriter;
import dev.modelserving.codec.RequestBody;
import dev.modelserving.codec.ResponseBody;
import dev.modelserving.model.InferenceException;
import dev.modelserving.model.InferenceException.Problem;
import dev.modelserving.model.ModelId;
import dev.modelserving.model.ModelRef;
import dev.modelserving.model.ModelVersion;
import dev.modelserving.predictionlog.PredictionLog;
import dev.modelserving.serving.InferenceEngine;
import dev.modelserving.serving.ModelCatalog;
import dev.modelserving.settings.Settings;
import io.grpc.Context;
import io.grpc.Deadline;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.netty.channel.EventLoopGroup;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** The method {@code ModelInfer}, and what all of its calls have in common. */
final class InferCalls implements ServerCallHandler<ReceivedMessage, InferMessageWriter> {
    private final InferenceEngine engine;
    private final ModelCatalog catalog;
    private final PredictionLog log;
    private final StatusAnswers errors;
    private final LoopRuns runs;
    private final EventLoopGroup loops;
    private final Settings settings;
    private final AtomicInteger active = new AtomicInteger();

    InferCalls(
            InferenceEngine engine,
            ModelCatalog catalog,
            PredictionLog log,
            StatusAnswers errors,
            LoopRuns runs,
            EventLoopGroup loops,
            Settings settings) {
        this.engine = engine;
        this.catalog = catalog;
        this.log = log;
        this.errors = errors;
        this.runs = runs;
        this.loops = loops;
        this.settings = settings;
    }

    @Override
    public ServerCall.Listener<ReceivedMessage> startCall(
            ServerCall<ReceivedMessage, InferMessageWriter> call, Metadata headers) {
        call.request(2); // the second shows that there is more than one
        active.incrementAndGet();
        return new Listener(call);
    }

    /** Whether no call has begun and not ended. */
    boolean isIdle() {
        return active.get() == 0;
    }

    /** What comes of one call; the transport calls it, one method after the other. */
    private final class Listener extends ServerCall.Listener<ReceivedMessage> {
        private final ServerCall<ReceivedMessage, InferMessageWriter> call;
        private @Nullable ReceivedMessage received;
        private boolean isRefused;

        Listener(ServerCall<ReceivedMessage, InferMessageWriter> call) {
            this.call = call;
        }

        @Override
        public void onMessage(ReceivedMessage message) {
            if (received == null && !isRefused) {
                received = message;
                return;
            }
            message.close();
            release();
            refuse("more than one message");
        }

        @Override
        public void onHalfClose() {
            ReceivedMessage message = received;
            received = null;
            if (message != null) {
                begin(call, message);
            } else if (!isRefused) {
                refuse("no message");
            }
        }

        private void refuse(String came) {
            isRefused = true;
            call.close(
                    Status.INTERNAL.withDescription("the call has " + came + " (expected: one request)"),
                    new Metadata());
        }

        @Override
        public void onComplete() {
            active.decrementAndGet();
        }

        @Override
        public void onCancel() {
            active.decrementAndGet();
            release();
        }

        /** What was not begun. */
        private void release() {
            ReceivedMessage message = received;
            received = null;
            if (message != null) {
                message.close();
            }
        }
    }

    private void begin(ServerCall<ReceivedMessage, InferMessageWriter> call, ReceivedMessage message) {
        Optional<CallTrace> trace = CallTrace.ofThisCall();
        InferCall infer = new InferCall(
                this,
                call,
                message,
                trace.map(CallTrace::requestId).orElse(""),
                EventLoops.current(loops).map(runs::of));
        ModelId model;
        Optional<ModelVersion> version;
        Duration timeout;
        try {
            InferMessage asked = InferMessage.of(message.body());
            model = modelId(asked.modelName());
            version = Optional.of(asked.modelVersion())
                    .filter(text -> !text.isEmpty())
                    .map(PathNames::version);
            timeout = timeout(asked.timeout());
        } catch (InferenceException e) {
            infer.fail(e);
            infer.close();
            return;
        }
        if (catalog.knows(model)) {
            trace.ifPresent(line -> line.isFor(model));
        }
        engine.predict(model, version, timeout, infer);
    }

    private static ModelId modelId(String name) {
        if (name.isEmpty()) {
            throw InferenceException.invalid(
                    List.of(new Problem("model_name", "is", "the name of a model", "missing")));
        }
        return PathNames.modelId(name);
    }

    /** Nobody waits longer than the service allows, the client, and the request. */
    private Duration timeout(Optional<Duration> asked) {
        Duration least = asked.filter(timeout -> timeout.compareTo(settings.requestTimeout()) < 0)
                .orElse(settings.requestTimeout());
        Deadline deadline = Context.current().getDeadline();
        if (deadline == null) {
            return least;
        }
        Duration left = Duration.ofNanos(Math.max(0, deadline.timeRemaining(TimeUnit.NANOSECONDS)));
        return left.compareTo(least) < 0 ? left : least;
    }

    StatusRuntimeException failure(Throwable why, String requestId) {
        return errors.of(why, requestId);
    }

    void log(
            ModelRef model,
            String requestId,
            Duration duration,
            Supplier<RequestBody> request,
            Supplier<ResponseBody> answer) {
        log.record(model, requestId, duration, request, answer);
    }
}
