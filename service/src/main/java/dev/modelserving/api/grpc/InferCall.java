package dev.modelserving.api.grpc;

import dev.modelserving.api.rest.PooledMemory;
import dev.modelserving.codec.InferMessageReader;
import dev.modelserving.codec.InferMessageWriter;
import dev.modelserving.codec.InferResponseWriter;
import dev.modelserving.codec.PredictRequest;
import dev.modelserving.codec.PredictRequestWriter;
import dev.modelserving.codec.RequestBody;
import dev.modelserving.codec.ResponseBody;
import dev.modelserving.model.InferenceRequest;
import dev.modelserving.model.InferenceResponse;
import dev.modelserving.model.ModelRef;
import dev.modelserving.model.ModelSignature;
import dev.modelserving.serving.Prediction;
import dev.modelserving.serving.QuickRuns;
import io.grpc.Context;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.netty.buffer.ByteBufAllocator;
import java.time.Duration;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** One {@code ModelInfer} from its message to its answer. */
final class InferCall implements Prediction {
    /** More is not read on the event loop: it would keep the other connections waiting. */
    private static final int SMALL_BYTES = 64 << 10;

    private final InferCalls calls;
    private final ServerCall<ReceivedMessage, InferMessageWriter> call;
    private final Context context = Context.current();
    private final ReceivedMessage message;
    private final RequestBody body;
    private final String requestId;
    private final Optional<QuickRuns> quickRuns;
    private final PooledMemory memory = new PooledMemory(ByteBufAllocator.DEFAULT);
    private final long arrived = System.nanoTime();
    private @Nullable PredictRequest asked;

    /**
     * Takes over {@code message}.
     *
     * @param quickRuns of the event loop whose thread this is, if it is one
     */
    InferCall(
            InferCalls calls,
            ServerCall<ReceivedMessage, InferMessageWriter> call,
            ReceivedMessage message,
            String requestId,
            Optional<QuickRuns> quickRuns) {
        this.calls = calls;
        this.call = call;
        this.message = message;
        this.body = message.body();
        this.requestId = requestId;
        this.quickRuns = quickRuns;
    }

    @Override
    public Optional<QuickRuns> quickRuns() {
        return message.length() <= SMALL_BYTES ? quickRuns : Optional.empty();
    }

    @Override
    public InferenceRequest read(ModelRef model, ModelSignature signature) {
        PredictRequest request = InferMessageReader.read(body, signature, memory);
        asked = request;
        return request.inference();
    }

    @Override
    public boolean isCancelled() {
        return call.isCancelled();
    }

    @Override
    public void answer(ModelRef model, InferenceResponse response) {
        PredictRequest request = Objects.requireNonNull(asked);
        Metadata headers = new Metadata();
        headers.put(StatusAnswers.REQUEST_ID, requestId);
        call.sendHeaders(headers);
        call.sendMessage(InferMessageWriter.of(model, request, response));
        call.close(Status.OK, new Metadata());
        calls.log(
                model,
                requestId,
                Duration.ofNanos(System.nanoTime() - arrived),
                () -> RequestBody.of(PredictRequestWriter.tensors(request.inference())),
                () -> inJson(model, request, response));
    }

    private static ResponseBody inJson(ModelRef model, PredictRequest asked, InferenceResponse response) {
        ResponseBody json = ResponseBody.onHeap();
        InferResponseWriter.write(model, asked.inJson(), response, json);
        return json;
    }

    @Override
    public void fail(Throwable why) {
        context.run(() -> {
            StatusRuntimeException failure = calls.failure(why, requestId);
            Metadata trailers = failure.getTrailers();
            call.close(failure.getStatus(), trailers == null ? new Metadata() : trailers);
        });
    }

    @Override
    public void close() {
        memory.close();
        message.close();
    }
}
