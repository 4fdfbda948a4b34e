package dev.modelserving.codec;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import dev.modelserving.model.Excerpt;
import dev.modelserving.model.InferenceException;
import dev.modelserving.model.InferenceRequest;
import dev.modelserving.model.ModelSignature;
import dev.modelserving.model.Tensor;
import dev.modelserving.model.TensorMemory;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Reads {@code examples.json}: {"examples":[{"name","request":{"inputs"},"response":{"outputs"},
 * "tolerance":{"absolute","relative"}?}]}, with tensors as the protocol writes them.
 */
public final class ExamplesReader {
    private final ModelSignature signature;
    private final JsonParser parser;
    private final RequestBody body;
    private final Problems problems;

    private ExamplesReader(RequestBody body, JsonParser parser, ModelSignature signature, Problems problems) {
        this.body = body;
        this.parser = parser;
        this.signature = signature;
        this.problems = problems;
    }

    /** @throws InferenceException INVALID_INPUT that says what is wrong with the file */
    public static List<Example> read(byte[] file, ModelSignature signature) {
        RequestBody body = RequestBody.of(file);
        Problems problems = new Problems();
        return Json.read(body, problems, parser -> new ExamplesReader(body, parser, signature, problems).document());
    }

    private List<Example> document() throws IOException {
        List<Example> examples = new ArrayList<>();
        parser.nextToken();
        eachField("examples.json", field -> {
            if (field.equals("examples") && parser.currentToken() == JsonToken.START_ARRAY) {
                while (parser.nextToken() != JsonToken.END_ARRAY) {
                    examples.add(example(examples.size()));
                }
            } else {
                parser.skipChildren();
            }
        });
        if (examples.isEmpty()) {
            problems.add("examples", "is", "an array of examples", "missing or empty");
        }
        return examples;
    }

    /** What has been read of one example. */
    private static final class Draft {
        private String name;
        private Map<String, Tensor> inputs = Map.of();
        private Map<String, Tensor> outputs = Map.of();
        private double absolute = Tolerance.DEFAULT.absolute();
        private double relative = Tolerance.DEFAULT.relative();

        Draft(String name) {
            this.name = name;
        }
    }

    private Example example(int index) throws IOException {
        String where = "examples[" + index + "]";
        Draft draft = new Draft(where);
        eachField(where, field -> {
            switch (field) {
                case "name" -> draft.name = Excerpt.of(parser.getText());
                case "request" -> draft.inputs = tensors(where + ".request", "inputs");
                case "response" -> draft.outputs = tensors(where + ".response", "outputs");
                case "tolerance" -> readTolerance(where + ".tolerance", draft);
                default -> parser.skipChildren();
            }
        });
        if ((draft.inputs.isEmpty() && !signature.inputs().isEmpty()) || draft.outputs.isEmpty()) {
            problems.add(where, "has no", "a request with inputs and a response with outputs", "inputs or outputs");
        }
        return new Example(
                draft.name,
                new InferenceRequest(draft.inputs, List.of()),
                draft.outputs,
                new Tolerance(draft.absolute, draft.relative));
    }

    private Map<String, Tensor> tensors(String where, String field) throws IOException {
        List<Map<String, Tensor>> read = new ArrayList<>();
        eachField(where, name -> {
            if (name.equals(field)) {
                TensorReader reader = field.equals("inputs")
                        ? TensorReader.ofInputs(
                                body,
                                TensorMemory.collected(),
                                Optional.empty(),
                                where + ".inputs",
                                signature.inputs(),
                                problems)
                        : TensorReader.ofOutputs(
                                body, TensorMemory.collected(), where + ".outputs", signature.outputs(), problems);
                read.add(reader.readAll(parser));
            } else {
                parser.skipChildren();
            }
        });
        return read.isEmpty() ? Map.of() : read.get(0);
    }

    private void readTolerance(String where, Draft draft) throws IOException {
        eachField(where, field -> {
            boolean number = parser.currentToken().isNumeric();
            if (field.equals("absolute") && number) {
                draft.absolute = parser.getDoubleValue();
            } else if (field.equals("relative") && number) {
                draft.relative = parser.getDoubleValue();
            } else {
                problems.add(
                        where, "has", "the numbers absolute and relative", "'" + field + "', " + Json.kind(parser));
                parser.skipChildren();
            }
        });
    }

    private interface FieldReader {
        void read(String field) throws IOException;
    }

    /** Calls {@code reader} at the value of each field of the object that the parser stands at. */
    private void eachField(String where, FieldReader reader) throws IOException {
        if (parser.currentToken() != JsonToken.START_OBJECT) {
            problems.add(where, "is", "an object", Json.kind(parser));
            parser.skipChildren();
            return;
        }
        while (parser.nextToken() != JsonToken.END_OBJECT) {
            String field = parser.currentName();
            parser.nextToken();
            reader.read(field);
        }
    }
}
