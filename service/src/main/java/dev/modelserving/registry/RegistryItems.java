package dev.modelserving.registry;

import dev.modelserving.artifact.ArtifactFile;
import dev.modelserving.artifact.Manifest;
import dev.modelserving.model.ModelId;
import dev.modelserving.model.ModelRef;
import dev.modelserving.model.ModelVersion;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.services.dynamodb.model.AttributeValue;

/** Reads the table's items. Attributes that it does not know are ignored. */
final class RegistryItems {
    private RegistryItems() {}

    /**
     * The record that the item stands for.
     *
     * @throws IllegalArgumentException that says what is wrong, when it stands for none
     */
    static RegistryRecord record(Map<String, AttributeValue> item) {
        String entity = text(item, "entity");
        return switch (entity) {
            case "MODEL" ->
                new ModelRecord(modelId(item), optionalText(item, "description").orElse(""));
            case "VERSION" -> version(item);
            case "ALIAS" -> alias(item);
            default ->
                throw new IllegalArgumentException("entity is '" + entity + "' (expected: MODEL, VERSION or ALIAS)");
        };
    }

    static AliasRecord alias(Map<String, AttributeValue> item) {
        return new AliasRecord(
                modelId(item),
                text(item, "alias"),
                new ModelVersion(number(item, "version")),
                item.containsKey("previousVersion") ? new ModelVersion(number(item, "previousVersion")) : null,
                number(item, "rev"));
    }

    /** Which item it is, for a message. */
    static String keys(Map<String, AttributeValue> item) {
        return optionalText(item, "pk").orElse("?") + " "
                + optionalText(item, "sk").orElse("?");
    }

    /**
     * The version as a verification finds it.
     *
     * @param pointedTo whether an alias points to it
     * @throws IllegalArgumentException that says what is wrong with the item
     */
    static Candidate candidate(ModelRef ref, Map<String, AttributeValue> item, boolean pointedTo) {
        List<ArtifactFile> files = item.containsKey("files") ? files(item) : null;
        if (files != null) {
            Manifest.checkFiles(files, null);
        }
        return new Candidate(
                ref,
                VersionRecord.Status.valueOf(text(item, "status")),
                optionalText(item, "reason").orElse(""),
                slashed(optionalText(item, "artifactPrefix").orElse(Manifest.prefix(ref))),
                optionalText(item, "manifestVersionId").orElse(null),
                files,
                pointedTo,
                item.containsKey("rev") ? number(item, "rev") : 0);
    }

    private static VersionRecord version(Map<String, AttributeValue> item) {
        ModelRef ref = new ModelRef(modelId(item), new ModelVersion(number(item, "version")));
        VersionRecord.Status status = VersionRecord.Status.valueOf(text(item, "status"));
        String reason = optionalText(item, "reason").orElse("");
        String prefix = optionalText(item, "artifactPrefix").orElse(Manifest.prefix(ref));
        String examples = optionalText(item, "examples").orElse(null);
        long rev = item.containsKey("rev") ? number(item, "rev") : 0;
        try {
            List<ArtifactFile> files = files(item);
            Manifest.checkFiles(files, examples);
            return new VersionRecord(
                    ref,
                    status,
                    reason,
                    slashed(prefix),
                    files,
                    examples,
                    null,
                    BatchingItems.largestBatch(item),
                    BatchingItems.verdict(item),
                    rev);
        } catch (IllegalArgumentException e) {
            // The version exists and can be named by an alias: it is kept, with what is wrong with it.
            return new VersionRecord(ref, status, reason, prefix, List.of(), null, String.valueOf(e.getMessage()), rev);
        }
    }

    private static List<ArtifactFile> files(Map<String, AttributeValue> item) {
        AttributeValue files = required(item, "files");
        return files.l().stream()
                .map(AttributeValue::m)
                .map(file -> new ArtifactFile(
                        text(file, "path"),
                        text(file, "sha256"),
                        number(file, "sizeBytes"),
                        optionalText(file, "s3VersionId").orElse(null)))
                .toList();
    }

    private static String slashed(String prefix) {
        return prefix.endsWith("/") ? prefix : prefix + "/";
    }

    private static ModelId modelId(Map<String, AttributeValue> item) {
        return new ModelId(text(item, "modelId"));
    }

    static String text(Map<String, AttributeValue> item, String name) {
        return optionalText(item, name).orElseThrow(() -> missing(name, "a string"));
    }

    static Optional<String> optionalText(Map<String, AttributeValue> item, String name) {
        @Nullable AttributeValue value = item.get(name);
        return value == null ? Optional.empty() : Optional.ofNullable(value.s());
    }

    static long number(Map<String, AttributeValue> item, String name) {
        String digits = required(item, name).n();
        if (digits == null) {
            throw missing(name, "a number");
        }
        try {
            return Long.parseLong(digits);
        } catch (NumberFormatException e) {
            throw new IllegalArgumentException(name + " is " + digits + " (expected: a whole number)", e);
        }
    }

    static AttributeValue required(Map<String, AttributeValue> item, String name) {
        AttributeValue value = item.get(name);
        if (value == null) {
            throw missing(name, "it to be set");
        }
        return value;
    }

    private static IllegalArgumentException missing(String name, String expected) {
        return new IllegalArgumentException(
                "attribute '" + name + "' is missing or of another type (expected: " + expected + ")");
    }
}
