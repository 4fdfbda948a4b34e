package dev.modelserving.api.rest;

import dev.modelserving.codec.RequestBody;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufInputStream;
import java.io.InputStream;
import java.nio.ByteBuffer;

/**
 * A body as it lies in the server's buffers, without a copy on the heap. To be used by one thread at a time, as long as
 * its owner holds the buffer.
 */
public record ReceivedBody(ByteBuf bytes) implements RequestBody {
    @Override
    public int length() {
        return bytes.readableBytes();
    }

    @Override
    public InputStream open(int offset) {
        return new ByteBufInputStream(bytes.slice(bytes.readerIndex() + offset, length() - offset));
    }

    @Override
    public void copy(int offset, byte[] target, int at, int count) {
        bytes.getBytes(bytes.readerIndex() + offset, target, at, count);
    }

    @Override
    public void copy(int offset, ByteBuffer target) {
        bytes.getBytes(bytes.readerIndex() + offset, target);
    }
}
