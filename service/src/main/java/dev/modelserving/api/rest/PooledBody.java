package dev.modelserving.api.rest;

import dev.modelserving.codec.ResponseBody;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.CompositeByteBuf;
import io.netty.buffer.Unpooled;
import java.nio.ByteBuffer;

/** An answer's body in the server's pool of direct buffers, from which the socket takes it. */
final class PooledBody implements ResponseBody, AutoCloseable {
    private final ByteBufAllocator pool;
    private ByteBuf bytes = Unpooled.EMPTY_BUFFER;

    PooledBody(ByteBufAllocator pool) {
        this.pool = pool;
    }

    @Override
    public void append(byte[] source, int from, int count) {
        append(pool.directBuffer(count).writeBytes(source, from, count));
    }

    @Override
    public void append(ByteBuffer source) {
        append(pool.directBuffer(source.remaining()).writeBytes(source));
    }

    private void append(ByteBuf piece) {
        bytes = bytes.isReadable() ? joined().addComponent(true, piece) : piece;
    }

    /** Without a copy: the pieces stay where they are. */
    private CompositeByteBuf joined() {
        return bytes instanceof CompositeByteBuf pieces
                ? pieces
                : pool.compositeDirectBuffer(Integer.MAX_VALUE).addComponent(true, bytes);
    }

    @Override
    public int length() {
        return bytes.readableBytes();
    }

    @Override
    public byte[] toArray() {
        return ByteBufUtil.getBytes(bytes);
    }

    /** What was written until now; whoever uses it after {@link #close()} retains it. */
    ByteBuf bytes() {
        return bytes;
    }

    @Override
    public void close() {
        bytes.release();
    }
}
