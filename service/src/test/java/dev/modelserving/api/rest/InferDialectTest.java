package dev.modelserving.api.rest;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.modelserving.codec.BinaryBodies;
import dev.modelserving.codec.PredictRequest;
import dev.modelserving.codec.RequestBody;
import dev.modelserving.codec.ResponseBody;
import dev.modelserving.model.InferenceResponse;
import dev.modelserving.model.ModelRef;
import dev.modelserving.model.ModelSignature;
import dev.modelserving.model.Shape;
import dev.modelserving.model.Tensor;
import dev.modelserving.model.TensorMemory;
import dev.modelserving.model.TensorSpec;
import dev.modelserving.model.TensorType;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.OptionalInt;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** What the prediction log gets of bodies that are not JSON. */
class InferDialectTest {
    private static final ModelSignature SIGNATURE = new ModelSignature(
            List.of(new TensorSpec("x", TensorType.FP32, Shape.of(-1))),
            List.of(new TensorSpec("y", TensorType.FP32, Shape.of(-1))));
    private static final ModelRef MODEL = ModelRef.of("m", 3);

    @Test
    void tellsBinaryBodiesAsJson() throws IOException {
        String json = """
                {"id":"7","parameters":{"binary_data_output":true},\
                "inputs":[{"name":"x","shape":[2],"datatype":"FP32","parameters":{"binary_data_size":8}}]}""";
        RequestBody body = RequestBody.of(BinaryBodies.body(json, BinaryBodies.floats(1.5f, -2)));
        Dialect dialect = new InferDialect(OptionalInt.of(json.length()));
        PredictRequest asked = dialect.read(body, SIGNATURE, TensorMemory.collected());
        InferenceResponse response = response(asked);
        ResponseBody answer = ResponseBody.onHeap();
        assertThat(dialect.write(MODEL, asked, "r", response, answer)).isPresent();
        assertThat(text(dialect.inJson(asked, body)))
                .isEqualTo("{\"inputs\":[{\"name\":\"x\",\"datatype\":\"FP32\",\"shape\":[2],\"data\":[1.5,-2.0]}]}");
        assertThat(new String(dialect.inJson(MODEL, asked, response, answer).toArray(), UTF_8))
                .isEqualTo("{\"model_name\":\"m\",\"model_version\":\"3\",\"id\":\"7\",\"outputs\":["
                        + "{\"name\":\"y\",\"datatype\":\"FP32\",\"shape\":[2],\"data\":[1.5,-2.0]}]}");
    }

    @Test
    void tellsJsonAsItIs() {
        RequestBody body = RequestBody.of(
                "{\"inputs\":[{\"name\":\"x\",\"shape\":[1],\"datatype\":\"FP32\",\"data\":[1]}]}".getBytes(UTF_8));
        Dialect dialect = new InferDialect(OptionalInt.empty());
        PredictRequest asked = dialect.read(body, SIGNATURE, TensorMemory.collected());
        ResponseBody answer = ResponseBody.onHeap();
        assertThat(dialect.inJson(asked, body)).isSameAs(body);
        assertThat(dialect.inJson(MODEL, asked, response(asked), answer)).isSameAs(answer);
    }

    /** Of a model that gives back what it gets. */
    private static InferenceResponse response(PredictRequest asked) {
        Map<String, Tensor> outputs =
                Map.of("y", Objects.requireNonNull(asked.inference().inputs().get("x")));
        return new InferenceResponse(outputs, Map.of(), Set.of());
    }

    private static String text(RequestBody body) throws IOException {
        return new String(body.open(0).readAllBytes(), UTF_8);
    }
}
