package dev.modelserving.codec;

import dev.modelserving.model.Excerpt;
import dev.modelserving.model.Shape;
import dev.modelserving.model.TensorSpec;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * What a tensor says of itself beside its data, as far as it was said.
 *
 * @param where it stands
 */
record TensorHead(
        String where,
        @Nullable String name,
        @Nullable String datatype,
        @Nullable Shape shape) {
    /** What is declared of the tensor of this name. */
    Optional<TensorSpec> spec(List<TensorSpec> specs) {
        return specs.stream().filter(spec -> spec.name().equals(name)).findFirst();
    }

    /** What it is called in messages. */
    String label() {
        return name == null ? where : Excerpt.of(name);
    }

    /** Whether its data can be read: against which type and into which shape is known, and fits. */
    boolean isComplete(List<TensorSpec> specs) {
        return shape != null
                && spec(specs)
                        .filter(spec -> spec.type().name().equals(datatype))
                        .isPresent();
    }

    /** Whether its shape is known, and one that is declared. */
    boolean hasDeclaredShape(List<TensorSpec> specs) {
        return shape != null
                && spec(specs).filter(spec -> spec.shape().accepts(shape)).isPresent();
    }

    /** @param binding whether the shape has to be what is declared */
    void check(List<TensorSpec> specs, boolean binding, Problems problems) {
        Optional<TensorSpec> spec = spec(specs);
        if (name == null) {
            problems.add(where, "name is", "one of " + names(specs), "missing");
        } else if (spec.isEmpty()) {
            problems.add(label(), "is not known:", "one of " + names(specs), Excerpt.quoted(name));
        }
        if (datatype == null) {
            String expected = spec.map(known -> known.type().name()).orElse("a datatype");
            problems.add(label(), "datatype is", expected, "missing");
        } else if (spec.isPresent() && !spec.get().type().name().equals(datatype)) {
            problems.add(label(), "datatype", spec.get().type().name(), Excerpt.quoted(datatype));
        }
        if (shape == null) {
            problems.add(
                    label(),
                    "shape is",
                    spec.map(known -> known.shape().toString()).orElse("an array"),
                    "missing");
        } else if (binding && spec.isPresent() && !spec.get().shape().accepts(shape)) {
            problems.add(label(), "shape", spec.get().shape().toString(), shape.toString());
        }
    }

    private static String names(List<TensorSpec> specs) {
        return specs.stream().map(TensorSpec::name).collect(Collectors.joining(", "));
    }
}
