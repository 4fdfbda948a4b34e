package dev.modelserving.codec;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.io.NumberOutput;
import java.util.Arrays;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** All finite floats from 0 on under the profile {@code soak}, which takes some minutes; else each thousandth. */
class EveryFloatIT {
    private static final int STEP = Integer.getInteger("floats.step", 997);
    private static final int BLOCK = 1 << 20;

    @Test
    void isWrittenWithTheFewestDigits() {
        int blocks = Float.floatToRawIntBits(Float.POSITIVE_INFINITY) / BLOCK;
        IntStream.range(0, blocks).parallel().forEach(EveryFloatIT::check);
    }

    private static void check(int block) {
        byte[] target = new byte[DecimalDigits.ROOM];
        for (int bits = block * BLOCK; bits < (block + 1) * BLOCK; bits += STEP) {
            float value = Float.intBitsToFloat(bits);
            int end = ShortestDecimal.write(value, target, 0);
            byte[] expected = NumberOutput.toString(value, true).getBytes(US_ASCII);
            if (!Arrays.equals(target, 0, end, expected, 0, expected.length)) {
                assertThat(new String(target, 0, end, US_ASCII)).isEqualTo(new String(expected, US_ASCII));
            }
        }
    }
}
