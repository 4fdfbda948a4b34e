package dev.modelserving.runtime;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.modelserving.SampleFolders;
import dev.modelserving.model.InferenceException;
import dev.modelserving.model.InferenceException.Kind;
import dev.modelserving.model.InferenceRequest;
import dev.modelserving.model.InferenceResponse;
import dev.modelserving.model.ModelSignature;
import dev.modelserving.model.OperatorLimits;
import dev.modelserving.model.Shape;
import dev.modelserving.model.Tensor;
import dev.modelserving.model.TensorSpec;
import dev.modelserving.model.TensorType;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class OrtModelTest {
    private static final Path IRIS = SampleFolders.IRIS_1.resolve("model.onnx");

    @TempDir
    private Path directory;

    @Test
    void knowsWhatTheModelTakesAndGives() throws Exception {
        try (OrtModel model = OrtModel.load(IRIS)) {
            assertThat(model.signature())
                    .isEqualTo(new ModelSignature(
                            List.of(new TensorSpec("features", TensorType.FP32, Shape.of(-1, 4))),
                            List.of(
                                    new TensorSpec("label", TensorType.INT64, Shape.of(-1)),
                                    new TensorSpec("probabilities", TensorType.FP32, Shape.of(-1, 3)))));
        }
    }

    @Test
    void givesOnlyTheOutputsThatAreAskedForInTheirOrder() throws Exception {
        try (OrtModel model = OrtModel.load(IRIS)) {
            assertThat(run(model, List.of("probabilities", "label")).outputs().keySet())
                    .containsExactly("probabilities", "label");
            assertThat(run(model, List.of("label")).outputs().keySet()).containsExactly("label");
            assertThat(run(model, List.of()).outputs().keySet()).containsExactly("label", "probabilities");
        }
    }

    @Test
    void answersForNoRows() throws Exception {
        try (OrtModel model = OrtModel.load(IRIS)) {
            Tensor none = new Tensor.Numbers(TensorType.FP32, Shape.of(0, 4), direct(0));
            InferenceResponse response =
                    model.run(new InferenceRequest(Map.of("features", none), List.of()), new RunInterrupt());
            assertThat(response.outputs().get("probabilities").shape()).isEqualTo(Shape.of(0, 3));
        }
    }

    @Test
    void doesNotRunWhatWasInterruptedBefore() throws Exception {
        try (OrtModel model = OrtModel.load(IRIS)) {
            RunInterrupt interrupt = new RunInterrupt();
            interrupt.interrupt();
            assertThatThrownBy(() -> model.run(iris(List.of()), interrupt))
                    .isInstanceOfSatisfying(
                            InferenceException.class, e -> assertThat(e.kind()).isEqualTo(Kind.DEADLINE_EXCEEDED));
        }
    }

    @Test
    void tellsTheCallerWhatTheRuntimeRefused() throws Exception {
        try (OrtModel model = OrtModel.load(IRIS)) {
            Tensor wrong = new Tensor.Numbers(TensorType.FP32, Shape.of(1, 3), direct(12));
            assertThatThrownBy(() ->
                            model.run(new InferenceRequest(Map.of("features", wrong), List.of()), new RunInterrupt()))
                    .isInstanceOfSatisfying(
                            InferenceException.class, e -> assertThat(e.kind()).isEqualTo(Kind.INVALID_INPUT))
                    .hasMessageContaining("Got: 3 Expected: 4");
        }
    }

    @Test
    void saysWhyAFileIsNoModelWithoutItsPath() throws Exception {
        Path file = Files.writeString(directory.resolve("model.onnx"), "not a model");
        assertThatThrownBy(() -> OrtModel.load(file))
                .isInstanceOf(ModelLoadException.class)
                .hasMessageContaining("Protobuf parsing failed")
                .message()
                .doesNotContain(directory.toString());
        assertThatThrownBy(() -> OrtModel.load(directory.resolve("absent.onnx")))
                .isInstanceOf(ModelLoadException.class);
    }

    /** Each of these would crash the process if it came as far as native code. */
    @Test
    void letsNothingThroughThatCrashesTheRuntime() throws Exception {
        assertThatThrownBy(() -> new Tensor.Strings(Shape.of(2), Arrays.asList("a", null)))
                .isInstanceOf(NullPointerException.class);
        assertThatThrownBy(() -> new Tensor.Numbers(TensorType.FP32, Shape.of(1, 4), ByteBuffer.allocateDirect(16)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("native byte order");
        OrtModel closed = OrtModel.load(IRIS);
        closed.close();
        assertThatThrownBy(() -> run(closed, List.of())).isInstanceOf(IllegalStateException.class);
    }

    @Test
    void knowsWhichOperatorsCannotTakeATensorWithoutElements() throws Exception {
        Path silero = SampleFolders.IRIS_1.resolve("../../silero-vad/1/model.onnx");
        assertThat(OnnxOperators.in(IRIS)).containsExactly("LinearClassifier", "Normalizer", "Scaler");
        assertThat(OnnxOperators.limits(IRIS)).isEqualTo(OperatorLimits.NONE);
        assertThat(OnnxOperators.limits(silero).needRows()).containsExactly("LSTM");
        assertThat(OnnxOperators.limits(silero).needElements()).containsExactly("Conv", "LSTM");
    }

    @Test
    void copiesOutputsSoThatTheyOutliveTheRun() throws Exception {
        InferenceResponse response;
        try (OrtModel model = OrtModel.load(IRIS)) {
            response = run(model, List.of("label"));
            run(model, List.of("label"));
        }
        Tensor.Numbers label = (Tensor.Numbers) response.outputs().get("label");
        assertThat(label.data().isDirect()).isFalse();
        assertThat(label.data().getLong(0)).isEqualTo(1);
    }

    private static InferenceResponse run(OrtModel model, List<String> outputs) {
        return model.run(iris(outputs), new RunInterrupt());
    }

    private static InferenceRequest iris(List<String> outputs) {
        ByteBuffer data = direct(16);
        data.putFloat(6.7f).putFloat(3.1f).putFloat(4.4f).putFloat(1.4f).flip();
        return new InferenceRequest(
                Map.of("features", new Tensor.Numbers(TensorType.FP32, Shape.of(1, 4), data)), outputs);
    }

    private static ByteBuffer direct(int bytes) {
        return ByteBuffer.allocateDirect(bytes).order(ByteOrder.nativeOrder());
    }
}
