package dev.modelserving.runtime;

import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtException.OrtErrorCode;
import dev.modelserving.model.InferenceException;
import dev.modelserving.model.InferenceException.Kind;
import dev.modelserving.model.InferenceException.Problem;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;

/** Puts what ONNX Runtime says into words for people: its sentence, without its codes and without paths of this machine. */
final class OrtFailure {
    private static final Pattern PREFIX = Pattern.compile("^Error code - \\w+ - message: ");
    private static final Pattern SOURCE = Pattern.compile("\\S+\\.(cc|h):\\d+ [^\\n]*?\\) ?");
    private static final Pattern PATH = Pattern.compile("\"?(?<!\\w)(?:/[\\w.+@=~-]+)*/([\\w.+@=~-]+)\"?");
    private static final Pattern NO_MEMORY = Pattern.compile("(?i)bad_alloc|failed to allocate memory|out of memory");
    private static final Pattern ABOUT_INPUT = Pattern.compile(
            "(?i)dimension|shape|broadcast|\\baxis\\b|\\brank\\b|\\bsize\\b|out of (data )?bounds|by zero|overflow|narrowing");
    private static final int LONGEST = 500;

    /** What those who exported a model can do about it, by what ONNX Runtime says; the first that is found. */
    private static final Map<Pattern, String> ADVICE = advice();

    private OrtFailure() {}

    private static Map<Pattern, String> advice() {
        Map<Pattern, String> advice = new LinkedHashMap<>();
        advice.put(
                Pattern.compile("Protobuf parsing failed"),
                "The file is cut off, or is no ONNX model: write it again, and register it as a new version");
        advice.put(
                Pattern.compile("does not have a graph"),
                "The file is empty: write it again, and register it as a new version");
        advice.put(
                Pattern.compile("Opset \\d+ is under development|opset \\d+"),
                "Export it with an older opset (target_opset, opset_version)");
        advice.put(
                Pattern.compile("Unsupported model IR version"),
                "Export it with an older version of the onnx package, or set model.ir_version to a supported one");
        advice.put(
                Pattern.compile("is not a registered function/op"),
                "Operators of other libraries cannot be served: export it with the operators of ai.onnx, ai.onnx.ml and"
                        + " com.microsoft alone");
        advice.put(
                Pattern.compile("Type Error"),
                "What the graph declares is not what it computes: run onnx.checker.check_model(model, full_check=True)"
                        + " where it is exported");
        advice.put(
                Pattern.compile("(?i)escapes (model|working) directory|External data path"),
                "Files of external data must lie beside model.onnx or below, be named in the manifest, and be uploaded"
                        + " with it");
        advice.put(
                Pattern.compile("(?i)External initializer.*out of bounds|can not be read in full"),
                "A file of external data is shorter than the model says: upload it again as a new version");
        advice.put(
                Pattern.compile("Failed to construct locale"),
                "Export the text steps with the locale C.UTF-8, or generate that locale where the service runs");
        return advice;
    }

    static String sentence(OrtException e) {
        String text = PREFIX.matcher(String.valueOf(e.getMessage())).replaceFirst("");
        text = SOURCE.matcher(text).replaceAll("");
        text = PATH.matcher(text).replaceAll("$1").replaceAll("\\s+", " ").strip();
        return text.length() <= LONGEST ? text : text.substring(0, LONGEST) + "…";
    }

    static ModelLoadException ofLoad(OrtException e) {
        String sentence = sentence(e);
        String advice = ADVICE.entrySet().stream()
                .filter(entry -> entry.getKey().matcher(sentence).find())
                .map(entry -> ". " + entry.getValue())
                .findFirst()
                .orElse("");
        return new ModelLoadException("ONNX Runtime cannot load it: " + sentence.replaceFirst("\\.$", "") + advice, e);
    }

    /**
     * A node that fails because of sizes, or divides by zero, fails because of the request: the signature leaves those
     * open, and the model cannot take just any.
     */
    static InferenceException ofRun(OrtException e, RunInterrupt interrupt) {
        if (interrupt.isInterrupted()) {
            return new InferenceException(Kind.DEADLINE_EXCEEDED, "the model did not answer in time");
        }
        String sentence = sentence(e);
        if (NO_MEMORY.matcher(sentence).find()) {
            return new InferenceException(
                    Kind.NOT_READY, "the model needs more memory for this than there is: " + sentence);
        }
        boolean inNode = sentence.contains("while running");
        if (e.getCode() == OrtErrorCode.ORT_INVALID_ARGUMENT
                || (inNode && ABOUT_INPUT.matcher(sentence).find())) {
            return new InferenceException(
                    Kind.INVALID_INPUT,
                    "the model refused the input: " + sentence,
                    List.of(new Problem(
                            "inputs", "were refused by the model:", "values and sizes that it takes", sentence)));
        }
        return new InferenceException(Kind.MODEL_FAILED, "the model failed: " + sentence);
    }
}
