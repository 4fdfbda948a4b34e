package dev.modelserving.codec;

import dev.modelserving.model.InferenceRequest;
import dev.modelserving.model.ModelSignature;
import dev.modelserving.model.Shape;
import dev.modelserving.model.Tensor;
import dev.modelserving.model.TensorMemory;
import dev.modelserving.model.TensorSpec;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The short way of {@link PredictRequestReader}: reads what clients send by the million, without a parser's objects, and
 * gives up at everything that is rare or wrong. Where it gives a request, it is the one that the long way gives.
 */
final class PlainRequestReader {
    private static final int HIGHEST_RANK = 32;

    private final PlainBytes bytes;
    private final ModelSignature signature;
    private final TensorRoom room;
    private final Map<String, Tensor> inputs = new HashMap<>();
    private final List<String> outputs = new ArrayList<>(0);
    private @Nullable BodyForm form;
    private @Nullable String id;
    private boolean outputsSeen;
    private long rows;

    private PlainRequestReader(RequestBody body, ModelSignature signature, TensorMemory memory) {
        this.bytes = new PlainBytes(body);
        this.signature = signature;
        this.room = new TensorRoom(memory, body.length());
    }

    /** Nothing when the body is not plain; what was taken of {@code memory} is given back then. */
    static Optional<PredictRequest> read(RequestBody body, ModelSignature signature, TensorMemory memory) {
        TakenMemory taken = new TakenMemory(memory);
        try {
            return Optional.of(new PlainRequestReader(body, signature, taken).document());
        } catch (NotPlain e) {
            taken.close();
            return Optional.empty();
        }
    }

    private PredictRequest document() {
        bytes.expect('{');
        do {
            readField();
        } while (bytes.passes(','));
        bytes.expect('}');
        bytes.expectEnd();
        BodyForm known = form;
        if (known == null || inputs.size() != signature.inputs().size()) {
            throw NotPlain.it();
        }
        checkShapes();
        return new PredictRequest(known, rows, id, new InferenceRequest(inputs, outputs), OutputForms.NONE);
    }

    private void checkShapes() {
        Map<String, Shape> shapes = new HashMap<>();
        inputs.forEach((name, tensor) -> shapes.put(name, tensor.shape()));
        Problems problems = new Problems();
        SharedAxes.check(signature.inputs(), shapes, problems);
        if (problems.count() > 0) {
            throw NotPlain.it();
        }
    }

    private void readField() {
        int length = bytes.beginString();
        if (bytes.stringIs("inputs", length) && form == null) {
            endKey(length);
            readInputs();
        } else if (bytes.stringIs("instances", length) && form == null) {
            endKey(length);
            form = BodyForm.ROWS;
            Tensor tensor = readOnly();
            rows = tensor.shape().dimension(0);
        } else if (bytes.stringIs("id", length) && id == null) {
            endKey(length);
            int idLength = bytes.beginString();
            id = bytes.string(idLength);
            bytes.endString(idLength);
        } else if (bytes.stringIs("outputs", length) && !outputsSeen) {
            endKey(length);
            outputsSeen = true;
            readOutputs();
        } else {
            throw NotPlain.it();
        }
    }

    private void endKey(int length) {
        bytes.endString(length);
        bytes.expect(':');
    }

    private void readInputs() {
        if (bytes.peek() == '{') {
            form = BodyForm.COLUMNS;
            bytes.expect('{');
            do {
                TensorSpec spec = readName();
                bytes.expect(':');
                bytes.expect('[');
                add(spec, nested(spec));
            } while (bytes.passes(','));
            bytes.expect('}');
            return;
        }
        bytes.expect('[');
        if (bytes.peek() == '{') {
            form = BodyForm.OIP;
            do {
                bytes.expect('{');
                readTensor();
            } while (bytes.passes(','));
            bytes.expect(']');
        } else {
            form = BodyForm.COLUMNS;
            readOnlyEntered();
        }
    }

    private Tensor readOnly() {
        bytes.expect('[');
        return readOnlyEntered();
    }

    private Tensor readOnlyEntered() {
        if (signature.inputs().size() != 1) {
            throw NotPlain.it();
        }
        TensorSpec spec = signature.inputs().get(0);
        Tensor tensor = nested(spec);
        add(spec, tensor);
        return tensor;
    }

    private Tensor nested(TensorSpec spec) {
        if (!PlainElements.reads(spec.type())) {
            throw NotPlain.it();
        }
        return PlainArrays.nested(bytes, spec, room);
    }

    private void add(TensorSpec spec, Tensor tensor) {
        if (inputs.put(spec.name(), tensor) != null) {
            throw NotPlain.it();
        }
    }

    /** The input whose name comes next. */
    private TensorSpec readName() {
        int length = bytes.beginString();
        for (TensorSpec spec : signature.inputs()) {
            if (bytes.stringIs(spec.name(), length)) {
                bytes.endString(length);
                return spec;
            }
        }
        throw NotPlain.it();
    }

    /** A tensor's object is entered. Its data comes behind what says how to read it. */
    private void readTensor() {
        @Nullable TensorSpec spec = null;
        @Nullable String datatype = null;
        @Nullable Shape shape = null;
        @Nullable Tensor tensor = null;
        do {
            int length = bytes.beginString();
            if (bytes.stringIs("name", length) && spec == null) {
                endKey(length);
                spec = readName();
            } else if (bytes.stringIs("datatype", length) && datatype == null) {
                endKey(length);
                int typeLength = bytes.beginString();
                datatype = bytes.string(typeLength);
                bytes.endString(typeLength);
            } else if (bytes.stringIs("shape", length) && shape == null) {
                endKey(length);
                shape = readShape();
            } else if (bytes.stringIs("data", length) && tensor == null && spec != null && shape != null) {
                endKey(length);
                tensor = readData(spec, datatype, shape);
            } else {
                throw NotPlain.it();
            }
        } while (bytes.passes(','));
        bytes.expect('}');
        if (spec == null || tensor == null) {
            throw NotPlain.it();
        }
        add(spec, tensor);
    }

    private Tensor readData(TensorSpec spec, @Nullable String datatype, Shape shape) {
        if (!spec.type().name().equals(datatype)
                || !PlainElements.reads(spec.type())
                || !spec.shape().accepts(shape)) {
            throw NotPlain.it();
        }
        return PlainArrays.data(bytes, spec, shape, room);
    }

    private Shape readShape() {
        long[] dimensions = new long[HIGHEST_RANK];
        int rank = 0;
        bytes.expect('[');
        do {
            if (rank == HIGHEST_RANK) {
                throw NotPlain.it();
            }
            dimensions[rank++] = bytes.size();
        } while (bytes.passes(','));
        bytes.expect(']');
        return Shape.of(Arrays.copyOf(dimensions, rank));
    }

    private void readOutputs() {
        bytes.expect('[');
        do {
            bytes.expect('{');
            int length = bytes.beginString();
            if (!bytes.stringIs("name", length)) {
                throw NotPlain.it();
            }
            endKey(length);
            int nameLength = bytes.beginString();
            String name = bytes.string(nameLength);
            bytes.endString(nameLength);
            bytes.expect('}');
            if (signature.output(name).isEmpty() || outputs.contains(name)) {
                throw NotPlain.it();
            }
            outputs.add(name);
        } while (bytes.passes(','));
        bytes.expect(']');
    }
}
