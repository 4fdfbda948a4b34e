package dev.modelserving.api.rest;

import dev.modelserving.model.BatchingVerdict;
import dev.modelserving.model.ModelSignature;
import dev.modelserving.model.Shape;
import dev.modelserving.model.TensorSpec;
import dev.modelserving.model.TensorType;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * A model as Triton's <a
 * href="https://github.com/triton-inference-server/server/blob/main/docs/user_guide/model_configuration.md">model
 * configuration</a> describes it. Of a model whose requests may be joined, the first axis is the batch, and no part of its
 * tensors' dimensions.
 *
 * @param maxBatchSize how many rows are joined at most; 0: shapes are whole
 */
public record ModelConfiguration(int maxBatchSize, List<Tensor> inputs, List<Tensor> outputs) {
    public ModelConfiguration {
        inputs = List.copyOf(inputs);
        outputs = List.copyOf(outputs);
    }

    /**
     * @param dims of one row where rows are joined
     * @param isOneValue whether a row is a single value without an axis, which {@code dims} says as [1]
     */
    public record Tensor(String name, TensorType type, List<Long> dims, boolean isOneValue) {
        /** As configurations call the type. */
        public String dataType() {
            return type == TensorType.BYTES ? "TYPE_STRING" : "TYPE_" + type.name();
        }

        private static Tensor whole(TensorSpec spec) {
            return new Tensor(spec.name(), spec.type(), dims(spec, 0), false);
        }

        private static Tensor row(TensorSpec spec) {
            boolean isOneValue = spec.shape().rank() == 1;
            return new Tensor(spec.name(), spec.type(), isOneValue ? List.of(1L) : dims(spec, 1), isOneValue);
        }

        private static List<Long> dims(TensorSpec spec, int from) {
            return Arrays.stream(spec.shape().toArray()).skip(from).boxed().toList();
        }
    }

    static ModelConfiguration of(ModelSignature signature, Optional<BatchingVerdict> batching) {
        int rows = batching.filter(BatchingVerdict::allowed)
                .map(BatchingVerdict::maxRows)
                .orElse(0);
        boolean isBatch = rows > 0
                && Stream.concat(signature.inputs().stream(), signature.outputs().stream())
                        .allMatch(ModelConfiguration::hasRows);
        return isBatch
                ? new ModelConfiguration(
                        rows,
                        signature.inputs().stream().map(Tensor::row).toList(),
                        signature.outputs().stream().map(Tensor::row).toList())
                : new ModelConfiguration(
                        0,
                        signature.inputs().stream().map(Tensor::whole).toList(),
                        signature.outputs().stream().map(Tensor::whole).toList());
    }

    private static boolean hasRows(TensorSpec spec) {
        return spec.shape().rank() > 0 && spec.shape().dimension(0) == Shape.DYNAMIC;
    }
}
