package dev.modelserving.runtime;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.jna.Memory;
import org.junit.jupiter.api.Test;

class NativeMemoryTest {
    @Test
    void countsWhatTheCLibraryHasGivenOut() {
        long before = NativeMemory.inUse().orElseThrow();
        try (Memory memory = new Memory(512L << 20)) {
            assertThat(NativeMemory.inUse().orElseThrow() - before).isBetween(400L << 20, 700L << 20);
            assertThat(memory.size()).isEqualTo(512L << 20);
        }
        NativeMemory.trim();
        assertThat(NativeMemory.inUse().orElseThrow() - before).isLessThan(200L << 20);
    }
}
