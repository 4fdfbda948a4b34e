package dev.modelserving.registry;

import java.math.BigDecimal;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import software.amazon.awssdk.services.dynamodb.model.AttributeValue;

/** JSON as attributes: objects as M, arrays as L, numbers as N. */
final class JsonAttributes {
    private JsonAttributes() {}

    static AttributeValue of(Object value) {
        if (value instanceof Map<?, ?> object) {
            return AttributeValue.fromM(object.entrySet().stream()
                    .collect(Collectors.toMap(entry -> String.valueOf(entry.getKey()), entry -> of(entry.getValue()))));
        }
        if (value instanceof List<?> list) {
            return AttributeValue.fromL(list.stream().map(JsonAttributes::of).toList());
        }
        if (value instanceof Boolean truth) {
            return AttributeValue.fromBool(truth);
        }
        if (value instanceof Long || value instanceof BigDecimal) {
            return AttributeValue.fromN(value.toString());
        }
        return AttributeValue.fromS(value.toString());
    }
}
