package dev.modelserving.registry;

import dev.modelserving.model.BatchingVerdict;
import dev.modelserving.model.RuntimeKind;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.services.dynamodb.model.AttributeValue;

/**
 * Whether requests may be joined, as an attribute: {@code batching} with allowed (BOOL), reason, ortVersion, cpu (S) and
 * maxRows (N). A form that is another one counts as none: the service then finds out by itself.
 */
final class BatchingItems {
    static final String ATTRIBUTE = "batching";

    private BatchingItems() {}

    static AttributeValue of(BatchingVerdict verdict) {
        return AttributeValue.fromM(Map.of(
                "allowed", AttributeValue.fromBool(verdict.allowed()),
                "maxRows", AttributeValue.fromN(Integer.toString(verdict.maxRows())),
                "reason", AttributeValue.fromS(verdict.reason()),
                "ortVersion", AttributeValue.fromS(verdict.kind().ortVersion()),
                "cpu", AttributeValue.fromS(verdict.kind().cpu())));
    }

    /** Of a version's item. */
    static @Nullable BatchingVerdict verdict(Map<String, AttributeValue> item) {
        AttributeValue attribute = item.get(ATTRIBUTE);
        if (attribute == null || !attribute.hasM()) {
            return null;
        }
        Map<String, AttributeValue> batching = attribute.m();
        AttributeValue allowed = batching.get("allowed");
        try {
            RuntimeKind kind =
                    new RuntimeKind(RegistryItems.text(batching, "ortVersion"), RegistryItems.text(batching, "cpu"));
            String reason = RegistryItems.optionalText(batching, "reason").orElse("");
            if (allowed == null || !Boolean.TRUE.equals(allowed.bool())) {
                return BatchingVerdict.refused(reason, kind);
            }
            int maxRows = batching.containsKey("maxRows")
                    ? Math.toIntExact(RegistryItems.number(batching, "maxRows"))
                    : BatchingVerdict.DEFAULT_MAX_ROWS;
            return BatchingVerdict.allowed(maxRows, reason, kind);
        } catch (IllegalArgumentException | ArithmeticException e) {
            return null;
        }
    }

    /** The version's {@code maxBatchSize}; null where it has none that makes sense. */
    static @Nullable Integer largestBatch(Map<String, AttributeValue> item) {
        try {
            long size = item.containsKey("maxBatchSize") ? RegistryItems.number(item, "maxBatchSize") : 0;
            return size < 1 ? null : (int) Math.min(size, Integer.MAX_VALUE);
        } catch (IllegalArgumentException e) {
            return null;
        }
    }
}
