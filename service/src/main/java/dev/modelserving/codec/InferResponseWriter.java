package dev.modelserving.codec;

import dev.modelserving.model.ClassLabels;
import dev.modelserving.model.InferenceResponse;
import dev.modelserving.model.ModelRef;
import dev.modelserving.model.Tensor;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * Writes the answer to an inference request of the Open Inference Protocol: a JSON object, and behind it those outputs that
 * are wanted as binary data, little-endian and row-major, in the order of the JSON.
 */
public final class InferResponseWriter {
    private static final byte[] MODEL_NAME = JsonBytes.literal("{'model_name':");
    private static final byte[] MODEL_VERSION = JsonBytes.literal(",'model_version':");
    private static final byte[] ID = JsonBytes.literal(",'id':");
    private static final byte[] OUTPUTS = JsonBytes.literal(",'outputs':[");
    private static final byte[] END = JsonBytes.literal("]}");

    private InferResponseWriter() {}

    /**
     * Writes the JSON in UTF-8, without a line end, and the binary data. What it takes of the heap does not grow with the
     * elements, but for strings.
     *
     * @return how many bytes of JSON there are when binary data comes behind it
     */
    public static OptionalInt write(
            ModelRef ref, PredictRequest request, InferenceResponse computed, ResponseBody target) {
        InferenceResponse response = request.forms().classified(computed);
        List<ByteBuffer> binary = new ArrayList<>(0);
        JsonBytes json = new JsonBytes(target);
        json.put(MODEL_NAME);
        json.putString(ref.id().value());
        json.put(MODEL_VERSION);
        json.putString(ref.version().toString());
        request.id().ifPresent(id -> {
            json.put(ID);
            json.putString(id);
        });
        json.put(OUTPUTS);
        OutputTensors tensors = new OutputTensors(json);
        int index = 0;
        for (Map.Entry<String, Tensor> output : response.outputs().entrySet()) {
            json.separate(index++);
            String name = output.getKey();
            Tensor tensor = output.getValue();
            Optional<ClassLabels> classes =
                    Optional.ofNullable(response.classes().get(name));
            if (request.forms().isBinary(name)) {
                ByteBuffer data = data(tensor);
                tensors.writeBinary(name, tensor, classes, data.remaining());
                binary.add(data);
            } else {
                tensors.write(name, tensor, classes);
            }
        }
        json.put(END);
        json.finish();
        if (binary.isEmpty()) {
            return OptionalInt.empty();
        }
        int length = target.length();
        binary.forEach(target::append);
        return OptionalInt.of(length);
    }

    /** The elements in binary; those of numbers are not copied. */
    static ByteBuffer data(Tensor tensor) {
        if (tensor instanceof Tensor.Numbers numbers) {
            return numbers.data().duplicate();
        }
        List<byte[]> elements = ((Tensor.Strings) tensor)
                .elements().stream()
                        .map(element -> element.getBytes(StandardCharsets.UTF_8))
                        .toList();
        long size = elements.stream()
                .mapToLong(element -> Integer.BYTES + element.length)
                .sum();
        ByteBuffer data = ByteBuffer.allocate(Math.toIntExact(size)).order(ByteOrder.LITTLE_ENDIAN);
        elements.forEach(element -> data.putInt(element.length).put(element));
        return data.flip();
    }
}
