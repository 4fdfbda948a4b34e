package dev.modelserving.codec;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import dev.modelserving.model.Excerpt;
import dev.modelserving.model.Tensor;
import dev.modelserving.model.TensorSpec;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Reads a table as MLflow's <a href="https://mlflow.org/docs/latest/ml/deployment/deploy-model-locally/">scoring protocol</a>
 * has it, {@code dataframe_split}: the names of its columns, and its rows as arrays. A column is an input of that name. The
 * only input of a model may also have several columns, which are its values in their order; their names are then the
 * caller's own. The index counts for nothing.
 *
 * <p>The other form, {@code dataframe_records}, is rows, which {@link RowsReader} reads.
 */
final class DataframeReader {
    private static final String FIELD = "dataframe_split";

    private final RequestBody body;
    private final JsonParser parser;
    private final List<TensorSpec> specs;
    private final TensorRoom room;
    private final Problems problems;
    private long rows;

    DataframeReader(RequestBody body, JsonParser parser, List<TensorSpec> specs, TensorRoom room, Problems problems) {
        this.body = body;
        this.parser = parser;
        this.specs = specs;
        this.room = room;
        this.problems = problems;
    }

    long rows() {
        return rows;
    }

    /** The parser stands at the table, and at its end afterwards. Data that comes before its columns is read again. */
    Map<String, Tensor> read() throws IOException {
        if (parser.currentToken() != JsonToken.START_OBJECT) {
            problems.add(FIELD, "is", "an object with columns and data", Json.kind(parser));
            parser.skipChildren();
            return Map.of();
        }
        Optional<List<String>> columns = Optional.empty();
        Optional<Map<String, Tensor>> tensors = Optional.empty();
        long dataOffset = -1;
        while (parser.nextToken() != JsonToken.END_OBJECT) {
            String field = parser.currentName();
            parser.nextToken();
            if (field.equals("columns")) {
                columns = Optional.of(readColumns());
            } else if (field.equals("data") && columns.isPresent()) {
                tensors = Optional.of(readRows(parser, columns.get()));
            } else {
                dataOffset =
                        field.equals("data") ? parser.currentTokenLocation().getByteOffset() : dataOffset;
                parser.skipChildren();
            }
        }
        if (columns.isEmpty()) {
            problems.add(FIELD + ".columns", "is", "the names of the columns", "missing");
        } else if (tensors.isEmpty() && dataOffset >= 0) {
            try (InputStream bytes = body.open((int) dataOffset);
                    JsonParser again = Json.FACTORY.createParser(bytes)) {
                again.nextToken();
                return readRows(again, columns.get());
            }
        } else if (tensors.isEmpty()) {
            problems.add(FIELD + ".data", "is", "an array of rows", "missing");
        }
        return tensors.orElse(Map.of());
    }

    private List<String> readColumns() throws IOException {
        List<String> columns = new ArrayList<>();
        if (parser.currentToken() != JsonToken.START_ARRAY) {
            problems.add(FIELD + ".columns", "is", "an array of names", Json.kind(parser));
            parser.skipChildren();
            return columns;
        }
        while (parser.nextToken() != JsonToken.END_ARRAY) {
            if (parser.currentToken() == JsonToken.VALUE_STRING
                    || parser.currentToken().isNumeric()) {
                columns.add(parser.getText()); // columns without names are numbered
            } else {
                problems.add(FIELD + ".columns[" + columns.size() + "]", "is", "a name", Json.kind(parser));
                parser.skipChildren();
                columns.add("");
            }
        }
        return columns;
    }

    private Map<String, Tensor> readRows(JsonParser data, List<String> columns) throws IOException {
        boolean isMatrix =
                specs.size() == 1 && !columns.equals(List.of(specs.get(0).name()));
        if (!isMatrix && !areInputs(columns)) {
            data.skipChildren();
            return Map.of();
        }
        RowsReader reader = new RowsReader(data, specs, room, problems);
        Map<String, Tensor> tensors = reader.read(FIELD + ".data", isMatrix ? List.of() : columns);
        rows = reader.rows();
        return tensors;
    }

    /** Whether each input has a column, and each column an input. */
    private boolean areInputs(List<String> columns) {
        int before = problems.count();
        List<String> names = specs.stream().map(TensorSpec::name).toList();
        for (int index = 0; index < columns.size(); index++) {
            String where = FIELD + ".columns[" + index + "]";
            if (!names.contains(columns.get(index))) {
                problems.add(where, "is", "one of " + names, Excerpt.quoted(columns.get(index)));
            } else if (columns.indexOf(columns.get(index)) < index) {
                problems.add(where, "is there again:", "each column once", Excerpt.quoted(columns.get(index)));
            }
        }
        HashSet<String> known = new HashSet<>(columns);
        for (TensorSpec spec : specs) {
            if (!known.contains(spec.name())) {
                problems.add(spec.name(), "is", "a column", "missing");
            }
        }
        return problems.count() == before;
    }
}
