package dev.modelserving.codec;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import dev.modelserving.model.Excerpt;
import dev.modelserving.model.Tensor;
import dev.modelserving.model.TensorSpec;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/** Reads {@code instances}: one value a row, or one object a row that has a value for each input. */
final class RowsReader {
    private static final String FIELD = "instances";

    private final JsonParser parser;
    private final List<TensorSpec> specs;
    private final Problems problems;
    private final Map<String, Column> columns = new LinkedHashMap<>();
    private long rows;

    /** What came for one input. */
    private static final class Column {
        private final NestedReader values;
        private long lastRow = -1;
        private long count;

        Column(NestedReader values) {
            this.values = values;
        }

        void read(long row, String where) throws IOException {
            lastRow = row;
            count++;
            values.read(where);
        }
    }

    RowsReader(JsonParser parser, List<TensorSpec> specs, TensorRoom room, Problems problems) {
        this.parser = parser;
        this.specs = specs;
        this.problems = problems;
        for (TensorSpec spec : specs) {
            columns.put(spec.name(), new Column(new NestedReader(parser, spec, room, problems)));
        }
    }

    long rows() {
        return rows;
    }

    /** The parser stands at the rows, and at their end afterwards. */
    Map<String, Tensor> read() throws IOException {
        return read(FIELD, List.of());
    }

    /**
     * @param field as the rows are called in messages
     * @param order of the inputs in rows that are arrays of a value for each; empty: such a row is the value of the only
     *     input
     */
    Map<String, Tensor> read(String field, List<String> order) throws IOException {
        for (TensorSpec spec : specs) {
            if (spec.shape().rank() == 0) {
                problems.add(spec.name(), "is one value for all rows;", "columns, {\"inputs\":{...}}", field);
            }
        }
        if (parser.currentToken() != JsonToken.START_ARRAY) {
            problems.add(field, "is", "an array of rows", Json.kind(parser));
            parser.skipChildren();
            return Map.of();
        }
        for (; parser.nextToken() != JsonToken.END_ARRAY; rows++) {
            String where = field + "[" + rows + "]";
            if (order.isEmpty()) {
                readRow(where);
            } else {
                readOrdered(where, order);
            }
        }
        Map<String, Tensor> tensors = new LinkedHashMap<>();
        for (TensorSpec spec : specs) {
            Column column = Objects.requireNonNull(columns.get(spec.name()));
            if (column.count == rows && spec.shape().rank() > 0) {
                column.values.rows(rows).ifPresent(tensor -> tensors.put(spec.name(), tensor));
            }
        }
        return tensors;
    }

    private void readRow(String where) throws IOException {
        if (parser.currentToken() == JsonToken.START_OBJECT) {
            readNamed(where);
        } else if (columns.size() == 1) {
            columns.values().iterator().next().read(rows, where);
        } else {
            problems.add(where, "is", "an object with " + String.join(", ", columns.keySet()), Json.kind(parser));
            parser.skipChildren();
        }
    }

    private void readOrdered(String where, List<String> order) throws IOException {
        if (parser.currentToken() != JsonToken.START_ARRAY) {
            problems.add(where, "is", "an array of " + order.size() + " values", Json.kind(parser));
            parser.skipChildren();
            return;
        }
        int count = 0;
        while (parser.nextToken() != JsonToken.END_ARRAY) {
            if (count < order.size()) {
                Objects.requireNonNull(columns.get(order.get(count))).read(rows, where + "[" + count + "]");
            } else {
                parser.skipChildren();
            }
            count++;
        }
        if (count != order.size()) {
            problems.add(where, "has", order.size() + " values, as there are columns", Integer.toString(count));
        }
    }

    private void readNamed(String where) throws IOException {
        while (parser.nextToken() != JsonToken.END_OBJECT) {
            String name = parser.currentName();
            parser.nextToken();
            Column column = columns.get(name);
            if (column == null) {
                problems.add(where, "names", "inputs out of " + columns.keySet(), Excerpt.quoted(name));
                parser.skipChildren();
            } else {
                column.read(rows, where + "." + name);
            }
        }
        for (Map.Entry<String, Column> column : columns.entrySet()) {
            if (column.getValue().lastRow != rows) {
                problems.add(column.getKey(), "in " + where + " is", "a value", "missing");
            }
        }
    }
}
