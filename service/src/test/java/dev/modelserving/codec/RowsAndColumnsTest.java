package dev.modelserving.codec;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.modelserving.model.ClassLabels;
import dev.modelserving.model.InferenceException;
import dev.modelserving.model.InferenceResponse;
import dev.modelserving.model.ModelRef;
import dev.modelserving.model.ModelSignature;
import dev.modelserving.model.Shape;
import dev.modelserving.model.Tensor;
import dev.modelserving.model.TensorSpec;
import dev.modelserving.model.TensorType;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RowsAndColumnsTest {
    private static final ModelSignature TABLE = new ModelSignature(
            List.of(
                    new TensorSpec("age", TensorType.FP32, Shape.of(-1, 1)),
                    new TensorSpec("name", TensorType.BYTES, Shape.of(-1, 1))),
            List.of());
    private static final ModelSignature IMAGE =
            new ModelSignature(List.of(new TensorSpec("image", TensorType.INT32, Shape.of(-1, 2, 2))), List.of());

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "ROWS    | {'instances':[{'age':[1],'name':['a']},{'name':['b'],'age':[2]}]}",
                "ROWS    | {'instances':[{'age':1,'name':'a'},{'name':'b','age':2}]}",
                "ROWS    | {'dataframe_records':[{'age':1,'name':'a'},{'name':'b','age':2}]}",
                "ROWS    | {'dataframe_split':{'columns':['name','age'],'data':[['a',1],['b',2]]}}",
                "ROWS    | {'dataframe_split':{'data':[['a',1],['b',2]],'index':[7,8],'columns':['name','age']}}",
                "COLUMNS | {'inputs':{'name':[['a'],['b']],'age':[[1],[2]]}}",
                "COLUMNS | {'inputs':{'name':['a','b'],'age':[1,2]}}"
            })
    void giveTheSameTensorsAndMayLeaveOutDimensionsOfOne(BodyForm form, String body) {
        PredictRequest request = read(body, TABLE);
        assertThat(request.form()).isEqualTo(form);
        Map<String, Tensor> inputs = request.inference().inputs();
        assertThat(inputs.get("name")).isEqualTo(new Tensor.Strings(Shape.of(2, 1), List.of("a", "b")));
        Tensor.Numbers age = (Tensor.Numbers) Objects.requireNonNull(inputs.get("age"));
        assertThat(age.shape()).isEqualTo(Shape.of(2, 1));
        assertThat(age.data().asFloatBuffer()).isEqualTo(floats(1, 2).asFloatBuffer());
    }

    @Test
    void takesTheColumnsOfATableAsTheValuesOfAnOnlyInput() {
        ModelSignature matrix =
                new ModelSignature(List.of(new TensorSpec("features", TensorType.FP32, Shape.of(-1, 3))), List.of());
        PredictRequest request =
                read("{'dataframe_split':{'columns':['height','width',0],'data':[[1,2,3],[4,5,6]]}}", matrix);
        assertThat(request.rows()).isEqualTo(2);
        assertThat(((Tensor.Numbers) Objects.requireNonNull(
                                request.inference().inputs().get("features")))
                        .shape())
                .isEqualTo(Shape.of(2, 3));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "[]                                                  | dataframe_split is an array",
                "{}                                                  | dataframe_split.columns is missing",
                "{'columns':['age','name']}                          | dataframe_split.data is missing",
                "{'columns':'age','data':[]}                         | dataframe_split.columns is a string",
                "{'columns':['age',null],'data':[]}                  | dataframe_split.columns[1] is null",
                "{'columns':['age','size'],'data':[[1,2]]}           | dataframe_split.columns[1] is 'size'",
                "{'columns':['age','name','age'],'data':[]}          | dataframe_split.columns[2] is there again: 'age'",
                "{'columns':['age'],'data':[[1]]}                    | name is missing",
                "{'columns':['age','name'],'data':[[1,'a'],[2]]}     | dataframe_split.data[1] has 1",
                "{'columns':['age','name'],'data':[[1,'a',3]]}       | dataframe_split.data[0] has 3",
                "{'columns':['age','name'],'data':[{'age':1}]}       | dataframe_split.data[0] is an object",
                "{'columns':['age','name'],'data':[['a','b']]}       | age dataframe_split.data[0][0] is the string 'a'"
            })
    void refusesWhatIsNoTable(String table, String fault) {
        InferenceException failure =
                catchThrowableOfType(InferenceException.class, () -> read("{'dataframe_split':" + table + "}", TABLE));
        assertThat(failure).isNotNull();
        assertThat(failure.problems())
                .extracting(problem -> problem.input() + " " + problem.problem() + " " + problem.actual())
                .anyMatch(told -> told.startsWith(fault));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "{'instances':[[[1,2],[3,4]]]}                 | [1, 2, 2]",
                "{'instances':[{'image':[[1,2],[3,4]]}]}       | [1, 2, 2]",
                "{'inputs':[[[1,2],[3,4]],[[5,6],[7,8]]]}      | [2, 2, 2]",
                "{'inputs':{'image':[[[1,2],[3,4]]]}}          | [1, 2, 2]",
                "{'instances':[]}                              | [0, 2, 2]",
                "{'inputs':{'image':[]}}                       | [0, 2, 2]"
            })
    void takeTheOnlyInputWithItsNameOrWithout(String body, String shape) {
        Tensor image =
                Objects.requireNonNull(read(body, IMAGE).inference().inputs().get("image"));
        assertThat(image.shape()).hasToString(shape);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "{'inputs':{'image':[1,2]}}                    | shape [2] (expected: [-1, 2, 2])",
                "{'inputs':{'image':[[[1,2],[3]]]}}            | inputs.image[0][1] has another length",
                "{'instances':[1]}                             | shape [1] (expected: [-1, 2, 2])",
                "{'instances':[[[1,2],[3,4]],[[1,2]]]}         | instances[1] has another length"
            })
    void refuseValuesOfAnotherShape(String body, String problem) {
        InferenceException e = catchThrowableOfType(InferenceException.class, () -> read(body, IMAGE));
        assertThat(Objects.requireNonNull(e)).hasMessageContaining(problem);
    }

    @Test
    void haveOneNumberOfRowsForAllInputs() {
        InferenceException e = catchThrowableOfType(
                InferenceException.class, () -> read("{'inputs':{'age':[1,2,3],'name':['a','b']}}", TABLE));
        assertThat(Objects.requireNonNull(e))
                .hasMessage("input 'name': shape [2, 1] (expected: dimension 0 of 3, as input 'age' has)");
    }

    @Test
    void areChosenByWhatInputsIs() {
        assertThat(read("{'inputs':[{'name':'image','datatype':'INT32','shape':[0,2,2],'data':[]}]}", IMAGE)
                        .form())
                .isEqualTo(BodyForm.OIP);
        ModelSignature scalar =
                new ModelSignature(List.of(new TensorSpec("rate", TensorType.INT64, Shape.of())), List.of());
        PredictRequest bare = read("{'inputs':16000}", scalar);
        assertThat(bare.form()).isEqualTo(BodyForm.COLUMNS);
        assertThat(Objects.requireNonNull(bare.inference().inputs().get("rate")).shape())
                .isEqualTo(Shape.of());
    }

    @Test
    void areTheFormOfTheAnswer() {
        Map<String, Tensor> outputs = new LinkedHashMap<>();
        outputs.put("label", new Tensor.Strings(Shape.of(2), List.of("a", "b")));
        outputs.put("score", new Tensor.Numbers(TensorType.FP32, Shape.of(2, 2), floats(0.25f, 0.75f, 1, 0)));
        InferenceResponse response =
                new InferenceResponse(outputs, Map.of("score", new ClassLabels(List.of("9", "10"), true)), Set.of());

        assertThat(written("{'instances':[{'age':1,'name':'x'},{'age':2,'name':'y'}]}", response))
                .endsWith(",\"predictions\":[{\"label\":\"a\",\"score\":{\"9\":0.25,\"10\":0.75}},"
                        + "{\"label\":\"b\",\"score\":{\"9\":1.0,\"10\":0.0}}]}");
        assertThat(written("{'inputs':{'age':[1,2],'name':['x','y']}}", response))
                .endsWith(",\"outputs\":{\"label\":[\"a\",\"b\"],\"score\":[[0.25,0.75],[1.0,0.0]]},"
                        + "\"parameters\":{\"score\":{\"classes\":[9,10]}}}");
        InferenceResponse one = new InferenceResponse(Map.of("label", outputs.get("label")));
        assertThat(written("{'instances':[{'age':1,'name':'x'},{'age':2,'name':'y'}]}", one))
                .endsWith(",\"predictions\":[\"a\",\"b\"]}");
    }

    @Test
    void refuseToTellASequenceRowByRow() {
        Tensor two = new Tensor.Strings(Shape.of(1), List.of("a"));
        InferenceResponse sequence = new InferenceResponse(Map.of("parts", two), Map.of(), Set.of("parts"));
        InferenceException e = catchThrowableOfType(
                InferenceException.class, () -> written("{'instances':[{'age':1,'name':'x'}]}", sequence));
        assertThat(Objects.requireNonNull(e).problems().get(0).problem()).contains("not one value for each row");
    }

    private static String written(String body, InferenceResponse response) {
        ResponseBody answer = ResponseBody.onHeap();
        PredictResponseWriter.write(ModelRef.of("m", 1), read(body, TABLE), "id", response, answer);
        return new String(answer.toArray(), UTF_8);
    }

    private static PredictRequest read(String body, ModelSignature signature) {
        return PredictRequestReader.read(RequestBody.of(body.replace('\'', '"').getBytes(UTF_8)), signature);
    }

    private static ByteBuffer floats(float... values) {
        ByteBuffer buffer = ByteBuffer.allocate(values.length * Float.BYTES).order(ByteOrder.nativeOrder());
        for (float value : values) {
            buffer.putFloat(value);
        }
        return buffer.flip();
    }
}
