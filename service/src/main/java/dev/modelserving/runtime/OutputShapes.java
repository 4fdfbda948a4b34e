package dev.modelserving.runtime;

import dev.modelserving.model.InferenceRequest;
import dev.modelserving.model.InferenceResponse;
import dev.modelserving.model.ModelSignature;
import dev.modelserving.model.Shape;
import dev.modelserving.model.Tensor;
import dev.modelserving.model.TensorSpec;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Which shapes a model's outputs had, for inputs of the same shapes: with them the memory of the next outputs can be taken
 * beforehand, and the runtime makes no objects for them. Where shapes depend on values, what is remembered may be wrong; the
 * runtime then refuses the memory, and nothing is remembered any more. Safe for use by several threads.
 */
final class OutputShapes {
    private static final int MOST = 1024;

    private final ModelSignature signature;
    private final ConcurrentHashMap<Key, List<Shape>> known = new ConcurrentHashMap<>();
    private volatile boolean fixed = true;

    private record Key(List<Shape> inputs, List<String> outputs) {}

    OutputShapes(ModelSignature signature) {
        this.signature = signature;
    }

    /** In the order of {@code wanted}; nothing when they are not known or cannot be given beforehand. */
    Optional<List<Shape>> of(InferenceRequest request, List<String> wanted) {
        return fixed ? Optional.ofNullable(known.get(key(request, wanted))) : Optional.empty();
    }

    void learn(InferenceRequest request, List<String> wanted, InferenceResponse response) {
        if (!fixed
                || known.size() >= MOST
                || !response.classes().isEmpty()
                || !response.sequences().isEmpty()) {
            return;
        }
        List<Shape> shapes = new ArrayList<>(wanted.size());
        for (String name : wanted) {
            Tensor tensor = Objects.requireNonNull(response.outputs().get(name));
            if (!canBeGiven(name, tensor)) {
                fixed = false;
                return;
            }
            shapes.add(tensor.shape());
        }
        known.put(key(request, wanted), shapes);
    }

    /** The runtime takes no memory of a shape that is not the declared one, even where it gives such outputs itself. */
    private boolean canBeGiven(String name, Tensor tensor) {
        if (!(tensor instanceof Tensor.Numbers) || !OrtInputs.isMade(tensor.type())) {
            return false;
        }
        return signature.output(name).orElseThrow().shape().accepts(tensor.shape());
    }

    /** They depend on values. */
    void forget() {
        fixed = false;
        known.clear();
    }

    private Key key(InferenceRequest request, List<String> wanted) {
        List<Shape> shapes = new ArrayList<>(signature.inputs().size());
        for (TensorSpec spec : signature.inputs()) {
            shapes.add(Objects.requireNonNull(request.inputs().get(spec.name())).shape());
        }
        return new Key(shapes, wanted);
    }
}
