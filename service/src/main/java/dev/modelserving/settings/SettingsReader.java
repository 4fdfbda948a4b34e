package dev.modelserving.settings;

import dev.modelserving.model.ModelId;
import dev.modelserving.model.ModelRef;
import dev.modelserving.model.ModelVersion;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Reads variables one by one and remembers what was wrong with each, so that one start tells everything. A variable
 * that is set to nothing counts as not set. After a fault a harmless value is returned; the caller never sees it,
 * because {@link #throwIfAnythingIsWrong()} comes first.
 */
final class SettingsReader {
    /** S3 user guide, "General purpose bucket naming rules". */
    private static final Pattern BUCKET = Pattern.compile("[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]");
    /** DynamoDB developer guide, "Naming rules"; or the table's ARN. */
    private static final Pattern TABLE =
            Pattern.compile("[a-zA-Z0-9_.-]{3,255}|arn:aws[a-z-]*:dynamodb:\\S+:table/\\S+");

    private static final Pattern DURATION = Pattern.compile("([0-9]{1,9}) ?(ms|s|m|h)");
    private static final Pattern SHARE = Pattern.compile("0(\\.[0-9]{1,9})?|1(\\.0{1,9})?");
    private static final Pattern BYTES = Pattern.compile("([0-9]{1,18}) ?(|B|KiB|MiB|GiB)");
    private static final Map<String, Long> BYTE_UNITS =
            Map.of("", 1L, "B", 1L, "KiB", 1L << 10, "MiB", 1L << 20, "GiB", 1L << 30);

    private final Map<String, String> environment;
    private final List<String> problems = new ArrayList<>();

    SettingsReader(Map<String, String> environment) {
        this.environment = environment;
    }

    void throwIfAnythingIsWrong() {
        if (!problems.isEmpty()) {
            throw new SettingsException(problems);
        }
    }

    String text(String name, String otherwise) {
        String value = environment.getOrDefault(name, "");
        return value.isBlank() ? otherwise : value.strip();
    }

    String bucket(String name) {
        return required(name, BUCKET, "an S3 bucket's name");
    }

    String table(String name) {
        return required(name, TABLE, "a DynamoDB table's name or ARN");
    }

    String oneOf(String name, String otherwise, String... allowed) {
        String value = text(name, otherwise);
        if (!List.of(allowed).contains(value)) {
            wrong(name, value, String.join(" or ", allowed));
            return otherwise;
        }
        return value;
    }

    /** A version that is named by two variables: both are set, or neither. */
    Optional<ModelRef> modelVersion(String idName, String versionName) {
        String id = text(idName, "");
        String version = text(versionName, "");
        if (id.isEmpty() && version.isEmpty()) {
            return Optional.empty();
        }
        Optional<ModelId> modelId = parsed(idName, id, "a model id, " + ModelId.FORM, ModelId::new);
        Optional<ModelVersion> modelVersion =
                parsed(versionName, version, "a whole number from 1 to 9999999999", ModelVersion::parse);
        return modelId.flatMap(model -> modelVersion.map(number -> new ModelRef(model, number)));
    }

    /** An opaque string of S3's, which means nothing without a model. */
    Optional<String> manifestVersionId(String name, String idName) {
        String value = text(name, "");
        if (!value.isEmpty() && text(idName, "").isEmpty()) {
            wrong(name, value, "not to be set without " + idName);
        }
        return Optional.of(value).filter(given -> !given.isEmpty());
    }

    private <T> Optional<T> parsed(String name, String value, String expected, Function<String, T> parser) {
        try {
            return Optional.of(parser.apply(value));
        } catch (IllegalArgumentException e) {
            wrong(name, value, expected);
            return Optional.empty();
        }
    }

    /** How much of something, for every model or for single ones. */
    record Shares(double everywhere, Map<ModelId, Double> single) {}

    /** {@code off}, {@code full} or a number from 0 to 1; the same after {@code <model id>=}; commas between them. */
    Shares shares(String name) {
        String value = text(name, "off");
        double everywhere = 0;
        Map<ModelId, Double> single = new HashMap<>();
        try {
            for (String part : value.split(",", -1)) {
                int equals = part.indexOf('=');
                double share = share(part.substring(equals + 1).strip());
                if (equals < 0) {
                    everywhere = share;
                } else {
                    single.put(new ModelId(part.substring(0, equals).strip()), share);
                }
            }
        } catch (IllegalArgumentException e) {
            wrong(name, value, "off, full or a share such as 0.1, and <model id>=<the same>, with commas between");
        }
        return new Shares(everywhere, single);
    }

    private static double share(String text) {
        return switch (text) {
            case "off" -> 0;
            case "full" -> 1;
            default -> {
                if (!SHARE.matcher(text).matches()) {
                    throw new IllegalArgumentException(text);
                }
                yield Double.parseDouble(text);
            }
        };
    }

    Path path(String name, String otherwise) {
        String value = text(name, otherwise);
        try {
            Path path = Path.of(value);
            if (path.isAbsolute()) {
                return path;
            }
        } catch (InvalidPathException e) {
            // told below, in the same words as a relative path
        }
        wrong(name, value, "an absolute path");
        return Path.of("/");
    }

    long wholeNumber(String name, long otherwise, long least, long most) {
        String value = text(name, Long.toString(otherwise));
        try {
            long number = Long.parseLong(value);
            if (number >= least && number <= most) {
                return number;
            }
        } catch (NumberFormatException e) {
            // told below, in the same words as a number out of range
        }
        wrong(name, value, "a whole number from " + least + " to " + most);
        return least;
    }

    /** A number of bytes, with a unit (KiB, MiB, GiB) or without. */
    long bytes(String name, long otherwise, long least, long most) {
        String value = text(name, "");
        if (value.isEmpty()) {
            return otherwise;
        }
        Matcher form = BYTES.matcher(value);
        if (form.matches()) {
            long unit = BYTE_UNITS.getOrDefault(form.group(2), 1L);
            long count = Long.parseLong(form.group(1));
            if (count <= most / unit && count * unit >= least) {
                return count * unit;
            }
        }
        wrong(
                name,
                value,
                "bytes, such as 1048576 or 32 MiB, " + least + (most == Long.MAX_VALUE ? " or more" : " to " + most));
        return least;
    }

    /** An amount of time with its unit (ms, s, m, h); a bare number is seconds. */
    Duration duration(String name, Duration otherwise, Duration least, Duration most) {
        String value = text(name, "");
        if (value.isEmpty()) {
            return otherwise;
        }
        Matcher form = DURATION.matcher(value.matches("[0-9]+") ? value + "s" : value);
        if (form.matches()) {
            Duration duration = durationOf(Long.parseLong(form.group(1)), form.group(2));
            if (duration.compareTo(least) >= 0 && duration.compareTo(most) <= 0) {
                return duration;
            }
        }
        wrong(name, value, "a duration from " + written(least) + " to " + written(most) + ", such as 500ms or 25s");
        return least;
    }

    private static Duration durationOf(long amount, String unit) {
        return switch (unit) {
            case "ms" -> Duration.ofMillis(amount);
            case "s" -> Duration.ofSeconds(amount);
            case "m" -> Duration.ofMinutes(amount);
            default -> Duration.ofHours(amount);
        };
    }

    private static String written(Duration duration) {
        return duration.toMillis() % 1000 == 0 ? duration.toSeconds() + "s" : duration.toMillis() + "ms";
    }

    private String required(String name, Pattern form, String expected) {
        String value = text(name, "");
        if (value.isEmpty()) {
            problems.add(name + " is not set (expected: " + expected + ")");
        } else if (!form.matcher(value).matches()) {
            wrong(name, value, expected);
        }
        return value;
    }

    private void wrong(String name, String value, String expected) {
        problems.add(name + " is '" + value + "' (expected: " + expected + ")");
    }
}
