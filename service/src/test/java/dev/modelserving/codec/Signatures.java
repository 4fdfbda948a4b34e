package dev.modelserving.codec;

import dev.modelserving.model.ModelSignature;
import dev.modelserving.model.Shape;
import dev.modelserving.model.TensorSpec;
import dev.modelserving.model.TensorType;
import java.util.List;

/** What models of tests take and give. */
final class Signatures {
    /** Inputs x, pairs of floats, and s, strings; outputs y and z. */
    static final ModelSignature TWO_INPUTS = new ModelSignature(
            List.of(
                    new TensorSpec("x", TensorType.FP32, Shape.of(-1, 2)),
                    new TensorSpec("s", TensorType.BYTES, Shape.of(-1, 1))),
            List.of(
                    new TensorSpec("y", TensorType.FP32, Shape.of(-1)),
                    new TensorSpec("z", TensorType.INT64, Shape.of(-1))));

    private Signatures() {}

    /** One input x. */
    static ModelSignature one(TensorType type, long... shape) {
        return new ModelSignature(List.of(new TensorSpec("x", type, Shape.of(shape))), List.of());
    }
}
