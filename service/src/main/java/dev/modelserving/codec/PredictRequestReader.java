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
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Reads the body of a prediction, in any {@link BodyForm}, against a model's signature: what it returns can be run. The
 * elements go straight into the tensors' memory. Fields that no form names are ignored.
 */
public final class PredictRequestReader {
    private static final String INPUTS = "inputs";
    private static final String INSTANCES = "instances";
    private static final String RECORDS = "dataframe_records";
    private static final String SPLIT = "dataframe_split";
    private static final String TIMEOUT = "timeout";
    private static final String BINARY_OUTPUTS = "binary_data_output";
    private static final Set<String> REQUEST_PARAMETERS = Set.of(TIMEOUT, BINARY_OUTPUTS);
    private static final int KEYS_SHOWN = 5;

    private final RequestBody body;
    private final TensorRoom room;
    private final JsonParser parser;
    private final ModelSignature signature;
    private final TensorReader oip;

    /** In a request of the Open Inference Protocol's own paths, which has no other form. */
    private final Optional<BinaryData> binary;

    private final Problems problems;
    private final OutputsReader outputs;
    private final List<String> keys = new ArrayList<>();
    private @Nullable BodyForm form;
    private @Nullable String id;
    private Map<String, Tensor> inputs = Map.of();
    private long rows;
    private boolean isBinaryByDefault;
    private Optional<Duration> timeout = Optional.empty();

    private PredictRequestReader(
            RequestBody body,
            JsonParser parser,
            ModelSignature signature,
            TensorMemory memory,
            Optional<BinaryData> binary,
            Problems problems) {
        this.body = body;
        this.room = new TensorRoom(memory, body.length());
        this.parser = parser;
        this.signature = signature;
        this.problems = problems;
        this.binary = binary;
        this.outputs = new OutputsReader(parser, signature, binary.isPresent(), problems);
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
                case INSTANCES, RECORDS -> readRows(field);
                case SPLIT -> readDataframe();
                case "outputs" -> outputs.read();
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
                new InferenceRequest(inputs, outputs.names(), timeout),
                outputs.forms(isBinaryByDefault));
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

    private void readRows(String field) throws IOException {
        if (isRefused(field)) {
            return;
        }
        form = BodyForm.ROWS;
        RowsReader reader = new RowsReader(parser, signature.inputs(), room, problems);
        inputs = reader.read(field, List.of());
        rows = reader.rows();
    }

    private void readDataframe() throws IOException {
        if (isRefused(SPLIT)) {
            return;
        }
        form = BodyForm.ROWS;
        DataframeReader reader = new DataframeReader(body, parser, signature.inputs(), room, problems);
        inputs = reader.read();
        rows = reader.rows();
    }

    /** Where nothing but the protocol's own form is known, and where there was one before; then the field is passed. */
    private boolean isRefused(String field) throws IOException {
        if (binary.isPresent()) {
            ignore(field);
        } else if (form != null) {
            refuseSecondForm();
        } else {
            return false;
        }
        return true;
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

    /** Of a form that has none, whatever stands there is ignored. */
    private void readParameters() throws IOException {
        if (binary.isEmpty() && parser.currentToken() != JsonToken.START_OBJECT) {
            ignore("parameters");
        } else if (Parameters.begin(parser, "body", problems)) {
            while (Parameters.next(parser, REQUEST_PARAMETERS)) {
                readParameter();
            }
        }
    }

    private void readParameter() throws IOException {
        if (parser.currentName().equals(TIMEOUT)) {
            OptionalLong micros =
                    Parameters.wholeNumber(parser, "body", TIMEOUT, 0, "a whole number of microseconds", problems);
            timeout = micros.isPresent() ? Timeouts.ofMicros(micros.getAsLong()) : Optional.empty();
        } else if (binary.isPresent()) {
            isBinaryByDefault =
                    Parameters.flag(parser, "body", BINARY_OUTPUTS, problems).orElse(false);
        } else {
            parser.skipChildren();
        }
    }

    private void ignore(String field) throws IOException {
        keys.add(Excerpt.of(field));
        parser.skipChildren();
    }
}
