package dev.modelserving.jmh;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.modelserving.codec.PredictRequestReader;
import dev.modelserving.codec.RequestBody;
import dev.modelserving.model.InferenceRequest;
import dev.modelserving.model.InferenceResponse;
import dev.modelserving.model.ModelSignature;
import dev.modelserving.model.Shape;
import dev.modelserving.model.Tensor;
import dev.modelserving.model.TensorSpec;
import dev.modelserving.model.TensorType;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/** Models whose requests differ in size: what one caller sends, and what the model gives. */
public enum Traffic {
    IRIS(4, 3),
    MLP(784, 10),
    WIDE(150_000, 1_000);

    private final int inputs;
    private final int outputs;

    Traffic(int inputs, int outputs) {
        this.inputs = inputs;
        this.outputs = outputs;
    }

    ModelSignature signature() {
        return new ModelSignature(
                List.of(new TensorSpec("x", TensorType.FP32, Shape.of(-1, inputs))),
                List.of(new TensorSpec("y", TensorType.FP32, Shape.of(-1, outputs))));
    }

    /** One row in the Open Inference Protocol's form, numbers of four decimals. */
    RequestBody body() {
        SplittableRandom random = new SplittableRandom(7);
        String data = IntStream.range(0, inputs)
                .mapToObj(i -> String.format(Locale.ROOT, "%.4f", random.nextDouble()))
                .collect(Collectors.joining(","));
        String json = String.format(
                "{\"inputs\":[{\"name\":\"x\",\"shape\":[1,%d],\"datatype\":\"FP32\",\"data\":[%s]}]}", inputs, data);
        return RequestBody.of(json.getBytes(UTF_8));
    }

    /** What the body asks for. */
    InferenceRequest request() {
        return PredictRequestReader.read(body(), signature()).inference();
    }

    /** Probabilities with all the digits that a float has. */
    InferenceResponse response(int rows) {
        SplittableRandom random = new SplittableRandom(11);
        int count = rows * outputs;
        ByteBuffer data = ByteBuffer.allocateDirect(count * Float.BYTES).order(ByteOrder.nativeOrder());
        for (int i = 0; i < count; i++) {
            data.putFloat(i * Float.BYTES, (float) random.nextDouble());
        }
        return new InferenceResponse(Map.of("y", new Tensor.Numbers(TensorType.FP32, Shape.of(rows, outputs), data)));
    }
}
