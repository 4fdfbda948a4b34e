package dev.modelserving.api.grpc;

import dev.modelserving.api.rest.ReceivedBody;
import dev.modelserving.codec.RequestBody;
import io.grpc.Detachable;
import io.grpc.HasByteBuffer;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;

/**
 * A message as it lies in the server's buffers, which are given back by {@link #close}. One that was compressed lies on the
 * heap. To be used by one thread at a time.
 *
 * @param bytes of the message
 * @param owner of their memory
 */
record ReceivedMessage(ByteBuf bytes, InputStream owner) implements AutoCloseable {
    /** Takes over what is behind {@code stream}, which the transport closes itself. */
    static ReceivedMessage of(InputStream stream) throws IOException {
        if (stream instanceof Detachable lent
                && stream instanceof HasByteBuffer pieces
                && pieces.byteBufferSupported()
                && stream.markSupported()) {
            InputStream kept = lent.detach();
            return new ReceivedMessage(pieces(kept), kept);
        }
        return new ReceivedMessage(Unpooled.wrappedBuffer(stream.readAllBytes()), InputStream.nullInputStream());
    }

    /** The stream is marked at its beginning, which keeps what is passed. */
    private static ByteBuf pieces(InputStream stream) throws IOException {
        stream.mark(Integer.MAX_VALUE);
        List<ByteBuffer> pieces = new ArrayList<>();
        ByteBuffer piece = ((HasByteBuffer) stream).getByteBuffer();
        while (piece != null && piece.hasRemaining()) {
            pieces.add(piece);
            stream.skipNBytes(piece.remaining());
            piece = ((HasByteBuffer) stream).getByteBuffer();
        }
        return Unpooled.wrappedBuffer(pieces.size(), pieces.toArray(ByteBuffer[]::new));
    }

    RequestBody body() {
        return new ReceivedBody(bytes);
    }

    int length() {
        return bytes.readableBytes();
    }

    @Override
    public void close() {
        try {
            owner.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
