package dev.modelserving.local;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;

/** Reads {@code conformance.txt}, which says how it is written. */
final class ConformanceRows {
    private static final String ANYTHING = "*";
    private static final String NOTHING = "-";
    private static final String BOTH = "both: ";

    private final List<Row> rows = new ArrayList<>();
    private final Map<String, String> definitions = new LinkedHashMap<>();

    /**
     * @param json the body, or the part of it that is JSON; empty: none
     * @param binary what comes behind it, in hexadecimal digits; empty: nothing
     * @param expectedBinary the same of the answer
     */
    record Row(
            String section,
            String sentence,
            boolean isBoth,
            String method,
            String path,
            Map<String, String> headers,
            String json,
            String binary,
            int status,
            JsonNode expected,
            String expectedBinary) {
        @Override
        public String toString() {
            return section + ": " + sentence;
        }
    }

    static List<Row> read() throws IOException {
        try (InputStream file = ConformanceRows.class.getResourceAsStream("/conformance.txt")) {
            ConformanceRows reader = new ConformanceRows();
            reader.read(new String(file.readAllBytes(), StandardCharsets.UTF_8)
                    .lines()
                    .toList());
            return reader.rows;
        }
    }

    private void read(List<String> lines) throws IOException {
        String section = "";
        int at = 0;
        while (at < lines.size()) {
            String line = lines.get(at);
            if (line.startsWith("== ")) {
                section = line.substring(3);
                at++;
            } else if (line.startsWith("-- ")) {
                int end = at + 1;
                while (end < lines.size()
                        && !lines.get(end).isEmpty()
                        && !lines.get(end).startsWith("-- ")) {
                    end++;
                }
                rows.add(row(section, line.substring(3), lines.subList(at + 1, end)));
                at = end;
            } else {
                if (line.startsWith("$")) {
                    String[] definition = line.split(" = ", 2);
                    definitions.put(definition[0], definition[1]);
                }
                at++;
            }
        }
    }

    private Row row(String section, String sentence, List<String> lines) throws IOException {
        String[] call = lines.get(0).split(" ", 2);
        Map<String, String> headers = new LinkedHashMap<>();
        StringBuilder json = new StringBuilder();
        StringBuilder expected = new StringBuilder();
        String binary = "";
        String expectedBinary = "";
        int status = 0;
        for (String written : lines.subList(1, lines.size())) {
            String line = written;
            for (Map.Entry<String, String> definition : definitions.entrySet()) {
                line = line.replace(definition.getKey(), definition.getValue());
            }
            if (status == 0 && line.matches("\\d{3} .*")) {
                status = Integer.parseInt(line.substring(0, 3));
                expected.append(line.substring(4));
            } else if (status == 0 && line.matches("[A-Za-z-]+: .*")) {
                String[] header = line.split(": ", 2);
                headers.put(header[0], header[1]);
            } else if (line.startsWith("+ ") && status == 0) {
                binary = line.substring(2);
            } else if (line.startsWith("+ ")) {
                expectedBinary = line.substring(2);
            } else {
                (status == 0 ? json : expected).append(line);
            }
        }
        boolean isBoth = sentence.startsWith(BOTH);
        return new Row(
                section,
                isBoth ? sentence.substring(BOTH.length()) : sentence,
                isBoth,
                call[0],
                call[1],
                headers,
                json.toString(),
                binary,
                status,
                JsonClient.JSON.readTree(expected.toString()),
                expectedBinary);
    }

    /** Whether an answer has what a row expects. */
    static boolean matches(JsonNode expected, JsonNode actual) {
        if (expected.isTextual()) {
            return matches(expected.asText(), actual);
        }
        if (expected.isNumber()) {
            return actual.isNumber() && isEqual(expected, actual);
        }
        if (expected.isArray()) {
            boolean same = actual.isArray() && expected.size() == actual.size();
            for (int index = 0; same && index < expected.size(); index++) {
                same = matches(expected.get(index), actual.get(index));
            }
            return same;
        }
        if (expected.isObject()) {
            List<String> names = new ArrayList<>();
            expected.fieldNames().forEachRemaining(names::add);
            return actual.isObject() && names.stream().allMatch(name -> matches(expected.get(name), actual.path(name)));
        }
        return expected.equals(actual);
    }

    private static boolean isEqual(JsonNode expected, JsonNode actual) {
        return (expected.isIntegralNumber() && actual.isIntegralNumber())
                ? expected.bigIntegerValue().equals(actual.bigIntegerValue())
                : (float) expected.asDouble() == (float) actual.asDouble();
    }

    private static boolean matches(String expected, JsonNode actual) {
        if (expected.equals(NOTHING)) {
            return actual.isMissingNode();
        }
        if (expected.equals(ANYTHING)) {
            return !actual.isMissingNode();
        }
        String pattern = Pattern.quote(expected).replace("*", "\\E.*\\Q");
        return actual.isTextual()
                && Pattern.compile(pattern, Pattern.DOTALL)
                        .matcher(actual.asText())
                        .matches();
    }
}
