package dev.modelserving.api.rest;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.UnpooledByteBufAllocator;
import org.junit.jupiter.api.Test;

class PooledBodyTest {
    private final UnpooledByteBufAllocator pool = new UnpooledByteBufAllocator(true);

    @Test
    void holdsOnePieceAsItIs() {
        try (PooledBody body = new PooledBody(pool)) {
            append(body, "[1,2]");
            assertThat(body.bytes().isDirect()).isTrue();
            assertThat(body.bytes().nioBufferCount()).isOne();
            assertThat(body.bytes().toString(US_ASCII)).isEqualTo("[1,2]");
            assertThat(used()).isEqualTo(5);
        }
        assertThat(used()).isZero();
    }

    @Test
    void joinsPiecesWithoutACopy() {
        try (PooledBody body = new PooledBody(pool)) {
            append(body, "[1,");
            append(body, "2,");
            append(body, "3]");
            assertThat(body.length()).isEqualTo(7);
            assertThat(body.toArray()).isEqualTo("[1,2,3]".getBytes(US_ASCII));
            assertThat(body.bytes().nioBufferCount()).isEqualTo(3);
            assertThat(used()).isEqualTo(7);
        }
        assertThat(used()).isZero();
    }

    @Test
    void leavesWhatWasRetainedToItsNewOwner() {
        ByteBuf taken;
        try (PooledBody body = new PooledBody(pool)) {
            append(body, "[1,");
            append(body, "2]");
            taken = body.bytes().retain();
        }
        assertThat(taken.toString(US_ASCII)).isEqualTo("[1,2]");
        taken.release();
        assertThat(used()).isZero();
    }

    @Test
    void holdsNothingBeforeItIsWritten() {
        try (PooledBody body = new PooledBody(pool)) {
            assertThat(body.length()).isZero();
        }
        assertThat(used()).isZero();
    }

    private static void append(PooledBody body, String text) {
        byte[] source = ("..." + text).getBytes(US_ASCII);
        body.append(source, 3, text.length());
    }

    private long used() {
        return pool.metric().usedDirectMemory();
    }
}
