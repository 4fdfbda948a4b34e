package dev.modelserving.runtime;

import ai.onnxruntime.OrtException;
import dev.modelserving.model.InferenceException;
import dev.modelserving.model.InferenceException.Kind;
import java.util.regex.Pattern;

/** Puts what ONNX Runtime says into words for callers: its sentence, without its codes and without paths of this machine. */
final class OrtFailure {
    private static final Pattern PREFIX = Pattern.compile("^Error code - \\w+ - message: ");
    private static final Pattern SOURCE = Pattern.compile("\\S+\\.(cc|h):\\d+ [^\\n]*?\\) ?");
    private static final Pattern PATH = Pattern.compile("\"?(?:/[\\w.+@=~-]+)*/([\\w.+@=~-]+)\"?");
    private static final int LONGEST = 500;

    private OrtFailure() {}

    static String sentence(OrtException e) {
        String text = PREFIX.matcher(String.valueOf(e.getMessage())).replaceFirst("");
        text = SOURCE.matcher(text).replaceAll("");
        text = PATH.matcher(text).replaceAll("$1").replaceAll("\\s+", " ").strip();
        return text.length() <= LONGEST ? text : text.substring(0, LONGEST) + "…";
    }

    static InferenceException ofRun(OrtException e, RunInterrupt interrupt) {
        if (interrupt.isInterrupted()) {
            return new InferenceException(Kind.DEADLINE_EXCEEDED, "the model did not answer in time");
        }
        if (e.getCode() == OrtException.OrtErrorCode.ORT_INVALID_ARGUMENT) {
            return new InferenceException(Kind.INVALID_INPUT, "the model refused the input: " + sentence(e));
        }
        return new InferenceException(Kind.MODEL_FAILED, "the model failed: " + sentence(e));
    }
}
