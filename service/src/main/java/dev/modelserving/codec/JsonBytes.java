package dev.modelserving.codec;

import static java.nio.charset.StandardCharsets.US_ASCII;

/**
 * JSON (RFC 8259) on its way into a {@link ResponseBody}, through a window that stays in the processor's cache. Nothing is
 * made on the heap for what is written; that it is a document is its user's care. A thread writes one at a time.
 */
final class JsonBytes {
    private static final int WINDOW = 32 << 10;
    private static final ThreadLocal<byte[]> WINDOWS = ThreadLocal.withInitial(() -> new byte[WINDOW]);

    /** The most that one character of a string takes: the escape of a control character. */
    private static final int CHARACTER = 6;

    private static final byte[] TRUE = literal("true");
    private static final byte[] FALSE = literal("false");
    private static final byte[] NAN = literal("'NaN'");
    private static final byte[] INFINITY = literal("'Infinity'");
    private static final byte[] MINUS_INFINITY = literal("'-Infinity'");
    private static final byte[] HEX_DIGITS = literal("0123456789ABCDEF");

    private final ResponseBody target;
    private final byte[] window = WINDOWS.get();
    private int position;

    JsonBytes(ResponseBody target) {
        this.target = target;
    }

    /** Bytes for {@link #put(byte[])}, where ' stands for ". */
    static byte[] literal(String text) {
        return text.replace('\'', '"').getBytes(US_ASCII);
    }

    /** Hands over what is still in the window. */
    void finish() {
        if (position > 0) {
            target.append(window, 0, position);
            position = 0;
        }
    }

    private void need(int bytes) {
        if (WINDOW - position < bytes) {
            finish();
        }
    }

    void put(char ascii) {
        need(1);
        window[position++] = (byte) ascii;
    }

    void put(byte[] literal) {
        need(literal.length);
        System.arraycopy(literal, 0, window, position, literal.length);
        position += literal.length;
    }

    /** What stands before the element or member at {@code index}: a comma, unless it is the first. */
    void separate(int index) {
        if (index > 0) {
            put(',');
        }
    }

    /** A member's name, and the colon behind it. */
    void putName(String name) {
        putString(name);
        put(':');
    }

    void putBoolean(boolean value) {
        put(value ? TRUE : FALSE);
    }

    void putWhole(long value) {
        if (value < 0) {
            put('-');
            putUnsigned(-value);
        } else {
            putUnsigned(value);
        }
    }

    /** Of the 64 bits, none of which is a sign. */
    void putUnsigned(long value) {
        need(DecimalDigits.ROOM);
        position = DecimalDigits.writeUnsigned(value, window, position);
    }

    /** NaN and the infinities, which JSON has no numbers for, as strings. */
    void putFloat(float value) {
        if (Float.isFinite(value)) {
            need(DecimalDigits.ROOM);
            position = ShortestDecimal.write(value, window, position);
        } else {
            putNonFinite(value);
        }
    }

    /** NaN and the infinities, which JSON has no numbers for, as strings. */
    void putDouble(double value) {
        if (Double.isFinite(value)) {
            need(DecimalDigits.ROOM);
            position = ShortestDecimal.write(value, window, position);
        } else {
            putNonFinite(value);
        }
    }

    private void putNonFinite(double value) {
        if (Double.isNaN(value)) {
            put(NAN);
        } else {
            put(value > 0 ? INFINITY : MINUS_INFINITY);
        }
    }

    /** Half of a surrogate pair, which UTF-8 cannot write, becomes U+FFFD. */
    void putString(String text) {
        put('"');
        int length = text.length();
        for (int index = 0; index < length; index++) {
            char next = text.charAt(index);
            need(CHARACTER);
            if (next < 0x80) {
                putAscii(next);
            } else if (Character.isHighSurrogate(next)
                    && index + 1 < length
                    && Character.isLowSurrogate(text.charAt(index + 1))) {
                putUtf8(Character.toCodePoint(next, text.charAt(++index)));
            } else {
                putUtf8(Character.isSurrogate(next) ? 0xFFFD : next);
            }
        }
        put('"');
    }

    private void putAscii(char next) {
        if (next >= ' ' && next != '"' && next != '\\') {
            window[position++] = (byte) next;
            return;
        }
        window[position++] = '\\';
        switch (next) {
            case '"', '\\' -> window[position++] = (byte) next;
            case '\b' -> window[position++] = 'b';
            case '\t' -> window[position++] = 't';
            case '\n' -> window[position++] = 'n';
            case '\f' -> window[position++] = 'f';
            case '\r' -> window[position++] = 'r';
            default -> {
                window[position++] = 'u';
                window[position++] = '0';
                window[position++] = '0';
                window[position++] = HEX_DIGITS[next >> 4];
                window[position++] = HEX_DIGITS[next & 0xF];
            }
        }
    }

    private void putUtf8(int character) {
        if (character < 0x800) {
            window[position++] = (byte) (0xC0 | character >> 6);
        } else {
            if (character < 0x1_0000) {
                window[position++] = (byte) (0xE0 | character >> 12);
            } else {
                window[position++] = (byte) (0xF0 | character >> 18);
                window[position++] = (byte) (0x80 | (character >> 12 & 0x3F));
            }
            window[position++] = (byte) (0x80 | (character >> 6 & 0x3F));
        }
        window[position++] = (byte) (0x80 | (character & 0x3F));
    }
}
