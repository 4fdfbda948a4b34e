package dev.modelserving.api.grpc;

import dev.modelserving.codec.InferMessageWriter;
import io.grpc.Drainable;
import io.grpc.KnownLength;
import io.grpc.MethodDescriptor.Marshaller;
import io.grpc.Status;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;

/**
 * The messages of {@code ModelInfer} between the transport and the codec. Elements are not copied on the way: a request stays
 * where it was received, an answer is written from where the runtime left it.
 */
final class Messages {
    /** Of requests. */
    static final Marshaller<ReceivedMessage> RECEIVED = new Marshaller<>() {
        @Override
        public ReceivedMessage parse(InputStream stream) {
            try {
                return ReceivedMessage.of(stream);
            } catch (IOException e) {
                throw Status.INVALID_ARGUMENT
                        .withDescription("the message cannot be decompressed: " + e.getMessage())
                        .withCause(e)
                        .asRuntimeException();
            }
        }

        @Override
        public InputStream stream(ReceivedMessage message) {
            throw new UnsupportedOperationException("a server sends no requests");
        }
    };

    /** Of answers. */
    static final Marshaller<InferMessageWriter> ANSWERS = new Marshaller<>() {
        @Override
        public InputStream stream(InferMessageWriter answer) {
            return new Answer(answer);
        }

        @Override
        public InferMessageWriter parse(InputStream stream) {
            throw new UnsupportedOperationException("a server gets no answers");
        }
    };

    private Messages() {}

    /** Drained by the transport, at once; nobody reads it. */
    private static final class Answer extends InputStream implements Drainable, KnownLength {
        private final InferMessageWriter message;

        Answer(InferMessageWriter message) {
            this.message = message;
        }

        @Override
        public int drainTo(OutputStream target) throws IOException {
            message.writeTo(target);
            return message.size();
        }

        @Override
        public int available() {
            return message.size();
        }

        @Override
        public int read() {
            throw new UnsupportedOperationException("is drained");
        }

        @Override
        public int read(byte[] target, int from, int count) {
            return read();
        }
    }
}
