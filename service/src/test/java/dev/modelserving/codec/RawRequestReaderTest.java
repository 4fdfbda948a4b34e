package dev.modelserving.codec;

import static dev.modelserving.codec.BinaryBodies.floats;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.modelserving.model.InferenceException;
import dev.modelserving.model.ModelSignature;
import dev.modelserving.model.Shape;
import dev.modelserving.model.Tensor;
import dev.modelserving.model.TensorMemory;
import dev.modelserving.model.TensorType;
import java.util.Objects;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;

/** "Raw Binary Request" of the Open Inference Protocol's binary extension. */
class RawRequestReaderTest {
    @Test
    void readsARawBodyAsTheOnlyInput() {
        PredictRequest request = PredictRequestReader.readInfer(
                InferBody.of(RequestBody.of(floats(1, 2, 3, 4)), OptionalInt.of(0)),
                Signatures.one(TensorType.FP32, -1, 2),
                TensorMemory.collected());
        Tensor tensor = Objects.requireNonNull(request.inference().inputs().get("x"));
        assertThat(tensor.shape()).isEqualTo(Shape.of(2, 2));
        assertThat(request.forms().isBinary("y")).isTrue();
    }

    @Test
    void refusesARawBodyThatSaysTooLittle() {
        assertThat(rawRefused(floats(1), Signatures.TWO_INPUTS))
                .hasMessageContaining(
                        "body is raw, without JSON: a model with 2 inputs (expected: a model with one input)");
        assertThat(rawRefused(floats(1), Signatures.one(TensorType.FP32, -1, -1)))
                .hasMessageContaining(
                        "has a shape that a raw body does not tell: [-1, -1] (expected: at most one open size)");
        assertThat(rawRefused(floats(1, 2, 3), Signatures.one(TensorType.FP32, -1, 2)))
                .hasMessageContaining("binary data has 12 bytes (expected: 8 bytes (FP32 [1, 2], 4 bytes each))");
    }

    private static InferenceException rawRefused(byte[] body, ModelSignature signature) {
        return catchThrowableOfType(
                InferenceException.class,
                () -> PredictRequestReader.readInfer(
                        InferBody.of(RequestBody.of(body), OptionalInt.of(0)), signature, TensorMemory.collected()));
    }
}
