package dev.modelserving.api.rest;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.UnpooledByteBufAllocator;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import org.junit.jupiter.api.Test;

class PooledMemoryTest {
    private final UnpooledByteBufAllocator pool = new UnpooledByteBufAllocator(true);

    @Test
    void givesBackWhatIsFreedAndTheRestWhenItIsClosed() {
        PooledMemory memory = new PooledMemory(pool);
        ByteBuffer first = memory.allocate(1000);
        ByteBuffer second = memory.allocate(1000);
        assertThat(second.order()).isEqualTo(ByteOrder.nativeOrder());
        assertThat(second.alignmentOffset(0, 64)).isZero();
        long both = used();
        memory.free(first);
        assertThat(used()).isEqualTo(both / 2);
        memory.close();
        assertThat(used()).isZero();
    }

    private long used() {
        return pool.metric().usedDirectMemory();
    }
}
