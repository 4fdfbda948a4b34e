package dev.modelserving.oip;

import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.util.ByteArrayBuilder;
import dev.modelserving.model.InferenceResponse;
import dev.modelserving.model.ModelRef;
import dev.modelserving.model.Tensor;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.util.Map;

/**
 * Writes an inference response ("Inference Response JSON Object" of the protocol), with data flat in row-major order.
 * NaN and the infinities become the strings {@code "NaN"}, {@code "Infinity"}, {@code "-Infinity"}.
 */
public final class OipResponseWriter {
    private OipResponseWriter() {}

    /** The response in UTF-8, with {@code model_id}, {@code model_version} and {@code id} before the outputs. */
    public static byte[] write(ModelRef ref, String id, InferenceResponse response) {
        ByteArrayBuilder bytes = new ByteArrayBuilder();
        try (JsonGenerator json = Json.FACTORY.createGenerator(bytes)) {
            json.writeStartObject();
            json.writeStringField("model_id", ref.id().value());
            json.writeNumberField("model_version", ref.version().value());
            json.writeStringField("id", id);
            json.writeArrayFieldStart("outputs");
            for (Map.Entry<String, Tensor> output : response.outputs().entrySet()) {
                writeTensor(json, output.getKey(), output.getValue());
            }
            json.writeEndArray();
            json.writeEndObject();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return bytes.toByteArray();
    }

    private static void writeTensor(JsonGenerator json, String name, Tensor tensor) throws IOException {
        json.writeStartObject();
        json.writeStringField("name", name);
        json.writeStringField("datatype", tensor.type().name());
        json.writeFieldName("shape");
        long[] shape = tensor.shape().toArray();
        json.writeArray(shape, 0, shape.length);
        json.writeArrayFieldStart("data");
        if (tensor instanceof Tensor.Strings strings) {
            for (String element : strings.elements()) {
                json.writeString(element);
            }
        } else if (tensor instanceof Tensor.Numbers numbers) {
            writeNumbers(json, numbers);
        }
        json.writeEndArray();
        json.writeEndObject();
    }

    private static void writeNumbers(JsonGenerator json, Tensor.Numbers tensor) throws IOException {
        ByteBuffer data = tensor.data().duplicate().order(tensor.data().order());
        while (data.hasRemaining()) {
            switch (tensor.type()) {
                case BOOL -> json.writeBoolean(data.get() != 0);
                case INT8 -> json.writeNumber(data.get());
                case UINT8 -> json.writeNumber(Byte.toUnsignedInt(data.get()));
                case INT16 -> json.writeNumber(data.getShort());
                case INT32 -> json.writeNumber(data.getInt());
                case INT64 -> json.writeNumber(data.getLong());
                // Jackson writes the non-finite ones as strings, JSON having no numbers for them.
                case FP32 -> json.writeNumber(data.getFloat());
                case FP64 -> json.writeNumber(data.getDouble());
                case BYTES -> throw new IllegalStateException("strings are not numbers");
            }
        }
    }
}
