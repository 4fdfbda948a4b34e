package dev.modelserving.api.rest;

import com.fasterxml.jackson.annotation.JsonProperty;
import dev.modelserving.model.InferenceException.Problem;
import io.micronaut.serde.annotation.Serdeable;
import java.util.List;

/**
 * The body of every answer that is an error.
 *
 * @param error one sentence
 * @param code the name of an {@link ErrorCode}
 * @param details each fault of the request, where there are any to tell
 */
@Serdeable
public record ErrorAnswer(
        String error,
        String code,
        List<Detail> details,
        @JsonProperty("request_id") String requestId) {

    /** One fault: where it is, what is wrong, what would be right, what came. */
    @Serdeable
    public record Detail(String input, String problem, String expected, String actual) {
        static Detail of(Problem problem) {
            return new Detail(problem.input(), problem.problem(), problem.expected(), problem.actual());
        }
    }
}
