package dev.modelserving.codec;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import dev.modelserving.model.Excerpt;
import dev.modelserving.model.Shape;
import dev.modelserving.model.ShortFloat;
import dev.modelserving.model.Tensor;
import dev.modelserving.model.TensorType;
import java.io.IOException;
import java.math.BigDecimal;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Reads elements at the parser's place into a tensor's memory, which grows with what comes. Integers are exact to 64 bits
 * and must be in range; floats are rounded to the nearest; one that its type cannot hold is refused, not turned into
 * infinity. NaN and the infinities, which JSON has no numbers for, are the strings {@code "NaN"}, {@code "Infinity"},
 * {@code "-Infinity"}.
 */
final class ElementReader {
    private static final int MOST_DIGITS = 40;
    private static final BigDecimal LARGEST_UINT64 = new BigDecimal("18446744073709551615");

    private final JsonParser parser;
    private final TensorType type;
    private final TensorRoom room;
    private final List<String> strings = new ArrayList<>();
    private ByteBuffer numbers;
    private long count;

    /**
     * @param expected how many elements the shape asks for, to have the memory at once; 0 when that is not known
     */
    ElementReader(JsonParser parser, TensorType type, long expected, TensorRoom room) {
        this.parser = parser;
        this.type = type;
        this.room = room;
        this.numbers = allocate(expected);
    }

    private ByteBuffer allocate(long expected) {
        if (type == TensorType.BYTES) {
            return ByteBuffer.allocate(0);
        }
        int most = TensorRoom.mostElements(room.bodyLength());
        return expected == 0 ? room.begin(type) : room.allocate(type, Math.min(expected, most));
    }

    /** How many elements came, right ones or not. */
    long count() {
        return count;
    }

    /** Says false when the element is not of the type; what was read is of no use then. */
    boolean read() throws IOException {
        if (type == TensorType.BYTES) {
            count++;
            return readString();
        }
        if (count == numbers.capacity() / type.byteSize()) {
            numbers = room.grow(type, numbers, room.bodyLength());
        }
        numbers.position((int) count * type.byteSize());
        count++;
        return readNumber(numbers);
    }

    /** @throws IllegalArgumentException when the shape asks for another number of elements than came */
    Tensor tensor(Shape shape) {
        return type == TensorType.BYTES
                ? new Tensor.Strings(shape, strings)
                : new Tensor.Numbers(type, shape, numbers.flip());
    }

    String expected() {
        return switch (type) {
            case BOOL -> "true or false";
            case BYTES -> "a string of whole characters";
            case FP16, BF16, FP32, FP64 -> "a number that " + type + " can hold";
            default -> "a whole number that " + type + " can hold";
        };
    }

    String actual() throws IOException {
        if (parser.currentToken() == JsonToken.VALUE_STRING) {
            return "the string " + Excerpt.quoted(parser.getText());
        }
        return parser.currentToken().isNumeric() ? Excerpt.of(parser.getText()) : Json.kind(parser);
    }

    private boolean readString() throws IOException {
        if (parser.currentToken() != JsonToken.VALUE_STRING) {
            return false;
        }
        String text = parser.getText();
        strings.add(text);
        return Unicode.isWellFormed(text);
    }

    private boolean readNumber(ByteBuffer buffer) throws IOException {
        return switch (type) {
            case BOOL -> readBoolean(buffer);
            case INT8 -> isWhole(Byte.MIN_VALUE, Byte.MAX_VALUE) && done(buffer.put((byte) whole()));
            case UINT8 -> isWhole(0, 255) && done(buffer.put((byte) whole()));
            case INT16 -> isWhole(Short.MIN_VALUE, Short.MAX_VALUE) && done(buffer.putShort((short) whole()));
            case UINT16 -> isWhole(0, 65_535) && done(buffer.putShort((short) whole()));
            case INT32 -> isWhole(Integer.MIN_VALUE, Integer.MAX_VALUE) && done(buffer.putInt((int) whole()));
            case UINT32 -> isWhole(0, 0xFFFF_FFFFL) && done(buffer.putInt((int) whole()));
            case INT64 -> isWhole(Long.MIN_VALUE, Long.MAX_VALUE) && done(buffer.putLong(whole()));
            case UINT64 -> readUnsignedLong(buffer);
            case FP16, BF16 -> readShortFloat(buffer);
            case FP32 -> readFloat(buffer);
            case FP64 -> readDouble(buffer);
            case BYTES -> throw new IllegalStateException("strings have no place in a buffer");
        };
    }

    private static boolean done(ByteBuffer buffer) {
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
        return parser.currentToken() == JsonToken.VALUE_NUMBER_FLOAT
                && decimal()
                        .filter(value -> isWhole(value, BigDecimal.valueOf(least), BigDecimal.valueOf(most)))
                        .isPresent();
    }

    /** Nothing when the exponent is beyond all that a decimal can have. */
    private Optional<BigDecimal> decimal() throws IOException {
        try {
            return Optional.of(parser.getDecimalValue());
        } catch (NumberFormatException e) {
            return Optional.empty();
        }
    }

    /** The number of digits is looked at before any arithmetic: 1e999999999 is a short text and a long number. */
    private static boolean isWhole(BigDecimal value, BigDecimal least, BigDecimal most) {
        return (value.signum() == 0 || Math.abs((long) value.precision() - value.scale()) <= MOST_DIGITS)
                && value.stripTrailingZeros().scale() <= 0
                && value.compareTo(least) >= 0
                && value.compareTo(most) <= 0;
    }

    private long whole() throws IOException {
        return parser.currentToken() == JsonToken.VALUE_NUMBER_INT
                ? parser.getLongValue()
                : parser.getDecimalValue().longValueExact();
    }

    private boolean readUnsignedLong(ByteBuffer buffer) throws IOException {
        if (!parser.currentToken().isNumeric()) {
            return false;
        }
        Optional<BigDecimal> value = decimal().filter(any -> isWhole(any, BigDecimal.ZERO, LARGEST_UINT64));
        value.ifPresent(whole -> buffer.putLong(whole.longValue()));
        return value.isPresent();
    }

    private boolean readShortFloat(ByteBuffer buffer) throws IOException {
        double value;
        if (parser.currentToken().isNumeric()) {
            value = isNegativeZero() ? -0.0 : parser.getDoubleValue();
            if (ShortFloat.isTie(type, value)) {
                // What was written may lie beside the tie by less than a double can tell.
                int side = parser.getDecimalValue().compareTo(new BigDecimal(value));
                value = side == 0 ? value : side < 0 ? Math.nextDown(value) : Math.nextUp(value);
            }
            if (Float.isInfinite(ShortFloat.toFloat(type, ShortFloat.round(type, value)))) {
                return false;
            }
        } else if (isSpecial()) {
            value = Double.parseDouble(parser.getText());
        } else {
            return false;
        }
        buffer.putShort(ShortFloat.round(type, value));
        return true;
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
                && parser.getTextLength() == 2
                && parser.getTextCharacters()[parser.getTextOffset()] == '-'
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
