package dev.modelserving.codec;

import dev.modelserving.model.ClassLabels;
import dev.modelserving.model.InferenceException;
import dev.modelserving.model.InferenceException.Problem;
import dev.modelserving.model.InferenceResponse;
import dev.modelserving.model.ModelRef;
import dev.modelserving.model.Tensor;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Writes the answer to a {@link PredictRequest}, in the form of the request. */
public final class PredictResponseWriter {
    private static final byte[] MODEL_ID = JsonBytes.literal("{'model_id':");
    private static final byte[] MODEL_VERSION = JsonBytes.literal(",'model_version':");
    private static final byte[] ID = JsonBytes.literal(",'id':");
    private static final byte[] TENSORS = JsonBytes.literal(",'outputs':[");
    private static final byte[] ROWS = JsonBytes.literal(",'predictions':[");
    private static final byte[] COLUMNS = JsonBytes.literal(",'outputs':{");
    private static final byte[] PARAMETERS = JsonBytes.literal(",'parameters':{");
    private static final byte[] COMMA = JsonBytes.literal(",");

    private final JsonBytes json;
    private final ElementWriter elements;
    private final OutputTensors tensors;
    private final List<Output> outputs;

    private record Output(
            String name, Tensor tensor, @Nullable ClassLabels classes) {}

    private PredictResponseWriter(JsonBytes json, InferenceResponse response) {
        this.json = json;
        this.elements = new ElementWriter(json);
        this.tensors = new OutputTensors(json);
        this.outputs = new ArrayList<>(response.outputs().size());
        response.outputs()
                .forEach((name, tensor) ->
                        outputs.add(new Output(name, tensor, response.classes().get(name))));
    }

    /**
     * Writes the answer in UTF-8, with {@code model_id}, {@code model_version} and {@code id} before the outputs, and without
     * a line end. What it takes of the heap does not grow with the elements.
     *
     * @param id where the request has none
     * @throws InferenceException INVALID_INPUT when rows were asked for and an output has not one value for each; nothing is
     *     written then
     */
    public static void write(
            ModelRef ref, PredictRequest request, String id, InferenceResponse computed, ResponseBody target) {
        InferenceResponse response = request.forms().classified(computed);
        if (request.form() == BodyForm.ROWS) {
            requireRows(request.rows(), response);
        }
        JsonBytes json = new JsonBytes(target);
        PredictResponseWriter writer = new PredictResponseWriter(json, response);
        json.put(MODEL_ID);
        json.putString(ref.id().value());
        json.put(MODEL_VERSION);
        json.putWhole(ref.version().value());
        json.put(ID);
        json.putString(request.id().orElse(id));
        switch (request.form()) {
            case OIP -> writer.writeTensors();
            case ROWS -> writer.writeRows(request.rows());
            case COLUMNS -> writer.writeColumns();
        }
        json.put('}');
        json.finish();
    }

    private static void requireRows(long rows, InferenceResponse response) {
        List<Problem> problems = new ArrayList<>(0);
        response.outputs().forEach((name, tensor) -> {
            boolean hasRows = tensor.shape().rank() > 0
                    && tensor.shape().dimension(0) == rows
                    && !response.sequences().contains(name);
            if (!hasRows) {
                problems.add(new Problem(
                        name,
                        "is an output of this model that has not one value for each row:",
                        "[" + rows + ", ...] for rows; ask with columns, {\"inputs\":{...}}",
                        tensor.shape().toString()));
            }
        });
        if (!problems.isEmpty()) {
            throw InferenceException.invalid(problems);
        }
    }

    private void writeTensors() {
        json.put(TENSORS);
        for (int index = 0; index < outputs.size(); index++) {
            json.separate(index);
            Output output = outputs.get(index);
            tensors.write(output.name(), output.tensor(), Optional.ofNullable(output.classes()));
        }
        json.put(']');
    }

    private void writeRows(long rows) {
        json.put(ROWS);
        for (int row = 0; row < rows; row++) {
            json.separate(row);
            if (outputs.size() == 1) {
                writeRow(outputs.get(0), row);
            } else {
                writeObject(row);
            }
        }
        json.put(']');
    }

    private void writeObject(int row) {
        json.put('{');
        for (int index = 0; index < outputs.size(); index++) {
            json.separate(index);
            json.putName(outputs.get(index).name());
            writeRow(outputs.get(index), row);
        }
        json.put('}');
    }

    private void writeRow(Output output, int row) {
        ClassLabels classes = output.classes();
        if (classes == null) {
            elements.writeRow(output.tensor(), row);
        } else {
            elements.writeRow(output.tensor(), row, classes);
        }
    }

    /** Beside the arrays stands what their columns are, where the model says so. */
    private void writeColumns() {
        json.put(COLUMNS);
        for (int index = 0; index < outputs.size(); index++) {
            json.separate(index);
            json.putName(outputs.get(index).name());
            elements.writeNested(outputs.get(index).tensor());
        }
        json.put('}');
        int labelled = 0;
        for (Output output : outputs) {
            ClassLabels classes = output.classes();
            if (classes != null) {
                json.put(labelled++ == 0 ? PARAMETERS : COMMA);
                json.putName(output.name());
                json.put('{');
                tensors.writeClasses(classes);
                json.put('}');
            }
        }
        if (labelled > 0) {
            json.put('}');
        }
    }
}
