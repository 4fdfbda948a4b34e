package dev.modelserving.verification;

import dev.modelserving.batching.Batch;
import dev.modelserving.codec.Tolerance;
import dev.modelserving.model.InferenceException;
import dev.modelserving.model.InferenceException.Kind;
import dev.modelserving.model.InferenceRequest;
import dev.modelserving.model.InferenceResponse;
import dev.modelserving.model.Shape;
import dev.modelserving.model.Tensor;
import dev.modelserving.model.TensorMemory;
import java.math.BigDecimal;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.stream.Collectors;

/** Runs requests alone and joined, and compares. Belongs to one thread. */
final class ProbeRuns {
    private static final Tolerance EXACT = new Tolerance(0, 0);

    private final BatchingProof.Runs model;

    ProbeRuns(BatchingProof.Runs model) {
        this.model = model;
    }

    /** Nothing when the model refuses the values. */
    Optional<Probe> alone(InferenceRequest request, Tolerance tolerance, Variations.Kind kind) throws NotNeutral {
        int rows = Batch.rows(request);
        try {
            InferenceResponse alone = model.run(request);
            requireRows(alone, rows);
            return Optional.of(new Probe(request, rows, alone, tolerance, kind));
        } catch (InferenceException e) {
            requireNotInterrupted(e);
            return Optional.empty();
        }
    }

    /** Whether the model answers the same request again as it did before, to the last bit. */
    void again(Probe probe) throws NotNeutral {
        InferenceResponse again = repeated(probe.request());
        for (Map.Entry<String, Tensor> output : probe.alone().outputs().entrySet()) {
            OptionalDouble excess = EXACT.excess(output.getValue(), output(again, output.getKey()));
            if (excess.isPresent()) {
                throw new NotNeutral("it answers the same request otherwise each time: output '" + output.getKey()
                        + "' " + moved(output.getValue(), excess.getAsDouble()));
            }
        }
    }

    private InferenceResponse repeated(InferenceRequest request) throws NotNeutral {
        try {
            return model.run(request);
        } catch (InferenceException e) {
            requireNotInterrupted(e);
            throw new NotNeutral("it fails on a request that it has answered before: " + e.getMessage());
        }
    }

    /** Whether each of these gets its answer in the company of the others. */
    void joined(List<Probe> probes) throws NotNeutral {
        Batch batch = Batch.join(probes.stream().map(Probe::request).toList(), TensorMemory.collected());
        InferenceResponse response;
        try {
            response = model.run(batch.request());
        } catch (InferenceException e) {
            requireNotInterrupted(e);
            throw new NotNeutral("it fails on " + batch.rows()
                    + " rows of joined requests, each of which it answers alone: " + e.getMessage());
        }
        requireRows(response, batch.rows());
        List<InferenceResponse> parts = batch.split(response);
        for (int index = 0; index < parts.size(); index++) {
            compare(probes.get(index), parts.get(index), probes, batch.rows());
        }
    }

    private static void compare(Probe probe, InferenceResponse part, List<Probe> company, int rows) throws NotNeutral {
        for (Map.Entry<String, Tensor> output : probe.alone().outputs().entrySet()) {
            String name = output.getKey();
            Tensor expected = output.getValue();
            Tensor actual = output(part, name);
            if (!expected.shape().equals(actual.shape())) {
                throw new NotNeutral("rows of '" + name + "' have shape " + actual.shape() + " instead of "
                        + expected.shape() + " when joined with others" + circumstances(company, rows));
            }
            OptionalDouble excess = probe.tolerance().excess(expected, actual);
            if (excess.isPresent()) {
                String allowed = expected.type().isFloating() ? allowed(probe.tolerance()) : "";
                throw new NotNeutral("rows of '" + name + "' " + moved(expected, excess.getAsDouble())
                        + " when joined with others" + circumstances(company, rows) + allowed);
            }
        }
        if (!probe.alone().classes().equals(part.classes())) {
            throw new NotNeutral(
                    "its outputs have other classes when joined with others" + circumstances(company, rows));
        }
    }

    private static String moved(Tensor tensor, double distance) {
        if (!tensor.type().isFloating()) {
            return "changed";
        }
        return Double.isInfinite(distance)
                ? "changed to or from NaN or an infinity"
                : "moved by " + String.format(Locale.ROOT, "%.2g", distance);
    }

    private static String allowed(Tolerance tolerance) {
        return "; allowed: " + plain(tolerance.absolute()) + " absolute, " + plain(tolerance.relative()) + " relative";
    }

    private static String plain(double number) {
        return BigDecimal.valueOf(number).stripTrailingZeros().toPlainString();
    }

    /** How many rows there were, and what was special about them. */
    private static String circumstances(List<Probe> company, int rows) {
        String strangers = company.stream()
                .map(Probe::kind)
                .filter(kind -> kind != Variations.Kind.NEAR)
                .distinct()
                .map(Variations.Kind::words)
                .collect(Collectors.joining(", "));
        return " in " + rows + " rows" + (strangers.isEmpty() ? "" : ", some with " + strangers);
    }

    private static Tensor output(InferenceResponse response, String name) {
        return Objects.requireNonNull(response.outputs().get(name));
    }

    private static void requireRows(InferenceResponse response, int rows) throws NotNeutral {
        for (Map.Entry<String, Tensor> output : response.outputs().entrySet()) {
            String name = "output '" + output.getKey() + "'";
            Shape shape = output.getValue().shape();
            if (response.sequences().contains(output.getKey())) {
                throw new NotNeutral(name + " is a sequence, which has no rows");
            }
            if (shape.rank() == 0) {
                throw new NotNeutral(name + " is one value for all rows");
            }
            if (shape.dimension(0) != rows) {
                throw new NotNeutral(name + " has a first axis of " + shape.dimension(0) + " for " + rows + " row"
                        + (rows == 1 ? "" : "s") + " (shape " + shape + ")");
            }
        }
    }

    private static void requireNotInterrupted(InferenceException e) {
        if (e.kind() == Kind.DEADLINE_EXCEEDED) {
            throw e;
        }
    }
}
