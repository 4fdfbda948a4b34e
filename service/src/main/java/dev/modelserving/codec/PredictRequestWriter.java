package dev.modelserving.codec;

import dev.modelserving.model.InferenceRequest;
import dev.modelserving.model.Tensor;

/** Writes a request as clients do, for {@link PredictRequestReader}. */
public final class PredictRequestWriter {
    private static final byte[] TENSORS = JsonBytes.literal("{'inputs':[");
    private static final byte[] DATA = JsonBytes.literal(",'data':");
    private static final byte[] END_TENSORS = JsonBytes.literal("]}");
    private static final byte[] COLUMNS = JsonBytes.literal("{'inputs':{");
    private static final byte[] END_COLUMNS = JsonBytes.literal("}}");

    private final JsonBytes json;
    private final ElementWriter elements;
    private int written;

    private PredictRequestWriter(JsonBytes json) {
        this.json = json;
        this.elements = new ElementWriter(json);
    }

    /** A document in UTF-8 with tensors as the Open Inference Protocol has them. */
    public static byte[] tensors(InferenceRequest request) {
        return write(request, TENSORS, PredictRequestWriter::writeTensor, END_TENSORS);
    }

    /** A document in UTF-8 with a nested array for each input. */
    public static byte[] columns(InferenceRequest request) {
        return write(request, COLUMNS, PredictRequestWriter::writeColumn, END_COLUMNS);
    }

    private interface InputWriter {
        void write(PredictRequestWriter to, String name, Tensor tensor);
    }

    private static byte[] write(InferenceRequest request, byte[] begin, InputWriter input, byte[] end) {
        ResponseBody body = ResponseBody.onHeap();
        JsonBytes json = new JsonBytes(body);
        PredictRequestWriter writer = new PredictRequestWriter(json);
        json.put(begin);
        request.inputs().forEach((name, tensor) -> {
            json.separate(writer.written++);
            input.write(writer, name, tensor);
        });
        json.put(end);
        json.finish();
        return body.toArray();
    }

    private void writeTensor(String name, Tensor tensor) {
        elements.beginTensor(name, tensor);
        json.put(DATA);
        elements.writeFlat(tensor);
        json.put('}');
    }

    private void writeColumn(String name, Tensor tensor) {
        json.putName(name);
        elements.writeNested(tensor);
    }
}
