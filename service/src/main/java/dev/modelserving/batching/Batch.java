package dev.modelserving.batching;

import dev.modelserving.model.InferenceRequest;
import dev.modelserving.model.InferenceResponse;
import dev.modelserving.model.Shape;
import dev.modelserving.model.Tensor;
import dev.modelserving.model.TensorMemory;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Requests of one {@link BatchKey}, joined along their first axis into one. */
public final class Batch {
    private final InferenceRequest request;
    private final int[] rows;
    private final int allRows;

    private Batch(InferenceRequest request, int[] rows, int allRows) {
        this.request = request;
        this.rows = rows;
        this.allRows = allRows;
    }

    /**
     * The size of the first axis, which all inputs share: what a request brings to a batch. 0 for a request that must not
     * be joined: it has no rows, more than can be counted, or inputs that differ in it or have none.
     */
    public static int rows(InferenceRequest request) {
        long rows = 0;
        for (Tensor tensor : request.inputs().values()) {
            Shape shape = tensor.shape();
            long size = shape.rank() == 0 ? 0 : shape.dimension(0);
            if (size <= 0 || size > Integer.MAX_VALUE || (rows != 0 && size != rows)) {
                return 0;
            }
            rows = size;
        }
        return (int) rows;
    }

    /**
     * Copies the rows of all requests one after another; a single request is taken as it is.
     *
     * @param requests of one {@link BatchKey}, with {@link #rows} each
     * @param memory where the joined inputs lie
     * @throws IllegalArgumentException when there is none, or one cannot be joined with the first
     * @throws ArithmeticException when together they are larger than a buffer can be
     */
    public static Batch join(List<InferenceRequest> requests, TensorMemory memory) {
        int[] rows = new int[requests.size()];
        int allRows = 0;
        for (int index = 0; index < rows.length; index++) {
            rows[index] = rows(requests.get(index));
            if (rows[index] == 0) {
                throw new IllegalArgumentException("request " + index + " cannot be joined with others");
            }
            allRows = Math.addExact(allRows, rows[index]);
        }
        if (rows.length == 0) {
            throw new IllegalArgumentException("no request to join");
        }
        InferenceRequest first = requests.get(0);
        if (rows.length == 1) {
            return new Batch(first, rows, allRows);
        }
        requireOneKey(requests);
        Map<String, Tensor> inputs = new HashMap<>();
        for (String name : first.inputs().keySet()) {
            inputs.put(name, joined(name, requests, allRows, memory));
        }
        return new Batch(new InferenceRequest(inputs, first.outputs()), rows, allRows);
    }

    private static void requireOneKey(List<InferenceRequest> requests) {
        BatchKey key = BatchKey.of(requests.get(0));
        for (int index = 1; index < requests.size(); index++) {
            if (!key.matches(requests.get(index))) {
                throw new IllegalArgumentException(
                        "request " + index + " is " + BatchKey.of(requests.get(index)) + " (expected: " + key + ")");
            }
        }
    }

    private static Tensor joined(String name, List<InferenceRequest> requests, int allRows, TensorMemory memory) {
        Tensor first = tensor(requests, 0, name);
        Shape shape = withRows(first.shape(), allRows);
        if (first instanceof Tensor.Strings) {
            List<String> elements = new ArrayList<>(Math.toIntExact(shape.elementCount()));
            for (int index = 0; index < requests.size(); index++) {
                elements.addAll(((Tensor.Strings) tensor(requests, index, name)).elements());
            }
            return new Tensor.Strings(shape, elements);
        }
        int bytes = Math.toIntExact(
                Math.multiplyExact(shape.elementCount(), first.type().byteSize()));
        ByteBuffer all = memory.allocate(bytes);
        int at = all.position();
        for (int index = 0; index < requests.size(); index++) {
            ByteBuffer part = ((Tensor.Numbers) tensor(requests, index, name)).data();
            all.put(at, part, part.position(), part.remaining());
            at += part.remaining();
        }
        return new Tensor.Numbers(first.type(), shape, all);
    }

    /** An input that every request of the key has. */
    private static Tensor tensor(List<InferenceRequest> requests, int index, String name) {
        Tensor tensor = requests.get(index).inputs().get(name);
        if (tensor == null) {
            throw new IllegalArgumentException("request " + index + " has no input '" + name + "'");
        }
        return tensor;
    }

    private static Shape withRows(Shape shape, int rows) {
        long[] dimensions = shape.toArray();
        dimensions[0] = rows;
        return Shape.of(dimensions);
    }

    /** All of them as one; valid as long as the memory and the requests' own. */
    public InferenceRequest request() {
        return request;
    }

    /** How many rows they have together. */
    public int rows() {
        return allRows;
    }

    /**
     * To each request its own rows of {@code response}, in the order of the requests. Numbers are not copied: they stay
     * where the joined outputs lie.
     *
     * @throws SplitException when an output has not one row for each row of the inputs
     */
    public List<InferenceResponse> split(InferenceResponse response) {
        if (rows.length == 1) {
            return List.of(response);
        }
        response.outputs().forEach((name, tensor) -> requireRows(name, tensor, response));
        List<InferenceResponse> parts = new ArrayList<>(rows.length);
        int from = 0;
        for (int count : rows) {
            Map<String, Tensor> outputs = new LinkedHashMap<>();
            for (Map.Entry<String, Tensor> output : response.outputs().entrySet()) {
                outputs.put(output.getKey(), part(output.getValue(), from, count));
            }
            parts.add(new InferenceResponse(outputs, response.classes(), response.sequences()));
            from += count;
        }
        return parts;
    }

    private void requireRows(String name, Tensor tensor, InferenceResponse response) {
        String found = response.sequences().contains(name) ? "is a sequence of shape " : "has shape ";
        Shape shape = tensor.shape();
        if (response.sequences().contains(name) || shape.rank() == 0 || shape.dimension(0) != allRows) {
            throw new SplitException("output '" + name + "' " + found + shape + " for " + allRows + " rows joined of "
                    + rows.length + " requests (expected: " + allRows + " rows)");
        }
    }

    private Tensor part(Tensor tensor, int from, int count) {
        Shape shape = withRows(tensor.shape(), count);
        if (tensor instanceof Tensor.Strings strings) {
            int width = strings.elements().size() / allRows;
            return new Tensor.Strings(shape, strings.elements().subList(from * width, (from + count) * width));
        }
        ByteBuffer data = ((Tensor.Numbers) tensor).data();
        int width = data.remaining() / allRows;
        ByteBuffer slice = data.slice(data.position() + from * width, count * width);
        return new Tensor.Numbers(tensor.type(), shape, slice.order(ByteOrder.nativeOrder()));
    }
}
