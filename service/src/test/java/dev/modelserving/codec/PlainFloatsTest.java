package dev.modelserving.codec;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Locale;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PlainFloatsTest {
    private static final int TIMES = 500_000;

    private final PlainFloats floats = PlainFloats.ofThisThread();

    /** What it reads is what the JDK reads; and it reads most. */
    @Test
    void readsWhatTheJdkReads() {
        SplittableRandom random = new SplittableRandom(8);
        int taken = 0;
        for (int time = 0; time < TIMES; time++) {
            String text = number(random);
            if (read(text + ",1,") == 2) {
                taken++;
                assertThat(Float.floatToRawIntBits(floats.values()[0]))
                        .as(text)
                        .isEqualTo(Float.floatToRawIntBits(Float.parseFloat(text)));
                assertThat(floats.position()).isEqualTo(text.length() + 3);
            }
        }
        assertThat(taken).isGreaterThan(TIMES / 10 * 9);
    }

    private static String number(SplittableRandom random) {
        String sign = random.nextInt(3) == 0 ? "-" : "";
        int fraction = random.nextInt(1, 17);
        String digits = String.format(Locale.ROOT, "%016d", random.nextLong(10_000_000_000_000_000L));
        String whole = Integer.toString(random.nextInt(10) == 0 ? random.nextInt(100_000) : random.nextInt(3));
        return random.nextInt(10) == 0 ? sign + whole : sign + whole + "." + digits.substring(0, fraction);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "00.5,",
                "01,",
                "-,",
                ".5,",
                "1.,",
                "-.5,",
                "1e5,",
                "1.5E-3,",
                "+1,",
                "NaN,",
                "\"1\",",
                "null,",
                "[1,",
                " 1,",
                "1.5 ,",
                "1.5]",
                "1.5",
                "1.12345678901234567,",
                "12345678901234567890,",
                "123.1234567890123456,",
                "1.2.3,",
                "1.5\u00B2,",
                "1.\u00B2,",
                "0x1,",
                "1.5f,",
                "1.1234567/,",
                "1.1234567:,",
                "--1,"
            })
    void stopsBeforeAnythingElse(String text) {
        assertThat(read(text)).isZero();
        assertThat(floats.position()).isZero();
    }

    /** 1 + 2^-24 lies between two floats, and 16777217 too: what is even is decided elsewhere. */
    @ParameterizedTest
    @ValueSource(strings = {"1.000000059604645", "16777217", "16777217.0"})
    void stopsBeforeWhatLiesBetweenTwoFloats(String text) {
        assertThat(read(text + ",")).isZero();
    }

    @Test
    void knowsZeros() {
        assertThat(read("0,-0, 0.0,-0.00,")).isEqualTo(4);
        assertThat(Arrays.copyOf(floats.values(), 4)).containsExactly(0.0f, -0.0f, 0.0f, -0.0f);
    }

    @Test
    void readsNoMoreThanItMay() {
        byte[] window = window("1,2,3,4,");
        assertThat(floats.read(window, 0, 8, 3)).isEqualTo(3);
        assertThat(floats.position()).isEqualTo(6);
        assertThat(floats.read(window, 2, 4, 3)).isEqualTo(1);
        assertThat(floats.values()[0]).isEqualTo(2);
    }

    private int read(String text) {
        return floats.read(window(text), 0, text.length(), PlainFloats.MOST);
    }

    private static byte[] window(String text) {
        byte[] bytes = text.getBytes(StandardCharsets.ISO_8859_1);
        return Arrays.copyOf(bytes, bytes.length + PlainFloats.LOOK_AHEAD);
    }
}
