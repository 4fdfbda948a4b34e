package dev.modelserving.codec;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.io.NumberOutput;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Jackson's numbers, which are strings, are those of {@link Double#toString(double)} since Java 19. */
class ShortestDecimalTest {
    private static final int TIMES = 500_000;

    private final byte[] target = new byte[4 + DecimalDigits.ROOM];

    @ParameterizedTest
    @ValueSource(
            strings = {
                "0.0",
                "-0.0",
                "1.0",
                "-1.0",
                "10.0",
                "0.1",
                "0.25",
                "123.456",
                "9999999.0",
                "1.0E7",
                "1.2345678E7",
                "0.001",
                "0.0010000002",
                "9.999999E-4",
                "3.4028235E38",
                "1.1754944E-38",
                "1.4E-45",
                "2.8E-45",
                "9.8E-45",
                "1.1E-44"
            })
    void writesFloatsAsPeopleKnowThem(String text) {
        assertThat(write(Float.parseFloat(text))).isEqualTo(text);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "0.0",
                "-0.0",
                "1.0",
                "0.1",
                "1234567.890123",
                "9999999.999999998",
                "1.0E7",
                "1.2345678901234567E7",
                "0.001",
                "0.0012345678901234567",
                "9.0E-4",
                "1.0E23",
                "2.0E-3",
                "1.7976931348623157E308",
                "2.2250738585072014E-308",
                "4.9E-324",
                "9.9E-324",
                "1.0E-100"
            })
    void writesDoublesAsPeopleKnowThem(String text) {
        assertThat(write(Double.parseDouble(text))).isEqualTo(text.equals("2.0E-3") ? "0.002" : text);
    }

    /** In every binade the least, which has a nearer neighbour below, those around it, and any. */
    @Test
    void writesFloatsOfAllSizes() {
        SplittableRandom random = new SplittableRandom(8);
        for (int biased = 0; biased < 255; biased++) {
            for (int step = -20; step <= 20; step++) {
                check(Float.intBitsToFloat((biased << 23) + step));
                check(Float.intBitsToFloat((biased << 23) + (random.nextInt() & 0x7F_FFFF)));
            }
        }
        for (int time = 0; time < TIMES; time++) {
            check(Float.intBitsToFloat(random.nextInt()));
            check((float) random.nextDouble(-10, 10));
        }
    }

    @Test
    void writesDoublesOfAllSizes() {
        SplittableRandom random = new SplittableRandom(8);
        for (long biased = 0; biased < 2047; biased++) {
            for (long step = -20; step <= 20; step++) {
                check(Double.longBitsToDouble((biased << 52) + step));
                check(Double.longBitsToDouble((biased << 52) + (random.nextLong() & 0xF_FFFF_FFFF_FFFFL)));
            }
        }
        for (int time = 0; time < TIMES; time++) {
            check(Double.longBitsToDouble(random.nextLong()));
            check(random.nextDouble(-10, 10));
        }
    }

    /** Those that have few digits, and the neighbours of those. */
    @Test
    void writesDecimalsAsTheyWere() {
        SplittableRandom random = new SplittableRandom(8);
        for (int exponent = -44; exponent <= 38; exponent++) {
            for (int time = 0; time < 1000; time++) {
                float value = Float.parseFloat(random.nextInt(1 << random.nextInt(1, 31)) + "E" + exponent);
                check(value);
                check(Math.nextUp(value));
                check(Math.nextDown(value));
            }
        }
        for (int exponent = -323; exponent <= 308; exponent++) {
            for (int time = 0; time < 1000; time++) {
                double value = Double.parseDouble(random.nextLong(1L << random.nextInt(1, 63)) + "E" + exponent);
                check(value);
                check(Math.nextUp(value));
                check(Math.nextDown(value));
            }
        }
    }

    private void check(float value) {
        if (Float.isFinite(value)) {
            String text = write(value);
            if (!text.equals(NumberOutput.toString(value, true))
                    || Float.floatToIntBits(Float.parseFloat(text)) != Float.floatToIntBits(value)) {
                assertThat(text).isEqualTo(NumberOutput.toString(value, true));
            }
        }
    }

    private void check(double value) {
        if (Double.isFinite(value)) {
            String text = write(value);
            if (!text.equals(NumberOutput.toString(value, true))
                    || Double.doubleToLongBits(Double.parseDouble(text)) != Double.doubleToLongBits(value)) {
                assertThat(text).isEqualTo(NumberOutput.toString(value, true));
            }
        }
    }

    private String write(float value) {
        int end = ShortestDecimal.write(value, target, 4);
        return new String(target, 4, end - 4, US_ASCII);
    }

    private String write(double value) {
        int end = ShortestDecimal.write(value, target, 4);
        return new String(target, 4, end - 4, US_ASCII);
    }

    @ParameterizedTest
    @CsvSource({"0", "7", "10", "99999999", "100000000", "123456789012345", "9999999999999999", "10000000000000000"})
    void writesWholeNumbers(long value) {
        assertThat(writeUnsigned(value)).isEqualTo(Long.toString(value));
    }

    @Test
    void writesWholeNumbersOfAllSizes() {
        SplittableRandom random = new SplittableRandom(8);
        for (int time = 0; time < TIMES; time++) {
            long value = random.nextLong() >>> random.nextInt(Long.SIZE);
            String text = writeUnsigned(value);
            if (!text.equals(Long.toUnsignedString(value))) {
                assertThat(text).isEqualTo(Long.toUnsignedString(value));
            }
        }
        assertThat(writeUnsigned(-1)).isEqualTo("18446744073709551615");
    }

    private String writeUnsigned(long value) {
        int end = DecimalDigits.writeUnsigned(value, target, 4);
        return new String(target, 4, end - 4, US_ASCII);
    }

    /** The least whole number is 2^125, and the greatest 2^126; what is cut off was between 0 and 1. */
    @Test
    void knowsThePowersOfTen() {
        for (int n = DecimalPowers.LEAST; n <= DecimalPowers.GREATEST; n++) {
            BigInteger g = BigInteger.valueOf(DecimalPowers.high(n))
                    .shiftLeft(63)
                    .add(BigInteger.valueOf(DecimalPowers.low(n)));
            assertThat(g.bitLength()).isEqualTo(126);
            int r = ShortestDecimal.log2OfPowerOf10(n) - 125;
            BigDecimal above = scaled(g, r);
            BigDecimal below = scaled(g.subtract(BigInteger.ONE), r);
            BigDecimal power = BigDecimal.ONE.scaleByPowerOfTen(n);
            assertThat(above).isGreaterThan(power);
            assertThat(below).isLessThanOrEqualTo(power);
        }
    }

    private static BigDecimal scaled(BigInteger value, int powerOf2) {
        BigDecimal two = BigDecimal.valueOf(2);
        return powerOf2 < 0
                ? new BigDecimal(value).divide(two.pow(-powerOf2))
                : new BigDecimal(value).multiply(two.pow(powerOf2));
    }

    @Test
    void knowsTheLogarithmsOfAllExponents() {
        IntStream.rangeClosed(-1076, 971).forEach(exponent -> {
            assertThat(ShortestDecimal.log10OfPowerOf2(exponent)).isEqualTo(log10(scaled(BigInteger.ONE, exponent)));
            assertThat(ShortestDecimal.log10OfThreeQuartersOfPowerOf2(exponent))
                    .isEqualTo(log10(scaled(BigInteger.valueOf(3), exponent - 2)));
        });
    }

    private static int log10(BigDecimal value) {
        return value.precision() - value.scale() - 1;
    }
}
