package dev.modelserving.codec;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.modelserving.model.ModelSignature;
import dev.modelserving.model.Shape;
import dev.modelserving.model.TensorSpec;
import dev.modelserving.model.TensorType;
import java.util.List;
import java.util.Locale;
import java.util.SplittableRandom;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** That the short way is taken, and gives what the long way gives, bit for bit. */
class PlainRequestReaderTest {
    private static final int NUMBERS = 200_000;

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{\"inputs\":[{\"name\":\"x\",\"shape\":[1,4],\"datatype\":\"FP32\",\"data\":[5.1,3.5,1.4,0.2]}]}",
                "{\"inputs\":[{\"name\":\"x\",\"datatype\":\"FP32\",\"shape\":[2,2],\"data\":[[1,2],[3,4]]}],\"id\":\"a\"}",
                "{\"id\" : \"7\" , \"inputs\" : [ [ 5.1 , 3.5 ] ,\n\t[ -1.4e-3 , 0.2E+2 ] ]\r\n}",
                "{\"inputs\":{\"x\":[[1]]}}",
                "{\"instances\":[[1,2,3],[4,5,6]]}",
                "{\"outputs\":[{\"name\":\"y\"}],\"instances\":[[1,2,3],[4,5,6]]}"
            })
    void readsWhatClientsSend(String body) {
        assertThat(isPlain(body, TensorType.FP32)).isTrue();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "{}",
                "{\"instances\":[]}",
                "{\"instances\":[[]]}",
                "{\"instances\":[[1,2],[3]]}",
                "{\"instances\":[[1,2]]} x",
                "{\"instances\":[[1,2]],}",
                "{\"instances\":[[01]]}",
                "{\"instances\":[[1.]]}",
                "{\"instances\":[[.5]]}",
                "{\"instances\":[[+5]]}",
                "{\"instances\":[[1e]]}",
                "{\"instances\":[[1e999]]}",
                "{\"instances\":[[\"NaN\"]]}",
                "{\"instances\":[[1]],\"instances\":[[1]]}",
                "{\"inputs\":[[1]],\"instances\":[[1]]}",
                "{\"inst\\u0061nces\":[[1]]}",
                "{\"id\":\"\u00e9\",\"instances\":[[1]]}",
                "{\"inputs\":[{\"name\":\"x\",\"shape\":[1,1],\"datatype\":\"FP64\",\"data\":[1]}]}",
                "{\"inputs\":[{\"name\":\"x\",\"shape\":[1,2],\"datatype\":\"FP32\",\"data\":[1]}]}",
                "{\"inputs\":[{\"name\":\"x\",\"shape\":[999999999,999999999],\"datatype\":\"FP32\",\"data\":[1]}]}",
                "{\"inputs\":[{\"data\":[1],\"name\":\"x\",\"shape\":[1,1],\"datatype\":\"FP32\"}]}"
            })
    void leavesTheRestToTheLongWay(String body) {
        assertThat(isPlain(body, TensorType.FP32)).isFalse();
    }

    @ParameterizedTest
    @MethodSource("kindsOfNumbers")
    void readsNumbersAsTheLongWayDoes(Numbers numbers) {
        String body = "{\"instances\":["
                + Stream.generate(numbers.next)
                        .limit(NUMBERS)
                        .map(number -> "[" + number + "]")
                        .collect(Collectors.joining(","))
                + "]}";
        assertThat(isPlain(body, numbers.type)).isTrue();
    }

    private record Numbers(String name, TensorType type, Supplier<String> next) {
        @Override
        public String toString() {
            return name;
        }
    }

    static Stream<Numbers> kindsOfNumbers() {
        SplittableRandom random = new SplittableRandom(7);
        return Stream.of(
                new Numbers("floats", TensorType.FP32, () -> Float.toString(finiteFloat(random))),
                new Numbers("floats as doubles", TensorType.FP32, () -> Double.toString(finiteFloat(random))),
                new Numbers("short decimals", TensorType.FP32, () -> decimal(random, 4)),
                new Numbers("random doubles", TensorType.FP32, () -> Double.toString(random.nextDouble(-1e3, 1e3))),
                new Numbers("beside the middle of two floats", TensorType.FP32, () -> besideMiddle(random)),
                new Numbers(
                        "about as many digits as are kept",
                        TensorType.FP32,
                        () -> decimal(random, random.nextInt(14, 24))),
                new Numbers("many digits", TensorType.FP32, () -> decimal(random, 30)),
                new Numbers("doubles", TensorType.FP64, () -> Double.toString(finiteDouble(random))),
                new Numbers(
                        "about as many digits in double precision",
                        TensorType.FP64,
                        () -> decimal(random, random.nextInt(12, 24))),
                new Numbers("short decimals in double precision", TensorType.FP64, () -> decimal(random, 6)),
                new Numbers("integers", TensorType.INT64, () -> Long.toString(random.nextLong() / 100)),
                new Numbers("token ids", TensorType.INT64, () -> Integer.toString(random.nextInt(30_000))),
                new Numbers("bytes", TensorType.UINT8, () -> Integer.toString(random.nextInt(256))),
                new Numbers("booleans", TensorType.BOOL, () -> Boolean.toString(random.nextBoolean())));
    }

    private static float finiteFloat(SplittableRandom random) {
        float value = Float.intBitsToFloat(random.nextInt());
        return Float.isFinite(value) ? value : -0.0f;
    }

    private static double finiteDouble(SplittableRandom random) {
        double value = Double.longBitsToDouble(random.nextLong());
        return Double.isFinite(value) ? value : -0.0;
    }

    private static String decimal(SplittableRandom random, int digits) {
        String fraction = IntStream.range(0, digits)
                .mapToObj(i -> Integer.toString(random.nextInt(10)))
                .collect(Collectors.joining());
        return (random.nextBoolean() ? "-" : "") + random.nextInt(100) + "." + fraction
                + (random.nextInt(8) == 0 ? String.format(Locale.ROOT, "e%d", random.nextInt(-30, 20)) : "");
    }

    /** The middle itself, and what lies one unit of a double's last place beside it. */
    private static String besideMiddle(SplittableRandom random) {
        float value = random.nextInt(1, 1 << 24) / 1024f;
        double middle = ((double) value + Math.nextUp(value)) / 2;
        long bits = Double.doubleToRawLongBits(middle) + random.nextInt(-3, 4);
        return Double.toString(Double.longBitsToDouble(bits));
    }

    @Test
    void readsBodiesThatAreLongerThanItsWindow() {
        String row = "[" + "0.25,".repeat(50_000) + "1]";
        assertThat(isPlain("{\"instances\":[" + row + "," + row + "]}", TensorType.FP32))
                .isTrue();
    }

    @Test
    void checksAxesOfOneNameAgainstEachOther() {
        ModelSignature square = new ModelSignature(
                List.of(new TensorSpec("x", TensorType.FP32, Shape.of(-1, -1), List.of("n", "n"))), List.of());
        assertThat(CodecProperties.checkPlain("{\"instances\":[[1,2],[3,4]]}".getBytes(UTF_8), square))
                .isTrue();
        assertThat(CodecProperties.checkPlain("{\"instances\":[[1,2]]}".getBytes(UTF_8), square))
                .isFalse();
    }

    private static boolean isPlain(String body, TensorType type) {
        ModelSignature signature = new ModelSignature(
                List.of(new TensorSpec("x", type, Shape.of(-1, -1))),
                List.of(new TensorSpec("y", TensorType.FP32, Shape.of(-1, -1))));
        return CodecProperties.checkPlain(body.getBytes(UTF_8), signature);
    }
}
