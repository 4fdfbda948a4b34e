package dev.modelserving.oip;

import com.fasterxml.jackson.core.JsonParseException;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import dev.modelserving.model.Excerpt;
import dev.modelserving.model.InferenceException;
import dev.modelserving.model.InferenceRequest;
import dev.modelserving.model.ModelSignature;
import dev.modelserving.model.Tensor;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Reads an inference request ("Inference Request JSON Object" of the protocol) against a model's signature: what it
 * returns can be run. Fields that the protocol does not name are ignored.
 */
public final class OipRequestReader {
    private final JsonParser parser;
    private final ModelSignature signature;
    private final TensorReader tensors;
    private final Problems problems = new Problems();

    private @Nullable String id;
    private @Nullable Map<String, Tensor> inputs;
    private final List<String> outputs = new ArrayList<>();

    private OipRequestReader(byte[] body, JsonParser parser, ModelSignature signature) {
        this.parser = parser;
        this.signature = signature;
        this.tensors = TensorReader.ofInputs(body, "inputs", signature.inputs(), problems);
    }

    /**
     * Reads the whole of {@code body}.
     *
     * @param body JSON in UTF-8; not changed
     * @throws InferenceException INVALID_INPUT with every fault of the request
     */
    public static OipRequest read(byte[] body, ModelSignature signature) {
        try (JsonParser parser = Json.FACTORY.createParser(body)) {
            OipRequestReader reader = new OipRequestReader(body, parser, signature);
            OipRequest request = reader.document();
            if (parser.nextToken() != null) {
                throw new JsonParseException(parser, "something follows the document");
            }
            return request;
        } catch (JsonProcessingException e) {
            throw Json.fault(e);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private OipRequest document() throws IOException {
        if (parser.nextToken() != JsonToken.START_OBJECT) {
            problems.add("body", "is", "a JSON object", parser.currentToken() == null ? "empty" : Json.kind(parser));
            problems.throwIfAny();
        }
        while (parser.nextToken() != JsonToken.END_OBJECT) {
            String field = parser.currentName();
            parser.nextToken();
            switch (field) {
                case "id" -> readId();
                case "inputs" -> inputs = tensors.readAll(parser);
                case "outputs" -> readOutputs();
                default -> parser.skipChildren();
            }
        }
        Map<String, Tensor> given = inputs == null ? tensors.none() : inputs;
        problems.throwIfAny();
        return new OipRequest(id, new InferenceRequest(given, outputs));
    }

    private void readId() throws IOException {
        if (parser.currentToken() == JsonToken.VALUE_STRING) {
            id = parser.getText();
        } else if (parser.currentToken() != JsonToken.VALUE_NULL) {
            problems.add("id", "is", "a string", Json.kind(parser));
            parser.skipChildren();
        }
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
        while (parser.nextToken() != JsonToken.END_OBJECT) {
            String field = parser.currentName();
            parser.nextToken();
            if (field.equals("name") && parser.currentToken() == JsonToken.VALUE_STRING) {
                name = parser.getText();
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
        }
    }
}
