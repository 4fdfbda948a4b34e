package dev.modelserving.codec;

import dev.modelserving.model.InferenceException;
import dev.modelserving.model.InferenceException.Problem;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * What a {@code ModelInferRequest} of the Open Inference Protocol over gRPC says before its tensors are looked at: which
 * model it is for, and how long its caller waits.
 *
 * @param modelName empty where nothing was said
 * @param modelVersion empty where nothing was said
 * @param timeout of the parameter {@code timeout}, which counts microseconds as Triton's does; 0 is none
 */
public record InferMessage(String modelName, String modelVersion, Optional<Duration> timeout) {
    static final int MODEL_NAME = 1;
    static final int MODEL_VERSION = 2;
    static final int ID = 3;
    static final int PARAMETERS = 4;
    static final int INPUTS = 5;
    static final int OUTPUTS = 6;
    static final int RAW_CONTENTS = 7;

    private static final String TIMEOUT = "timeout";

    /** @throws InferenceException INVALID_INPUT when the body is no such message */
    public static InferMessage of(RequestBody body) {
        WireReader reader = new WireReader(body);
        String name = "";
        String version = "";
        Optional<Duration> timeout = Optional.empty();
        while (reader.next()) {
            switch (reader.field()) {
                case MODEL_NAME -> name = reader.string();
                case MODEL_VERSION -> version = reader.string();
                case PARAMETERS -> {
                    InferParameter parameter = InferParameter.read(reader);
                    if (parameter.name().equals(TIMEOUT)) {
                        timeout = timeout(parameter);
                    }
                }
                default -> reader.skip();
            }
        }
        return new InferMessage(name, version, timeout);
    }

    private static Optional<Duration> timeout(InferParameter parameter) {
        if (!parameter.isWholeNumber() || parameter.number() < 0) {
            throw InferenceException.invalid(List.of(new Problem(
                    "parameters." + TIMEOUT,
                    "is",
                    "a whole number of microseconds, in int64_param",
                    parameter.isWholeNumber() ? Long.toString(parameter.number()) : "something else")));
        }
        return Timeouts.ofMicros(parameter.number());
    }
}
