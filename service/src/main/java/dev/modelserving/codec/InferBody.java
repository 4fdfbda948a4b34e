package dev.modelserving.codec;

import dev.modelserving.model.InferenceException;
import dev.modelserving.model.InferenceException.Problem;
import java.util.List;
import java.util.OptionalInt;

/**
 * The body of an inference request of the Open Inference Protocol: a JSON object, and behind it the binary data of those
 * tensors that are not in the JSON ("Binary Tensor Data Extension"). Without JSON it is the only input's data ("Raw Binary
 * Request").
 *
 * @param json the object alone; empty in a raw request
 * @param whole the JSON and what comes behind it
 */
public record InferBody(RequestBody json, RequestBody whole) {
    /** The header that says how many bytes of a body are JSON, in requests and answers. */
    public static final String JSON_LENGTH = "Inference-Header-Content-Length";

    /**
     * @param jsonLength in bytes, as {@link #JSON_LENGTH} says; all of the body where that is missing
     * @throws InferenceException INVALID_INPUT when the body is shorter
     */
    public static InferBody of(RequestBody body, OptionalInt jsonLength) {
        int length = jsonLength.orElse(body.length());
        if (length > body.length()) {
            throw InferenceException.invalid(List.of(new Problem(
                    JSON_LENGTH,
                    "is more than the body has:",
                    "at most " + body.length() + " bytes",
                    length + " bytes")));
        }
        if (length == body.length()) {
            return new InferBody(body, body);
        }
        byte[] json = new byte[length];
        body.copy(0, json, 0, length);
        return new InferBody(RequestBody.of(json), body);
    }

    boolean isRaw() {
        return json.length() == 0 && whole.length() > 0;
    }

    boolean isJsonOnly() {
        return json.length() == whole.length();
    }
}
