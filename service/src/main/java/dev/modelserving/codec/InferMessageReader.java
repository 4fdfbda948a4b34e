package dev.modelserving.codec;

import dev.modelserving.model.Excerpt;
import dev.modelserving.model.InferenceException;
import dev.modelserving.model.InferenceRequest;
import dev.modelserving.model.ModelSignature;
import dev.modelserving.model.Shape;
import dev.modelserving.model.Tensor;
import dev.modelserving.model.TensorMemory;
import dev.modelserving.model.TensorSpec;
import dev.modelserving.model.TensorType;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Reads a {@code ModelInferRequest} of the Open Inference Protocol over gRPC against a model's signature: what it returns can
 * be run. The elements are copied once, from where the message lies into the tensors' memory; what it takes of the heap
 * does not grow with them, but for strings.
 */
public final class InferMessageReader {
    private static final int OUTPUT_NAME = 1;
    private static final int OUTPUT_PARAMETERS = 2;
    private static final String CLASSES = "classification";

    private final RequestBody body;
    private final ModelSignature signature;
    private final TensorMemory memory;
    private final WireReader reader;
    private final Problems problems = new Problems();
    private final List<InputMessage> inputs = new ArrayList<>(2);
    private final List<InputMessage.Place> raw = new ArrayList<>(2);
    private final List<String> outputs = new ArrayList<>(0);
    private final Map<String, Integer> classes = new HashMap<>(0);
    private int rawCount;
    private int outputCount;
    private @Nullable String id;

    private InferMessageReader(RequestBody body, ModelSignature signature, TensorMemory memory) {
        this.body = body;
        this.signature = signature;
        this.memory = memory;
        this.reader = new WireReader(body);
    }

    /**
     * Reads the whole of {@code body}. What it allocates is bounded by the body's length.
     *
     * @param memory where the tensors may lie, which then has to stay as long as they are used
     * @throws InferenceException INVALID_INPUT with every fault of the request
     */
    public static PredictRequest read(RequestBody body, ModelSignature signature, TensorMemory memory) {
        return new InferMessageReader(body, signature, memory).message();
    }

    private PredictRequest message() {
        while (reader.next()) {
            switch (reader.field()) {
                case InferMessage.ID -> id = reader.string();
                case InferMessage.INPUTS -> readInput();
                case InferMessage.OUTPUTS -> readOutput();
                case InferMessage.RAW_CONTENTS -> readRaw();
                default -> reader.skip();
            }
        }
        Map<String, Shape> shapes = new LinkedHashMap<>();
        for (InputMessage input : inputs) {
            TensorHead head = input.head();
            if (head.hasDeclaredShape(signature.inputs())) {
                shapes.put(String.valueOf(head.name()), Objects.requireNonNull(head.shape()));
            }
        }
        Map<String, Tensor> tensors = tensors();
        SharedAxes.check(signature.inputs(), shapes, problems);
        EmptyInputs.check(signature, shapes, problems);
        problems.throwIfAny();
        String sentId = id == null || id.isEmpty() ? null : id;
        return new PredictRequest(
                BodyForm.OIP,
                0,
                sentId,
                new InferenceRequest(tensors, outputs),
                new OutputForms(false, Map.of(), classes));
    }

    private void readInput() {
        InputMessage input = InputMessage.read(reader, "inputs[" + inputs.size() + "]", problems);
        TensorHead head = input.head();
        head.check(signature.inputs(), true, problems);
        for (InputMessage known : inputs) {
            if (head.name() != null && head.name().equals(known.head().name())) {
                problems.add(head.label(), "is given again at", "each tensor once", head.where());
            }
        }
        inputs.add(input);
    }

    private void readOutput() {
        String where = "outputs[" + outputCount++ + "]";
        String name = "";
        long most = 0;
        int outer = reader.enter(reader.length());
        while (reader.next()) {
            if (reader.field() == OUTPUT_NAME) {
                name = reader.string();
            } else if (reader.field() == OUTPUT_PARAMETERS) {
                InferParameter parameter = InferParameter.read(reader);
                if (parameter.name().equals(CLASSES)) {
                    most = most(where, parameter);
                }
            } else {
                reader.skip();
            }
        }
        reader.leave(outer);
        add(where, name, most);
    }

    private long most(String where, InferParameter parameter) {
        if (parameter.isWholeNumber() && parameter.number() >= 0) {
            return parameter.number();
        }
        String actual = parameter.isWholeNumber() ? Long.toString(parameter.number()) : "something else";
        problems.add(where, CLASSES + " is", "how many classes, in int64_param", actual);
        return 0;
    }

    private void add(String where, String name, long most) {
        if (signature.output(name).isEmpty()) {
            String actual = name.isEmpty() ? "missing" : Excerpt.quoted(name);
            problems.add(where, "name is", "one of " + signature.outputNames(), actual);
        } else if (outputs.contains(name)) {
            problems.add(where, "asks for an output again:", "each output once", Excerpt.quoted(name));
        } else {
            outputs.add(name);
            if (most > 0) {
                classes.put(name, (int) Math.min(most, Integer.MAX_VALUE));
            }
        }
    }

    /** More of them than inputs are counted only. */
    private void readRaw() {
        InputMessage.Place place = InputMessage.place(reader);
        if (rawCount++ < signature.inputs().size()) {
            raw.add(place);
        }
    }

    private Map<String, Tensor> tensors() {
        for (TensorSpec spec : signature.inputs()) {
            if (inputs.stream()
                    .noneMatch(input -> spec.name().equals(input.head().name()))) {
                problems.add(spec.name(), "is", spec.type() + " " + spec.shape(), "missing");
            }
        }
        if (rawCount > 0 && rawCount != inputs.size()) {
            problems.add(
                    "raw_input_contents",
                    "has",
                    "one element for each of " + inputs.size() + " inputs, or none",
                    Integer.toString(rawCount));
            return Map.of();
        }
        Map<String, Tensor> tensors = new LinkedHashMap<>();
        for (int index = 0; index < inputs.size(); index++) {
            TensorHead head = inputs.get(index).head();
            tensor(index).ifPresent(tensor -> tensors.put(String.valueOf(head.name()), tensor));
        }
        return tensors;
    }

    private Optional<Tensor> tensor(int index) {
        InputMessage input = inputs.get(index);
        TensorHead head = input.head();
        if (rawCount > 0 && !input.contents().isEmpty()) {
            problems.add(head.label(), "has", "either contents or raw_input_contents", "both");
            return Optional.empty();
        }
        if (!head.isComplete(signature.inputs())) {
            return Optional.empty();
        }
        TensorType type = head.spec(signature.inputs()).orElseThrow().type();
        Shape shape = Objects.requireNonNull(head.shape());
        if (rawCount > 0 && index < raw.size()) {
            InputMessage.Place place = raw.get(index);
            String what = "raw_input_contents[" + index + "]";
            return new BinaryData(body, what, place.begin(), memory, problems)
                    .read(head.label(), type, shape, place.length());
        }
        TensorRoom room = new TensorRoom(memory, body.length());
        return new ContentsReader(reader, head.label(), type, shape, room, problems).read(input.contents());
    }
}
