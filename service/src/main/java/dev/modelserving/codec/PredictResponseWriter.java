package dev.modelserving.codec;

import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.util.ByteArrayBuilder;
import dev.modelserving.model.ClassLabels;
import dev.modelserving.model.InferenceException;
import dev.modelserving.model.InferenceException.Problem;
import dev.modelserving.model.InferenceResponse;
import dev.modelserving.model.ModelRef;
import dev.modelserving.model.Tensor;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Writes the answer to a {@link PredictRequest}, in the form of the request. */
public final class PredictResponseWriter {
    private final JsonGenerator json;
    private final ElementWriter elements;
    private final InferenceResponse response;

    private PredictResponseWriter(JsonGenerator json, InferenceResponse response) {
        this.json = json;
        this.elements = new ElementWriter(json);
        this.response = response;
    }

    /**
     * The answer in UTF-8, with {@code model_id}, {@code model_version} and {@code id} before the outputs.
     *
     * @param id where the request has none
     * @throws InferenceException INVALID_INPUT when rows were asked for and an output has not one value for each
     */
    public static byte[] write(ModelRef ref, PredictRequest request, String id, InferenceResponse response) {
        ByteArrayBuilder bytes = new ByteArrayBuilder();
        try (JsonGenerator json = Json.FACTORY.createGenerator(bytes)) {
            PredictResponseWriter writer = new PredictResponseWriter(json, response);
            json.writeStartObject();
            json.writeStringField("model_id", ref.id().value());
            json.writeNumberField("model_version", ref.version().value());
            json.writeStringField("id", request.id().orElse(id));
            switch (request.form()) {
                case OIP -> writer.writeTensors();
                case ROWS -> writer.writeRows(request.rows());
                case COLUMNS -> writer.writeColumns();
            }
            json.writeEndObject();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return bytes.toByteArray();
    }

    private void writeTensors() throws IOException {
        json.writeArrayFieldStart("outputs");
        for (Map.Entry<String, Tensor> output : response.outputs().entrySet()) {
            Tensor tensor = output.getValue();
            json.writeStartObject();
            json.writeStringField("name", output.getKey());
            json.writeStringField("datatype", tensor.type().name());
            json.writeFieldName("shape");
            long[] shape = tensor.shape().toArray();
            json.writeArray(shape, 0, shape.length);
            Optional<ClassLabels> classes = classes(output.getKey());
            if (classes.isPresent()) {
                json.writeFieldName("parameters");
                writeClasses(classes.get());
            }
            json.writeFieldName("data");
            elements.writeFlat(tensor);
            json.writeEndObject();
        }
        json.writeEndArray();
    }

    private void writeRows(long rows) throws IOException {
        List<Problem> problems = response.outputs().entrySet().stream()
                .filter(output -> !hasRows(output.getKey(), output.getValue(), rows))
                .map(output -> new Problem(
                        output.getKey(),
                        "is an output of this model that has not one value for each row:",
                        "[" + rows + ", ...] for rows; ask with columns, {\"inputs\":{...}}",
                        output.getValue().shape().toString()))
                .toList();
        if (!problems.isEmpty()) {
            throw InferenceException.invalid(problems);
        }
        json.writeArrayFieldStart("predictions");
        for (int row = 0; row < rows; row++) {
            writeRow(row);
        }
        json.writeEndArray();
    }

    private boolean hasRows(String output, Tensor tensor, long rows) {
        return tensor.shape().rank() > 0
                && tensor.shape().dimension(0) == rows
                && !response.sequences().contains(output);
    }

    private void writeRow(int row) throws IOException {
        boolean several = response.outputs().size() != 1;
        if (several) {
            json.writeStartObject();
        }
        for (Map.Entry<String, Tensor> output : response.outputs().entrySet()) {
            if (several) {
                json.writeFieldName(output.getKey());
            }
            Optional<ClassLabels> classes = classes(output.getKey());
            if (classes.isPresent()) {
                elements.writeRow(output.getValue(), row, classes.get());
            } else {
                elements.writeRow(output.getValue(), row);
            }
        }
        if (several) {
            json.writeEndObject();
        }
    }

    /** Beside the arrays stands what their columns are, where the model says so. */
    private void writeColumns() throws IOException {
        json.writeObjectFieldStart("outputs");
        for (Map.Entry<String, Tensor> output : response.outputs().entrySet()) {
            json.writeFieldName(output.getKey());
            elements.writeNested(output.getValue());
        }
        json.writeEndObject();
        if (!response.classes().isEmpty()) {
            json.writeObjectFieldStart("parameters");
            for (String name : response.outputs().keySet()) {
                Optional<ClassLabels> classes = classes(name);
                if (classes.isPresent()) {
                    json.writeFieldName(name);
                    writeClasses(classes.get());
                }
            }
            json.writeEndObject();
        }
    }

    private Optional<ClassLabels> classes(String output) {
        return Optional.ofNullable(response.classes().get(output));
    }

    private void writeClasses(ClassLabels classes) throws IOException {
        json.writeStartObject();
        json.writeArrayFieldStart("classes");
        for (String name : classes.names()) {
            if (classes.integers()) {
                json.writeNumber(Long.parseLong(name));
            } else {
                json.writeString(name);
            }
        }
        json.writeEndArray();
        json.writeEndObject();
    }
}
