package dev.modelserving.codec;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import java.io.IOException;
import java.io.StringWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class JsonBytesTest {
    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "iris",
                "\"\\/",
                "\b\t\n\f\r\u0000\u001F\u007F",
                "\u0080é\u07FF\u0800€\uD7FF\uE000\uFFFF",
                "\uD83D\uDE00 \uD800\uDC00\uDBFF\uDFFF"
            })
    void writesStringsAsJacksonDoes(String text) throws IOException {
        StringWriter expected = new StringWriter();
        try (JsonGenerator generator = new JsonFactory().createGenerator(expected)) {
            generator.writeString(text);
        }
        assertThat(written(json -> json.putString(text))).isEqualTo(expected.toString());
    }

    @ParameterizedTest
    @ValueSource(strings = {"\uD800", "\uDC00", "\uD800a", "\uDC00\uD800", "\uD800\uD800"})
    void writesHalvesOfPairsAsTheReplacementCharacter(String text) {
        String expected = text.replace('\uD800', '\uFFFD').replace('\uDC00', '\uFFFD');
        assertThat(written(json -> json.putString(text))).isEqualTo('"' + expected + '"');
    }

    @ParameterizedTest
    @CsvSource({"0", "-1", "9223372036854775807", "-9223372036854775808", "-128"})
    void writesWholeNumbersWithTheirSign(long value) {
        assertThat(written(json -> json.putWhole(value))).isEqualTo(Long.toString(value));
    }

    @Test
    void writesWhatIsNoNumberAsStrings() {
        assertThat(written(json -> {
                    json.putFloat(Float.NaN);
                    json.putFloat(Float.NEGATIVE_INFINITY);
                    json.putDouble(Double.POSITIVE_INFINITY);
                    json.putDouble(Double.NaN);
                }))
                .isEqualTo("\"NaN\"\"-Infinity\"\"Infinity\"\"NaN\"");
    }

    /** Where the window ends makes no difference. */
    @Test
    void writesMoreThanFitsTheWindow() {
        SplittableRandom random = new SplittableRandom(8);
        StringBuilder expected = new StringBuilder();
        List<Integer> pieces = new ArrayList<>();
        ResponseBody body = ResponseBody.onHeap();
        JsonBytes json = new JsonBytes(new ResponseBody() {
            @Override
            public void append(byte[] source, int from, int count) {
                pieces.add(count);
                body.append(source, from, count);
            }

            @Override
            public int length() {
                return body.length();
            }

            @Override
            public byte[] toArray() {
                return body.toArray();
            }
        });
        while (expected.length() < 2_000_000) {
            long whole = random.nextLong() >> random.nextInt(64);
            json.putWhole(whole);
            expected.append(whole);
            double value = random.nextInt(-1000, 1000) / 8.0;
            json.putDouble(value);
            expected.append(value);
            String text = "é\uD83D\uDE00x".repeat(random.nextInt(20));
            json.putString(text);
            expected.append('"').append(text).append('"');
            json.putBoolean(true);
            expected.append("true");
        }
        json.finish();
        assertThat(new String(body.toArray(), UTF_8)).isEqualTo(expected.toString());
        assertThat(pieces).hasSizeGreaterThan(60);
    }

    private static String written(Consumer<JsonBytes> writing) {
        ResponseBody body = ResponseBody.onHeap();
        JsonBytes json = new JsonBytes(body);
        writing.accept(json);
        json.finish();
        return new String(body.toArray(), UTF_8);
    }
}
