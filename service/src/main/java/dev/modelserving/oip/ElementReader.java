package dev.modelserving.oip;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import dev.modelserving.model.Excerpt;
import dev.modelserving.model.TensorType;
import java.io.IOException;
import java.math.BigDecimal;
import java.nio.ByteBuffer;

/**
 * Reads one element at the parser's place into a tensor's memory. Integers are exact to 64 bits and must be in range; a
 * float that its type cannot hold is refused, not turned into infinity. NaN and the infinities, which JSON has no
 * numbers for, are the strings {@code "NaN"}, {@code "Infinity"}, {@code "-Infinity"}.
 */
final class ElementReader {
    private static final int MOST_DIGITS = 40;

    private final JsonParser parser;
    private final TensorType type;

    ElementReader(JsonParser parser, TensorType type) {
        this.parser = parser;
        this.type = type;
    }

    /** Says false, and may leave the buffer's position anywhere, when the element is not of the type. */
    boolean readInto(ByteBuffer buffer) throws IOException {
        return switch (type) {
            case BOOL -> readBoolean(buffer);
            case INT8 -> isWhole(Byte.MIN_VALUE, Byte.MAX_VALUE) && put(buffer.put((byte) whole()));
            case UINT8 -> isWhole(0, 255) && put(buffer.put((byte) whole()));
            case INT16 -> isWhole(Short.MIN_VALUE, Short.MAX_VALUE) && put(buffer.putShort((short) whole()));
            case INT32 -> isWhole(Integer.MIN_VALUE, Integer.MAX_VALUE) && put(buffer.putInt((int) whole()));
            case INT64 -> isWhole(Long.MIN_VALUE, Long.MAX_VALUE) && put(buffer.putLong(whole()));
            case FP32 -> readFloat(buffer);
            case FP64 -> readDouble(buffer);
            case BYTES -> throw new IllegalStateException("strings have no place in a buffer");
        };
    }

    String expected() {
        return switch (type) {
            case BOOL -> "true or false";
            case BYTES -> "a string";
            case FP32, FP64 -> "a number that " + type + " can hold";
            default -> "a whole number that " + type + " can hold";
        };
    }

    String actual() throws IOException {
        return parser.currentToken().isNumeric() || parser.currentToken() == JsonToken.VALUE_STRING
                ? Excerpt.quoted(parser.getText())
                : Json.kind(parser);
    }

    private static boolean put(ByteBuffer buffer) {
        return buffer.isDirect();
    }

    private boolean readBoolean(ByteBuffer buffer) {
        if (!parser.currentToken().isBoolean()) {
            return false;
        }
        buffer.put((byte) (parser.currentToken() == JsonToken.VALUE_TRUE ? 1 : 0));
        return true;
    }

    private boolean isWhole(long least, long most) throws IOException {
        if (parser.currentToken() == JsonToken.VALUE_NUMBER_INT) {
            return parser.getNumberType() != JsonParser.NumberType.BIG_INTEGER
                    && parser.getLongValue() >= least
                    && parser.getLongValue() <= most;
        }
        if (parser.currentToken() != JsonToken.VALUE_NUMBER_FLOAT) {
            return false;
        }
        BigDecimal value = parser.getDecimalValue();
        // The number of digits is looked at before any arithmetic: 1e999999999 is a short text and a long number.
        return Math.abs((long) value.precision() - value.scale()) <= MOST_DIGITS
                && value.stripTrailingZeros().scale() <= 0
                && value.compareTo(BigDecimal.valueOf(least)) >= 0
                && value.compareTo(BigDecimal.valueOf(most)) <= 0;
    }

    private long whole() throws IOException {
        return parser.currentToken() == JsonToken.VALUE_NUMBER_INT
                ? parser.getLongValue()
                : parser.getDecimalValue().longValueExact();
    }

    private boolean readFloat(ByteBuffer buffer) throws IOException {
        float value;
        if (parser.currentToken().isNumeric()) {
            value = isNegativeZero() ? -0.0f : parser.getFloatValue();
            if (Float.isInfinite(value)) {
                return false;
            }
        } else if (isSpecial()) {
            value = Float.parseFloat(parser.getText());
        } else {
            return false;
        }
        buffer.putFloat(value);
        return true;
    }

    private boolean readDouble(ByteBuffer buffer) throws IOException {
        double value;
        if (parser.currentToken().isNumeric()) {
            value = isNegativeZero() ? -0.0 : parser.getDoubleValue();
            if (Double.isInfinite(value)) {
                return false;
            }
        } else if (isSpecial()) {
            value = Double.parseDouble(parser.getText());
        } else {
            return false;
        }
        buffer.putDouble(value);
        return true;
    }

    /** As an integer, -0 would lose its sign. */
    private boolean isNegativeZero() throws IOException {
        return parser.currentToken() == JsonToken.VALUE_NUMBER_INT
                && parser.getTextCharacters()[parser.getTextOffset()] == '-'
                && parser.getTextLength() == 2
                && parser.getTextCharacters()[parser.getTextOffset() + 1] == '0';
    }

    private boolean isSpecial() throws IOException {
        if (parser.currentToken() != JsonToken.VALUE_STRING) {
            return false;
        }
        return switch (parser.getText()) {
            case "NaN", "Infinity", "-Infinity" -> true;
            default -> false;
        };
    }
}
