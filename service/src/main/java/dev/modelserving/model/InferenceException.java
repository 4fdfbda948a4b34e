package dev.modelserving.model;

import java.io.Serial;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * A prediction that could not be given, for a reason that the caller is told. The message is one sentence; for
 * {@link Kind#INVALID_INPUT} the problems list every fault of the request.
 */
public final class InferenceException extends RuntimeException {
    @Serial
    private static final long serialVersionUID = 1;

    private final Kind kind;
    private final transient List<Problem> problems;

    /** Why; what it is called in HTTP or gRPC is known by {@code api} alone. */
    public enum Kind {
        /** The request is wrong; the same request will always be. */
        INVALID_INPUT,
        /** No such model or version. */
        NOT_FOUND,
        /** Nobody may do that. */
        FORBIDDEN,
        /** The body has more bytes than are taken. */
        TOO_LARGE,
        /** The body is of a type that is not taken. */
        UNSUPPORTED_MEDIA_TYPE,
        /** The queue is full; later may do. */
        OVERLOADED,
        /** The runtime failed on a valid input. */
        MODEL_FAILED,
        /** The model cannot be loaded, or not now. */
        NOT_READY,
        /** The answer was not there in time. */
        DEADLINE_EXCEEDED
    }

    /**
     * One fault of a request.
     *
     * @param input where: an input's name, a place in the body such as {@code inputs[1].shape}, or a header
     * @param problem what is wrong, in a few words
     * @param expected what would have been right
     * @param actual what came
     */
    public record Problem(String input, String problem, String expected, String actual) {
        private static final Set<String> PARTS_OF_A_REQUEST = Set.of(
                "body",
                "id",
                "version",
                "model_id",
                "Content-Type",
                "Content-Encoding",
                "Inference-Header-Content-Length");

        @Override
        public String toString() {
            String where = PARTS_OF_A_REQUEST.contains(input) ? input : "input '" + input + "':";
            return where + " " + problem + " " + actual + " (expected: " + expected + ")";
        }
    }

    public InferenceException(Kind kind, String message) {
        this(kind, message, List.of());
    }

    /** With one fault, which is the message too. */
    public InferenceException(Kind kind, Problem problem) {
        this(kind, problem.toString(), List.of(problem));
    }

    public InferenceException(Kind kind, String message, List<Problem> problems) {
        // A caller's fault is told to the caller; a stack trace would help nobody.
        super(message, null, false, kind == Kind.MODEL_FAILED);
        this.kind = kind;
        this.problems = List.copyOf(problems);
    }

    /** A request with one or more faults. */
    public static InferenceException invalid(List<Problem> problems) {
        return new InferenceException(
                Kind.INVALID_INPUT,
                problems.stream().limit(3).map(Problem::toString).collect(Collectors.joining("; "))
                        + (problems.size() > 3 ? "; and " + (problems.size() - 3) + " more" : ""),
                problems);
    }

    public Kind kind() {
        return kind;
    }

    public List<Problem> problems() {
        return problems;
    }
}
