package dev.modelserving.codec;

import static dev.modelserving.codec.BinaryBodies.body;
import static dev.modelserving.codec.BinaryBodies.floats;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.modelserving.model.InferenceException;
import dev.modelserving.model.InferenceException.Kind;
import dev.modelserving.model.InferenceResponse;
import dev.modelserving.model.ModelRef;
import dev.modelserving.model.ModelSignature;
import dev.modelserving.model.Shape;
import dev.modelserving.model.Tensor;
import dev.modelserving.model.TensorMemory;
import dev.modelserving.model.TensorType;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.OptionalInt;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** "Binary Tensor Data Extension" of the Open Inference Protocol, in and out. */
class BinaryFormTest {
    private static final String X = "{'name':'x','shape':[2,2],'datatype':'FP32','parameters':{'binary_data_size':16}}";
    private static final String S =
            "{'name':'s','shape':[2,1],'datatype':'BYTES','parameters':{'binary_data_size':11}}";
    private static final byte[] X_DATA = floats(1, 2.5f, -300, 0);
    private static final byte[] S_DATA = BinaryBodies.strings("a", "é");

    @Test
    void readsNumbersAndStringsBehindTheJson() {
        PredictRequest request = read("{'id':'7','inputs':[" + X + "," + S + "]}", X_DATA, S_DATA);
        assertThat(request.id()).contains("7");
        assertThat(numbers(request)).containsExactly(1, 2.5f, -300, 0);
        assertThat(strings(request)).containsExactly("a", "é");
    }

    @Test
    void readsDataInTheOrderOfTheInputs() {
        PredictRequest request = read("{'inputs':[" + S + "," + X + "]}", S_DATA, X_DATA);
        assertThat(numbers(request)).containsExactly(1, 2.5f, -300, 0);
        assertThat(strings(request)).containsExactly("a", "é");
    }

    @Test
    void mixesBinaryDataWithJson() {
        PredictRequest request =
                read("{'inputs':[{'name':'x','shape':[2,2],'datatype':'FP32','data':[1,2,3,4]}," + S + "]}", S_DATA);
        assertThat(numbers(request)).containsExactly(1, 2, 3, 4);
        assertThat(strings(request)).containsExactly("a", "é");
    }

    @Test
    void givesInputsThatTheRuntimeReadsInPlace() {
        PredictRequest request = read("{'inputs':[" + X + "," + S + "]}", X_DATA, S_DATA);
        assertThat(((Tensor.Numbers) request.inference().inputs().get("x"))
                        .data()
                        .isDirect())
                .isTrue();
    }

    @Test
    void takesABodyWithoutBinaryData() {
        String json = "{'inputs':[{'name':'x','shape':[1,2],'datatype':'FP32','data':[1,2]},"
                + "{'name':'s','shape':[1,1],'datatype':'BYTES','data':['b']}]}";
        assertThat(strings(read(json))).containsExactly("b");
        assertThat(strings(readInfer(quoted(json).getBytes(UTF_8), OptionalInt.empty())))
                .containsExactly("b");
    }

    @Test
    void tellsWhichOutputsAreWantedAsBinaryData() {
        String inputs = "'inputs':[" + X + "," + S + "]";
        OutputForms all = read("{'parameters':{'binary_data_output':true}," + inputs + "}", X_DATA, S_DATA)
                .forms();
        assertThat(List.of(all.isBinary("y"), all.isBinary("z"))).containsExactly(true, true);
        OutputForms one = read(
                        "{" + inputs + ",'parameters':{'binary_data_output':true},"
                                + "'outputs':[{'name':'y'},{'name':'z','parameters':{'binary_data':false}}]}",
                        X_DATA,
                        S_DATA)
                .forms();
        assertThat(List.of(one.isBinary("y"), one.isBinary("z"))).containsExactly(true, false);
        assertThat(read("{" + inputs + "}", X_DATA, S_DATA).forms().isAnyBinary())
                .isFalse();
    }

    @Test
    void listsEveryFaultAtOnce() {
        InferenceException e = refused(
                "{'parameters':{'binary_data_output':1},'inputs':["
                        + "{'name':'x','shape':[2,2],'datatype':'FP32','parameters':{'binary_data_size':12}},"
                        + "{'name':'s','shape':[2,1],'datatype':'BYTES','parameters':{'binary_data_size':-1}}],"
                        + "'outputs':[{'name':'y','parameters':{'binary_data':'yes'}}]}",
                X_DATA);
        assertThat(e.kind()).isEqualTo(Kind.INVALID_INPUT);
        assertThat(e.problems())
                .extracting(Object::toString)
                .containsExactly(
                        "body binary_data_output is a number (expected: true or false)",
                        "input 'x': binary data has 12 bytes (expected: 16 bytes (FP32 [2, 2], 4 bytes each))",
                        "input 's': binary_data_size is -1 (expected: a whole number of bytes)",
                        "input 'outputs[0]': binary_data is a string (expected: true or false)",
                        "body has behind its last tensor 4 bytes (expected: no more bytes)");
    }

    @Test
    void takesNullForNoParameters() {
        String x = "{'name':'x','shape':[1,2],'datatype':'FP32','parameters':null,'data':[1,2]}";
        String s = "{'name':'s','shape':[1,1],'datatype':'BYTES','data':['b']}";
        assertThat(numbers(read("{'parameters':null,'inputs':[" + x + "," + s + "]}")))
                .containsExactly(1, 2);
    }

    @Test
    void takesNothingButObjectsForParameters() {
        InferenceException e = refused(
                "{'parameters':[],'inputs':[" + X.replace("{'binary_data_size':16}", "16") + "," + S + "],"
                        + "'outputs':[{'name':'y','parameters':'none'}]}",
                S_DATA);
        assertThat(e.problems())
                .extracting(Object::toString)
                .containsExactly(
                        "body parameters is an array (expected: an object)",
                        "input 'x': parameters is a number (expected: an object)",
                        "input 'x': data is missing (expected: an array)",
                        "input 'outputs[0]': parameters is a string (expected: an object)");
    }

    @Test
    void refusesASizeThatTheBodyHasNot() {
        assertThat(refused("{'inputs':[" + X + "," + S + "]}", floats(1)).problems())
                .extracting(Object::toString)
                .containsExactly(
                        "input 'x': binary data has 4 bytes (expected: 16 bytes, as binary_data_size says)",
                        "input 's': binary data has 0 bytes (expected: 11 bytes, as binary_data_size says)");
    }

    @Test
    void refusesDataInBothPlaces() {
        String both = X.replace("'parameters'", "'data':[1,2,3,4],'parameters'");
        assertThat(refused("{'inputs':[" + both + "," + S + "]}", X_DATA, S_DATA))
                .hasMessageContaining("input 'x': has both (expected: either data or binary_data_size)");
    }

    @Test
    void refusesOtherBytesThanStrings() {
        byte[] tooLong = BinaryBodies.strings("a", "é");
        tooLong[5] = 100;
        byte[] negative = BinaryBodies.strings("a", "é");
        negative[3] = -1;
        byte[] noText = BinaryBodies.strings("a", "é");
        noText[10] = 'x';
        String json = "{'inputs':[" + X + "," + S + "]}";
        assertThat(refused(json, X_DATA, tooLong))
                .hasMessageContaining("binary data[1] has 2 bytes (expected: 100 bytes, as its length says)");
        assertThat(refused(json, X_DATA, negative))
                .hasMessageContaining("binary data[0] has 7 bytes (expected: 4278190081 bytes, as its length says)");
        assertThat(refused(json, X_DATA, noText))
                .hasMessageContaining("binary data[1] is other bytes (expected: text in UTF-8)");
        assertThat(refused(json, X_DATA, BinaryBodies.strings("abcdefg")))
                .hasMessageContaining("binary data has 1 elements (expected: 2 elements, as shape [2, 1] says)");
        assertThat(refused(json, X_DATA, body("", BinaryBodies.strings("abcd"), new byte[3])))
                .hasMessageContaining("binary data[1] has 3 bytes (expected: a length of four bytes)");
    }

    @Test
    void refusesBooleansThatAreNone() {
        ModelSignature flags = Signatures.one(TensorType.BOOL, -1);
        String json = "{'inputs':[{'name':'x','shape':[3],'datatype':'BOOL','parameters':{'binary_data_size':3}}]}";
        assertThat(numbersOf(read(flags, json, new byte[] {1, 0, 1}))).containsExactly(1, 0, 1);
        assertThat(catchThrowableOfType(
                        InferenceException.class, () -> read(flags, json, new byte[] {1, 0, (byte) 255})))
                .hasMessageContaining("binary data[2] is 255 (expected: 0 or 1)");
    }

    @Test
    void refusesALengthOfJsonBeyondTheBody() {
        assertThat(catchThrowableOfType(
                        InferenceException.class, () -> readInfer("{}".getBytes(UTF_8), OptionalInt.of(3))))
                .hasMessageContaining(
                        "Inference-Header-Content-Length is more than the body has: 3 bytes (expected: at most 2 bytes)");
    }

    @Test
    void takesNoOtherForm() {
        InferenceException rows = refused("{'instances':[[1,2]]}");
        assertThat(rows.problems().get(0))
                .hasToString("body has only [instances] (expected: inputs, an array of tensors)");
        assertThat(refused("{'inputs':{'x':[[1,2]]}}").problems().get(0))
                .hasToString("input 'inputs': is an object (expected: an array of tensors)");
    }

    @Test
    void writesOutputsBehindTheJson() {
        ByteBuffer data = ByteBuffer.allocateDirect(8).order(ByteOrder.nativeOrder());
        data.putFloat(1.5f).putFloat(-2).flip();
        Map<String, Tensor> outputs = new LinkedHashMap<>();
        outputs.put("y", new Tensor.Numbers(TensorType.FP32, Shape.of(2), data));
        outputs.put("z", new Tensor.Strings(Shape.of(2), List.of("a", "é")));
        InferenceResponse response = new InferenceResponse(outputs, Map.of(), Set.of());
        String inputs = "'inputs':[" + X + "," + S + "]";
        PredictRequest asked =
                read("{'id':'7','parameters':{'binary_data_output':true}," + inputs + "}", X_DATA, S_DATA);
        ResponseBody target = ResponseBody.onHeap();
        OptionalInt length = InferResponseWriter.write(ModelRef.of("m", 3), asked, response, target);
        byte[] written = target.toArray();
        String json = new String(written, 0, length.orElseThrow(), UTF_8);
        assertThat(json)
                .isEqualTo(quoted("{'model_name':'m','model_version':'3','id':'7','outputs':["
                        + "{'name':'y','datatype':'FP32','shape':[2],'parameters':{'binary_data_size':8}},"
                        + "{'name':'z','datatype':'BYTES','shape':[2],'parameters':{'binary_data_size':11}}]}"));
        assertThat(Arrays.copyOfRange(written, json.length(), written.length))
                .isEqualTo(body("", floats(1.5f, -2), S_DATA));
        ResponseBody all = ResponseBody.onHeap();
        assertThat(InferResponseWriter.write(ModelRef.of("m", 3), asked.inJson(), response, all))
                .isEmpty();
        assertThat(new String(all.toArray(), UTF_8))
                .isEqualTo(quoted("{'model_name':'m','model_version':'3','id':'7','outputs':["
                        + "{'name':'y','datatype':'FP32','shape':[2],'data':[1.5,-2.0]},"
                        + "{'name':'z','datatype':'BYTES','shape':[2],'data':['a','é']}]}"));
    }

    private static String quoted(String json) {
        return json.replace('\'', '"');
    }

    private static PredictRequest read(String json, byte[]... behind) {
        return read(Signatures.TWO_INPUTS, json, behind);
    }

    private static PredictRequest read(ModelSignature signature, String json, byte[]... behind) {
        String text = quoted(json);
        return PredictRequestReader.readInfer(
                InferBody.of(RequestBody.of(body(text, behind)), OptionalInt.of(text.getBytes(UTF_8).length)),
                signature,
                TensorMemory.collected());
    }

    private static PredictRequest readInfer(byte[] body, OptionalInt jsonLength) {
        return PredictRequestReader.readInfer(
                InferBody.of(RequestBody.of(body), jsonLength), Signatures.TWO_INPUTS, TensorMemory.collected());
    }

    private static InferenceException refused(String json, byte[]... behind) {
        return catchThrowableOfType(InferenceException.class, () -> read(json, behind));
    }

    private static float[] numbers(PredictRequest request) {
        ByteBuffer data = ((Tensor.Numbers)
                        Objects.requireNonNull(request.inference().inputs().get("x")))
                .data();
        float[] values = new float[data.remaining() / 4];
        data.asFloatBuffer().get(values);
        return values;
    }

    private static byte[] numbersOf(PredictRequest request) {
        return BinaryBodies.data(
                Objects.requireNonNull(request.inference().inputs().get("x")));
    }

    private static List<String> strings(PredictRequest request) {
        return ((Tensor.Strings)
                        Objects.requireNonNull(request.inference().inputs().get("s")))
                .elements();
    }
}
