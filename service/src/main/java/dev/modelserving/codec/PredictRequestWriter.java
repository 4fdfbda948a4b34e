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
        ResponseBody body = ResponseBody.onHeap();
        JsonBytes json = new JsonBytes(body);
        PredictRequestWriter writer = new PredictRequestWriter(json);
        json.put(TENSORS);
        request.inputs().forEach(writer::writeTensor);
        json.put(END_TENSORS);
        json.finish();
        return body.toArray();
    }

    /** A document in UTF-8 with a nested array for each input. */
    public static byte[] columns(InferenceRequest request) {
        ResponseBody body = ResponseBody.onHeap();
        JsonBytes json = new JsonBytes(body);
        PredictRequestWriter writer = new PredictRequestWriter(json);
        json.put(COLUMNS);
        request.inputs().forEach(writer::writeColumn);
        json.put(END_COLUMNS);
        json.finish();
        return body.toArray();
    }

    private void writeTensor(String name, Tensor tensor) {
        separate(written++);
        elements.beginTensor(name, tensor);
        json.put(DATA);
        elements.writeFlat(tensor);
        json.put('}');
    }

    private void writeColumn(String name, Tensor tensor) {
        separate(written++);
        json.putString(name);
        json.put(':');
        elements.writeNested(tensor);
    }

    private void separate(int index) {
        if (index > 0) {
            json.put(',');
        }
    }
}
