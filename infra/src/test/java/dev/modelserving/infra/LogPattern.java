package dev.modelserving.infra;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.function.Predicate;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * A pattern of CloudWatch Logs for lines of JSON, as far as it is used here: comparisons of a top-level field with a
 * number or with a text in which {@code *} stands for any text, {@code &&}, {@code ||} and parentheses.
 *
 * @see <a href="https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/FilterAndPatternSyntax.html">Amazon CloudWatch
 *     Logs user guide, Filter pattern syntax</a>
 */
final class LogPattern {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final Pattern TOKEN =
            Pattern.compile("\\s*(\\(|\\)|&&|\\|\\||\\$\\.[A-Za-z0-9_]+|!=|>=|<=|=|>|<|\"[^\"\\\\]*\"|-?[0-9.]+)");

    private final List<String> tokens;
    private final Predicate<JsonNode> meaning;
    private int next;

    LogPattern(String text) {
        if (!text.startsWith("{ ") || !text.endsWith(" }")) {
            throw new IllegalArgumentException(text);
        }
        String inner = text.substring(1, text.length() - 2);
        this.tokens =
                TOKEN.matcher(inner).results().map(result -> result.group(1)).toList();
        if (!TOKEN.matcher(inner)
                .results()
                .map(MatchResult::group)
                .collect(Collectors.joining())
                .equals(inner)) {
            throw new IllegalArgumentException(text);
        }
        this.meaning = alternatives();
        if (next != tokens.size()) {
            throw new IllegalArgumentException("after '" + tokens.get(next) + "': " + text);
        }
    }

    /** The names of the fields that it looks at. */
    List<String> fields() {
        return tokens.stream()
                .filter(token -> token.startsWith("$."))
                .map(token -> token.substring(2))
                .distinct()
                .toList();
    }

    boolean matches(String line) {
        try {
            return meaning.test(JSON.readTree(line));
        } catch (JsonProcessingException e) {
            return false;
        }
    }

    private Predicate<JsonNode> alternatives() {
        List<Predicate<JsonNode>> parts = new ArrayList<>(List.of(conjunction()));
        while (isNext("||")) {
            parts.add(conjunction());
        }
        return line -> parts.stream().anyMatch(part -> part.test(line));
    }

    private Predicate<JsonNode> conjunction() {
        List<Predicate<JsonNode>> parts = new ArrayList<>(List.of(term()));
        while (isNext("&&")) {
            parts.add(term());
        }
        return line -> parts.stream().allMatch(part -> part.test(line));
    }

    private Predicate<JsonNode> term() {
        if (isNext("(")) {
            Predicate<JsonNode> inner = alternatives();
            if (!isNext(")")) {
                throw new IllegalArgumentException("no ) in " + tokens);
            }
            return inner;
        }
        String field = tokens.get(next++).substring(2);
        String operator = tokens.get(next++);
        String value = tokens.get(next++);
        return value.startsWith("\"") ? text(field, operator, value) : number(field, operator, value);
    }

    private static Predicate<JsonNode> text(String field, String operator, String quoted) {
        Pattern wanted = Pattern.compile(
                Stream.of(quoted.substring(1, quoted.length() - 1).split("\\*", -1))
                        .map(Pattern::quote)
                        .collect(Collectors.joining(".*")),
                Pattern.DOTALL);
        boolean equal = operator.equals("=");
        return line -> line.path(field).isTextual()
                && wanted.matcher(line.path(field).textValue()).matches() == equal;
    }

    private static Predicate<JsonNode> number(String field, String operator, String value) {
        double wanted = Double.parseDouble(value);
        return line -> line.path(field).isNumber()
                && holds(Double.compare(line.path(field).doubleValue(), wanted), operator);
    }

    private static boolean holds(int comparison, String operator) {
        return switch (operator) {
            case "=" -> comparison == 0;
            case "!=" -> comparison != 0;
            case ">" -> comparison > 0;
            case ">=" -> comparison >= 0;
            case "<" -> comparison < 0;
            case "<=" -> comparison <= 0;
            default -> throw new IllegalArgumentException(operator);
        };
    }

    private boolean isNext(String token) {
        boolean isNext = next < tokens.size() && Objects.equals(tokens.get(next), token);
        if (isNext) {
            next++;
        }
        return isNext;
    }
}
