package dev.modelserving.codec;

import dev.modelserving.model.TensorType;
import java.nio.ByteBuffer;
import java.nio.FloatBuffer;
import java.nio.charset.StandardCharsets;

/**
 * Reads elements into a tensor's memory, the same values bit for bit as {@link ElementReader}.
 *
 * <p>Floats are computed from up to 18 digits as a whole number times a power of ten that is exact in double precision
 * (W. Clinger, How to Read Floating Point Numbers Accurately, PLDI 1990). For FP64 that is right while the whole number is
 * exact too. For FP32 the two roundings leave an error below two units of the double's last place: the float is right
 * unless the double lies that near to the middle between two floats. Everything else is read by the JDK.
 */
final class PlainElements {
    static final int MOST_DIGITS = 18;
    private static final long LARGEST_EXACT = 1L << 53;
    private static final int BELOW_FLOAT = 29;
    private static final long BELOW_FLOAT_MASK = (1L << BELOW_FLOAT) - 1;
    private static final long MIDDLE = 1L << (BELOW_FLOAT - 1);
    static final double[] POWERS = {
        1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19,
        1e20, 1e21, 1e22
    };

    private final PlainFloats floats = PlainFloats.ofThisThread();
    private final PlainBytes bytes;
    private final TensorType type;
    private final TensorRoom room;
    private final boolean counted;
    private ByteBuffer target;
    private FloatBuffer floatTarget;
    private int capacity;
    private int count;

    /** Of the number that was read last. */
    private boolean negative;

    private boolean whole;
    private long digits;
    private int exponent;

    private PlainElements(PlainBytes bytes, TensorType type, TensorRoom room, ByteBuffer target, boolean counted) {
        this.bytes = bytes;
        this.type = type;
        this.room = room;
        this.counted = counted;
        this.target = target;
        this.floatTarget = target.asFloatBuffer();
        this.capacity = target.capacity() / type.byteSize();
    }

    /** At most {@code most} elements. */
    static PlainElements counted(PlainBytes bytes, TensorType type, int most, TensorRoom room) {
        return new PlainElements(bytes, type, room, room.allocate(type, most), true);
    }

    /** As many elements as come. */
    static PlainElements uncounted(PlainBytes bytes, TensorType type, TensorRoom room) {
        return new PlainElements(bytes, type, room, room.begin(type), false);
    }

    /** Whether elements of the type are read here at all. */
    static boolean reads(TensorType type) {
        return switch (type) {
            case BOOL, INT8, UINT8, INT16, INT32, INT64, FP32, FP64 -> true;
            default -> false;
        };
    }

    int count() {
        return count;
    }

    /** The elements that were read. */
    ByteBuffer target() {
        return target.limit(count * type.byteSize());
    }

    /** Reads elements and the commas between them up to the array's end, which is passed. */
    int readRow() {
        int before = count;
        do {
            if (type == TensorType.FP32) {
                readUsualFloats();
            }
            read();
        } while (bytes.passes(','));
        bytes.expect(']');
        return count - before;
    }

    /** As many as come in the form that most have, but for the last one. */
    private void readUsualFloats() {
        bytes.peek();
        bytes.needToken();
        int end = bytes.limit() - PlainFloats.LOOK_AHEAD;
        int most = Math.min(capacity - count, PlainFloats.MOST);
        int read = floats.read(bytes.window(), bytes.position(), end, most);
        if (read > 0) {
            floatTarget.put(count, floats.values(), 0, read);
            count += read;
            bytes.moveTo(floats.position());
        }
    }

    private void read() {
        bytes.peek();
        bytes.needToken();
        if (count == capacity) {
            grow();
        }
        int at = count++ * type.byteSize();
        switch (type) {
            case FP32 -> target.putFloat(at, readFloat());
            case FP64 -> target.putDouble(at, readDouble());
            case INT64 -> target.putLong(at, readWhole(Long.MIN_VALUE, Long.MAX_VALUE));
            case INT32 -> target.putInt(at, (int) readWhole(Integer.MIN_VALUE, Integer.MAX_VALUE));
            case INT16 -> target.putShort(at, (short) readWhole(Short.MIN_VALUE, Short.MAX_VALUE));
            case INT8 -> target.put(at, (byte) readWhole(Byte.MIN_VALUE, Byte.MAX_VALUE));
            case UINT8 -> target.put(at, (byte) readWhole(0, 255));
            case BOOL -> target.put(at, readBoolean());
            default -> throw NotPlain.it();
        }
    }

    private void grow() {
        if (counted) {
            throw NotPlain.it();
        }
        target = room.grow(type, target, bytes.unread());
        floatTarget = target.asFloatBuffer();
        capacity = target.capacity() / type.byteSize();
    }

    private byte readBoolean() {
        String literal = bytes.peek() == 't' ? "true" : "false";
        if (!bytes.stringIs(literal, literal.length())) {
            throw NotPlain.it();
        }
        bytes.moveTo(bytes.position() + literal.length());
        return (byte) (literal.length() == 4 ? 1 : 0);
    }

    private long readWhole(long least, long greatest) {
        readNumber();
        long value = negative ? -digits : digits;
        if (!whole || value < least || value > greatest) {
            throw NotPlain.it();
        }
        return value;
    }

    private float readFloat() {
        int begin = bytes.position();
        if (readNumber()) {
            if (digits == 0) {
                return negative ? -0.0f : 0.0f;
            }
            if (exponent >= -22 && exponent <= 22) {
                double value = scaled();
                if (!isNearMiddleOfFloats(value) && value >= Float.MIN_NORMAL && value < Float.MAX_VALUE) {
                    return negative ? -(float) value : (float) value;
                }
            }
        }
        float value = Float.parseFloat(text(begin));
        if (Float.isInfinite(value)) {
            throw NotPlain.it();
        }
        return value;
    }

    /** Whether another double as near to the number may round to another float. */
    static boolean isNearMiddleOfFloats(double value) {
        return Math.abs((Double.doubleToRawLongBits(value) & BELOW_FLOAT_MASK) - MIDDLE) <= 2;
    }

    private double readDouble() {
        int begin = bytes.position();
        if (readNumber()) {
            if (digits == 0) {
                return negative ? -0.0 : 0.0;
            }
            if (digits <= LARGEST_EXACT && exponent >= -22 && exponent <= 22) {
                return negative ? -scaled() : scaled();
            }
        }
        double value = Double.parseDouble(text(begin));
        if (Double.isInfinite(value)) {
            throw NotPlain.it();
        }
        return value;
    }

    private double scaled() {
        return exponent < 0 ? digits / POWERS[-exponent] : digits * POWERS[exponent];
    }

    private String text(int begin) {
        return new String(bytes.window(), begin, bytes.position() - begin, StandardCharsets.ISO_8859_1);
    }

    /** Passes a number; false when it has more digits than are kept. */
    private boolean readNumber() {
        byte[] window = bytes.window();
        int begin = bytes.position();
        int at = begin;
        negative = window[at] == '-';
        if (negative) {
            at++;
        }
        int first = at;
        long value = 0;
        while (isDigit(window[at])) {
            value = value * 10 + window[at++] - '0';
        }
        int kept = at - first;
        if (kept == 0 || (kept > 1 && window[first] == '0')) {
            throw NotPlain.it();
        }
        int scale = 0;
        whole = !PlainBytes.isPartOfNumber(window[at]);
        if (window[at] == '.') {
            int fraction = ++at;
            if (window[first] == '0') {
                at = passZeros(window, at);
                kept = fraction - at;
            }
            while (isDigit(window[at])) {
                value = value * 10 + window[at++] - '0';
            }
            scale = fraction - at;
            if (scale == 0) {
                throw NotPlain.it();
            }
            kept -= scale;
        }
        if (window[at] == 'e' || window[at] == 'E') {
            at = readExponent(window, at + 1);
            scale += exponent;
        }
        if (at - begin >= PlainBytes.LONGEST_TOKEN) {
            throw NotPlain.it();
        }
        bytes.moveTo(at);
        digits = value;
        exponent = scale;
        whole &= kept <= MOST_DIGITS;
        return kept <= MOST_DIGITS;
    }

    /** Zeros before the first digit that counts. */
    private static int passZeros(byte[] window, int from) {
        int at = from;
        while (window[at] == '0') {
            at++;
        }
        return at;
    }

    private int readExponent(byte[] window, int from) {
        int at = from;
        boolean minus = window[at] == '-';
        if (minus || window[at] == '+') {
            at++;
        }
        int first = at;
        int value = 0;
        while (isDigit(window[at])) {
            value = value * 10 + window[at++] - '0';
        }
        if (at == first || at - first > 4) {
            throw NotPlain.it();
        }
        exponent = minus ? -value : value;
        return at;
    }

    static boolean isDigit(byte next) {
        return next >= '0' && next <= '9';
    }
}
