package dev.modelserving.codec;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.modelserving.model.InferenceException;
import dev.modelserving.model.InferenceException.Kind;
import dev.modelserving.model.ModelSignature;
import dev.modelserving.model.Shape;
import dev.modelserving.model.Tensor;
import dev.modelserving.model.TensorType;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class OipFormTest {
    @Test
    void readsNumbersAndStrings() {
        PredictRequest request = read("""
                {"id":"r1","inputs":[
                 {"name":"x","shape":[2,2],"datatype":"FP32","data":[1,2.5,-3e2,0]},
                 {"name":"s","shape":[2,1],"datatype":"BYTES","data":["a","é"]}]}""");
        assertThat(request.id()).contains("r1");
        assertThat(floats(request, "x")).containsExactly(1, 2.5f, -300, 0);
        assertThat(((Tensor.Strings) request.inference().inputs().get("s")).elements())
                .containsExactly("a", "é");
    }

    @Test
    void takesTheFieldsOfATensorInAnyOrder() {
        PredictRequest request = read("""
                {"inputs":[{"data":[[1,2]],"datatype":"FP32","shape":[1,2],"name":"x"},
                 {"shape":[1,1],"data":["ü\\n"],"name":"s","datatype":"BYTES"}],"outputs":[{"name":"z"},{"name":"y"}]}""");
        assertThat(floats(request, "x")).containsExactly(1, 2);
        assertThat(request.inference().outputs()).containsExactly("z", "y");
    }

    @Test
    void takesNestedData() {
        ModelSignature cube = Signatures.one(TensorType.INT32, -1, 2, 2);
        PredictRequest request = PredictRequestReader.read(
                body(
                        "{\"inputs\":[{\"name\":\"x\",\"shape\":[1,2,2],\"datatype\":\"INT32\",\"data\":[[[1,2],[3,4]]]}]}"),
                cube);
        assertThat(request.inference().inputs().get("x").shape()).isEqualTo(Shape.of(1, 2, 2));
    }

    @Test
    void givesInputsThatTheRuntimeReadsInPlace() {
        PredictRequest request = readOne(TensorType.FP32, "1");
        assertThat(((Tensor.Numbers) request.inference().inputs().get("x"))
                        .data()
                        .isDirect())
                .isTrue();
    }

    @Test
    void listsEveryFaultOfARequestAtOnce() {
        InferenceException e = refused("""
                {"id":7,"inputs":[
                 {"name":"x","shape":[1,3],"datatype":"FP64","data":[1,2,3]},
                 {"name":"nope","shape":[1],"datatype":"FP32","data":[1]}],
                 "outputs":[{"name":"w"}]}""");
        assertThat(e.kind()).isEqualTo(Kind.INVALID_INPUT);
        assertThat(e.problems())
                .extracting(Object::toString)
                .containsExactly(
                        "id is a number (expected: a string)",
                        "input 'x': datatype 'FP64' (expected: FP32)",
                        "input 'x': shape [1, 3] (expected: [-1, 2])",
                        "input 'nope': is not known: 'nope' (expected: one of x, s)",
                        "input 's': is missing (expected: BYTES [-1, 1])",
                        "input 'outputs[0]': name is 'w' (expected: one of [y, z])");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                " ",
                "[]",
                "null",
                "3",
                "{",
                "{\"inputs\":[",
                "{} {}",
                "{}]",
                "{\"inputs\":[]} x",
                "{\"a\":1,\"a\":2}"
            })
    void refusesWhatIsNoRequestDocument(String text) {
        assertThat(refused(text).kind()).isEqualTo(Kind.INVALID_INPUT);
    }

    @Test
    void refusesABodyCutOffAtAnyByte() {
        String whole =
                "{\"inputs\":[{\"name\":\"x\",\"shape\":[1,2],\"datatype\":\"FP32\",\"data\":[1,2]},{\"name\":\"s\",\"shape\":[1,1],\"datatype\":\"BYTES\",\"data\":[\"a\"]}]}";
        for (int length = 0; length < whole.length(); length++) {
            assertThat(refused(whole.substring(0, length)).kind()).isEqualTo(Kind.INVALID_INPUT);
        }
        assertThat(read(whole)).isNotNull();
    }

    @Test
    void saysWhereTheDocumentIsBroken() {
        assertThat(refused("{\"inputs\":\n[}").problems().get(0).problem()).contains("line 2");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "[1]|data has",
                "[1,2,3]|data has",
                "[[1],[2]]|data has a row",
                "[[1,2],[3,4]]|data has at depth 0",
                "[[[1,2]]]|data is nested",
                "[1,[2]]|data[1] is",
                "[[1,2],3]|data[1] is",
                "[1,null]|data[1] is",
                "[1,true]|data[1] is",
                "[1,'2']|data[1] is",
                "[1,1e39]|data[1] is",
                "[1,{}]|data[1] is",
                "{}|data is",
                "7|data is",
                "null|data is"
            })
    void saysWhatIsWrongWithTheData(String data, String problem) {
        String request =
                "{\"inputs\":[{\"name\":\"x\",\"shape\":[1,2],\"datatype\":\"FP32\",\"data\":%s},{\"name\":\"s\",\"shape\":[1,1],\"datatype\":\"BYTES\",\"data\":[\"a\"]}]}"
                        .formatted(data.replace('\'', '"'));
        assertThat(refused(request).problems()).anySatisfy(found -> {
            assertThat(found.input()).isEqualTo("x");
            assertThat(found.problem()).startsWith(problem);
        });
    }

    @Test
    void refusesAHugeShapeWithoutAllocatingForIt() {
        InferenceException e = refused(
                "{\"inputs\":[{\"name\":\"x\",\"shape\":[4611686018427387904,2],\"datatype\":\"FP32\",\"data\":[1,2]}]}");
        assertThat(e.problems()).anySatisfy(found -> assertThat(found.problem()).isEqualTo("data has"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"[-1,2]", "[1.5,2]", "[\"1\",2]", "[99999999999999999999,2]", "7", "[[1],2]", "null"})
    void refusesAShapeThatIsNone(String shape) {
        InferenceException e =
                refused("{\"inputs\":[{\"name\":\"x\",\"shape\":" + shape + ",\"datatype\":\"FP32\",\"data\":[1,2]}]}");
        assertThat(e.problems()).anySatisfy(found -> assertThat(found.input()).startsWith("inputs[0].shape"));
    }

    @ParameterizedTest
    @CsvSource({
        "INT8,-128,127,128",
        "UINT8,0,255,256",
        "INT16,-32768,32767,32768",
        "INT32,-2147483648,2147483647,2147483648",
        "INT64,-9223372036854775808,9223372036854775807,9223372036854775808"
    })
    void holdsIntegersToTheirRange(TensorType type, String least, String most, String over) {
        assertThat(written(readOne(type, least), type)).isEqualTo(least);
        assertThat(written(readOne(type, most), type)).isEqualTo(most);
        assertThat(refusedOne(type, over).problems().get(0).expected()).contains(type.name());
        assertThat(refusedOne(type, "0.5").problems()).hasSize(1);
    }

    @Test
    void keepsIntegersExactTo64Bits() {
        assertThat(written(readOne(TensorType.INT64, "9007199254740993"), TensorType.INT64))
                .isEqualTo("9007199254740993");
        assertThat(written(readOne(TensorType.INT64, "1.0e3"), TensorType.INT64))
                .isEqualTo("1000");
    }

    @Test
    void refusesAShortTextForAHugeIntegerAtOnce() {
        assertThat(refusedOne(TensorType.INT64, "1e999999999").problems()).hasSize(1);
        assertThat(refusedOne(TensorType.INT64, "1e-999999999").problems()).hasSize(1);
        assertThat(refusedOne(TensorType.UINT8, "1e99999999999999999999").problems())
                .hasSize(1);
    }

    @ParameterizedTest
    @EnumSource(
            value = TensorType.class,
            names = {"FP32", "FP64"})
    void takesWhatJsonHasNoNumbersForAsStrings(TensorType type) {
        assertThat(written(readOne(type, "\"NaN\""), type)).isEqualTo("\"NaN\"");
        assertThat(written(readOne(type, "\"-Infinity\""), type)).isEqualTo("\"-Infinity\"");
        assertThat(refusedOne(type, "NaN").kind()).isEqualTo(Kind.INVALID_INPUT);
        assertThat(refusedOne(type, "\"nan\"").problems()).hasSize(1);
    }

    @ParameterizedTest
    @CsvSource({
        "FP32,-0",
        "FP32,-0.0",
        "FP64,-0",
        "FP32,1.0E-45",
        "FP64,4.9E-324",
        "FP32,0.1",
        "FP64,0.1",
        "FP32,16777217"
    })
    void roundsAsTheTypeDoes(TensorType type, String text) {
        String expected = type == TensorType.FP32
                ? Float.toString(Float.parseFloat(text))
                : Double.toString(Double.parseDouble(text));
        assertThat(written(readOne(type, text), type)).isEqualTo(expected);
    }

    @Test
    void takesTrueAndFalseOnlyForBooleans() {
        assertThat(written(readOne(TensorType.BOOL, "true"), TensorType.BOOL)).isEqualTo("true");
        assertThat(refusedOne(TensorType.BOOL, "1").problems()).hasSize(1);
    }

    @Test
    void takesAScalarBareOrInAnArray() {
        ModelSignature scalar = Signatures.one(TensorType.INT64);
        for (String data : List.of("5", "[5]")) {
            String text = "{\"inputs\":[{\"name\":\"x\",\"shape\":[],\"datatype\":\"INT64\",\"data\":" + data + "}]}";
            assertThat(PredictRequestReader.read(body(text), scalar)
                            .inference()
                            .inputs()
                            .get("x")
                            .shape())
                    .isEqualTo(Shape.of());
        }
    }

    @Test
    void takesNoRows() {
        ModelSignature rows = Signatures.one(TensorType.FP32, -1, 2);
        String text = "{\"inputs\":[{\"name\":\"x\",\"shape\":[0,2],\"datatype\":\"FP32\",\"data\":[]}]}";
        assertThat(PredictRequestReader.read(body(text), rows)
                        .inference()
                        .inputs()
                        .get("x")
                        .shape())
                .isEqualTo(Shape.of(0, 2));
    }

    @Test
    void refusesATensorThatIsGivenTwice() {
        String tensor = "{\"name\":\"s\",\"shape\":[1,1],\"datatype\":\"BYTES\",\"data\":[\"a\"]}";
        assertThat(refused("{\"inputs\":[" + tensor + "," + tensor + "]}").problems())
                .anySatisfy(found -> assertThat(found.problem()).contains("again"));
    }

    @Test
    void refusesDepthThatNoRequestNeeds() {
        assertThat(refused("{\"inputs\":" + "[".repeat(100_000)).kind()).isEqualTo(Kind.INVALID_INPUT);
    }

    @Test
    void stopsCountingFaultsAtAHundred() {
        String tensors = "{},".repeat(5_000);
        assertThat(refused("{\"inputs\":[" + tensors + "{}]}").problems()).hasSize(100);
    }

    private static PredictRequest read(String text) {
        return PredictRequestReader.read(body(text), Signatures.TWO_INPUTS);
    }

    private static InferenceException refused(String text) {
        return Objects.requireNonNull(catchThrowableOfType(InferenceException.class, () -> read(text)));
    }

    private static PredictRequest readOne(TensorType type, String element) {
        return PredictRequestReader.read(
                body("{\"inputs\":[{\"name\":\"x\",\"shape\":[1],\"datatype\":\"" + type + "\",\"data\":[" + element
                        + "]}]}"),
                Signatures.one(type, -1));
    }

    private static InferenceException refusedOne(TensorType type, String element) {
        return Objects.requireNonNull(catchThrowableOfType(InferenceException.class, () -> readOne(type, element)));
    }

    /** The one element as the response writer writes it. */
    private static String written(PredictRequest request, TensorType type) {
        ResponseBody answer = ResponseBody.onHeap();
        PredictResponseWriter.write(
                dev.modelserving.model.ModelRef.of("m", 1),
                request,
                "id",
                new dev.modelserving.model.InferenceResponse(request.inference().inputs()),
                answer);
        String text = new String(answer.toArray(), UTF_8);
        assertThat(text).contains("\"datatype\":\"" + type + "\"");
        return text.replaceFirst(".*\"data\":\\[", "").replaceFirst("].*", "");
    }

    private static float[] floats(PredictRequest request, String name) {
        ByteBuffer data = ((Tensor.Numbers) request.inference().inputs().get(name)).data();
        float[] values = new float[data.remaining() / 4];
        data.duplicate().order(data.order()).asFloatBuffer().get(values);
        return values;
    }

    private static RequestBody body(String text) {
        return RequestBody.of(text.getBytes(UTF_8));
    }
}
