package dev.modelserving.codec;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import dev.modelserving.model.Excerpt;
import dev.modelserving.model.InferenceException;
import dev.modelserving.model.InferenceRequest;
import dev.modelserving.model.ModelSignature;
import dev.modelserving.model.Shape;
import dev.modelserving.model.Tensor;
import dev.modelserving.model.TensorMemory;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Reads the body of a prediction, in any {@link BodyForm}, against a model's signature: what it returns can be run. The
 * elements go straight into the tensors' memory. Fields that no form names are ignored.
 */
public final class PredictRequestReader {
    private static final String INPUTS = "inputs";
    private static final String INSTANCES = "instances";
    private static final int KEYS_SHOWN = 5;

    private final TensorRoom room;
    private final JsonParser parser;
    private final ModelSignature signature;
    private final TensorReader oip;

    /** In a request of the Open Inference Protocol's own paths, which has no other form. */
    private final Optional<BinaryData> binary;

    private final Problems problems;
    private final List<String> outputs = new ArrayList<>();
    private final Map<String, Boolean> binaryOutputs = new HashMap<>();
    private final List<String> keys = new ArrayList<>();
    private @Nullable BodyForm form;
    private @Nullable String id;
    private Map<String, Tensor> inputs = Map.of();
    private long rows;
    private boolean isBinaryByDefault;

    private PredictRequestReader(
            RequestBody body,
            JsonParser parser,
            ModelSignature signature,
            TensorMemory memory,
            Optional<BinaryData> binary,
            Problems problems) {
        this.room = new TensorRoom(memory, body.length());
        this.parser = parser;
        this.signature = signature;
        this.problems = problems;
        this.binary = binary;
        this.oip = TensorReader.ofInputs(body, memory, binary, INPUTS, signature.inputs(), problems);
    }

    /**
     * Reads the whole of {@code body}. What it allocates is bounded by the body's length.
     *
     * @param memory where the tensors may lie, which then has to stay as long as they are used
     * @see #read(RequestBody, ModelSignature)
     */
    public static PredictRequest read(RequestBody body, ModelSignature signature, TensorMemory memory) {
        return PlainRequestReader.read(body, signature, memory).orElseGet(() -> readAny(body, signature, memory));
    }

    /**
     * Reads the whole of {@code body}. What it allocates is bounded by the body's length.
     *
     * @param body JSON in UTF-8
     * @throws InferenceException INVALID_INPUT with every fault of the request
     */
    public static PredictRequest read(RequestBody body, ModelSignature signature) {
        return readAny(body, signature, TensorMemory.collected());
    }

    /**
     * Reads the body of an inference request of the Open Inference Protocol, in JSON, binary, or both.
     *
     * @param memory where the tensors may lie, which then has to stay as long as they are used
     * @throws InferenceException INVALID_INPUT with every fault of the request
     */
    public static PredictRequest readInfer(InferBody body, ModelSignature signature, TensorMemory memory) {
        if (body.isRaw()) {
            return RawRequestReader.read(body.whole(), signature, memory);
        }
        if (body.isJsonOnly()) {
            Optional<PredictRequest> plain = PlainRequestReader.read(body.json(), signature, memory);
            if (plain.filter(read -> read.form() == BodyForm.OIP).isPresent()) {
                return plain.get();
            }
        }
        Problems problems = new Problems();
        BinaryData binary = new BinaryData(body.whole(), body.json().length(), memory, problems);
        return Json.read(
                body.json(),
                problems,
                parser -> new PredictRequestReader(
                                body.json(), parser, signature, memory, Optional.of(binary), problems)
                        .document());
    }

    private static PredictRequest readAny(RequestBody body, ModelSignature signature, TensorMemory memory) {
        Problems problems = new Problems();
        return Json.read(
                body,
                problems,
                parser -> new PredictRequestReader(body, parser, signature, memory, Optional.empty(), problems)
                        .document());
    }

    private PredictRequest document() throws IOException {
        if (parser.nextToken() != JsonToken.START_OBJECT) {
            problems.add("body", "is", "a JSON object", parser.currentToken() == null ? "empty" : Json.kind(parser));
            problems.throwIfAny();
        }
        while (parser.nextToken() != JsonToken.END_OBJECT) {
            String field = parser.currentName();
            parser.nextToken();
            switch (field) {
                case "id" -> readId();
                case INPUTS -> readInputs();
                case INSTANCES -> readInstances();
                case "outputs" -> readOutputs();
                case "parameters" -> readParameters();
                default -> ignore(field);
            }
        }
        if (form == null) {
            String came = keys.isEmpty() ? "neither" : "only " + keys.subList(0, Math.min(keys.size(), KEYS_SHOWN));
            String expected = binary.isPresent()
                    ? "inputs, an array of tensors"
                    : "inputs (the Open Inference Protocol, or columns) or instances (rows)";
            problems.add("body", "has", expected, came);
            oip.none();
        }
        binary.ifPresent(BinaryData::requireEnd);
        SharedAxes.check(signature.inputs(), shapes(), problems);
        EmptyInputs.check(signature, shapes(), problems);
        return new PredictRequest(
                form == null ? BodyForm.OIP : form,
                rows,
                id,
                new InferenceRequest(inputs, outputs),
                new BinaryOutputs(isBinaryByDefault, binaryOutputs));
    }

    private Map<String, Shape> shapes() {
        if (form == BodyForm.OIP) {
            return oip.shapes();
        }
        Map<String, Shape> shapes = new LinkedHashMap<>();
        inputs.forEach((name, tensor) -> shapes.put(name, tensor.shape()));
        return shapes;
    }

    private void readInputs() throws IOException {
        ColumnsReader columns = new ColumnsReader(parser, signature.inputs(), room, problems);
        if (form != null) {
            refuseSecondForm();
        } else if (binary.isPresent()) {
            form = BodyForm.OIP;
            inputs = oip.readAll(parser);
        } else if (parser.currentToken() == JsonToken.START_OBJECT) {
            form = BodyForm.COLUMNS;
            inputs = columns.readNamed();
        } else if (parser.currentToken() != JsonToken.START_ARRAY) {
            form = BodyForm.COLUMNS;
            inputs = columns.readOnly(false);
        } else {
            JsonToken first = parser.nextToken();
            boolean tensors = first == JsonToken.START_OBJECT || first == JsonToken.END_ARRAY;
            form = tensors ? BodyForm.OIP : BodyForm.COLUMNS;
            inputs = tensors ? oip.readEntered(parser) : columns.readOnly(true);
        }
    }

    private void readInstances() throws IOException {
        if (binary.isPresent()) {
            ignore(INSTANCES);
            return;
        }
        if (form != null) {
            refuseSecondForm();
            return;
        }
        form = BodyForm.ROWS;
        RowsReader reader = new RowsReader(parser, signature.inputs(), room, problems);
        inputs = reader.read();
        rows = reader.rows();
    }

    private void refuseSecondForm() throws IOException {
        problems.add("body", "has", "either inputs or instances", "both");
        parser.skipChildren();
    }

    private void readId() throws IOException {
        if (parser.currentToken() == JsonToken.VALUE_STRING && Unicode.isWellFormed(parser.getText())) {
            id = parser.getText();
        } else if (parser.currentToken() != JsonToken.VALUE_NULL) {
            String actual = parser.currentToken() == JsonToken.VALUE_STRING
                    ? Excerpt.quoted(parser.getText())
                    : Json.kind(parser);
            problems.add("id", "is", "a string", actual);
            parser.skipChildren();
        }
    }

    private void readParameters() throws IOException {
        if (binary.isEmpty()) {
            ignore("parameters");
            return;
        }
        isBinaryByDefault = readFlag("body", "binary_data_output").orElse(false);
    }

    private void ignore(String field) throws IOException {
        keys.add(Excerpt.of(field));
        parser.skipChildren();
    }

    /** The parameter of that name of those at the parser's place. */
    private Optional<Boolean> readFlag(String where, String name) throws IOException {
        Optional<Boolean> flag = Optional.empty();
        if (binary.isEmpty()) {
            parser.skipChildren();
        } else if (Parameters.begin(parser, where, problems)) {
            while (Parameters.next(parser, name)) {
                if (parser.currentToken().isBoolean()) {
                    flag = Optional.of(parser.getBooleanValue());
                } else {
                    problems.add(where, name + " is", "true or false", Json.kind(parser));
                    parser.skipChildren();
                }
            }
        }
        return flag;
    }

    private void readOutputs() throws IOException {
        if (parser.currentToken() != JsonToken.START_ARRAY) {
            problems.add("outputs", "is", "an array of objects with a name", Json.kind(parser));
            parser.skipChildren();
            return;
        }
        for (int index = 0; parser.nextToken() != JsonToken.END_ARRAY; index++) {
            readOutput("outputs[" + index + "]");
        }
    }

    private void readOutput(String where) throws IOException {
        if (parser.currentToken() != JsonToken.START_OBJECT) {
            problems.add(where, "is", "an object with a name", Json.kind(parser));
            parser.skipChildren();
            return;
        }
        String name = null;
        Optional<Boolean> isBinary = Optional.empty();
        while (parser.nextToken() != JsonToken.END_OBJECT) {
            String field = parser.currentName();
            parser.nextToken();
            if (field.equals("name") && parser.currentToken() == JsonToken.VALUE_STRING) {
                name = parser.getText();
            } else if (field.equals("parameters")) {
                isBinary = readFlag(where, "binary_data");
            } else {
                parser.skipChildren();
            }
        }
        if (name == null || signature.output(name).isEmpty()) {
            String actual = name == null ? "missing" : Excerpt.quoted(name);
            problems.add(where, "name is", "one of " + signature.outputNames(), actual);
        } else if (outputs.contains(name)) {
            problems.add(where, "asks for an output again:", "each output once", Excerpt.quoted(name));
        } else {
            outputs.add(name);
            String asked = name;
            isBinary.ifPresent(said -> binaryOutputs.put(asked, said));
        }
    }
}
