package dev.modelserving.codec;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

/**
 * Reads floats of the form that most have, digits and a fraction of up to 16 digits, with a comma behind them. Eight digits
 * are told from other characters, and made a number, at once (D. Lemire, "Quickly parsing eight digits", 2018, and
 * "Number Parsing at a Gigabyte per Second", Software: Practice and Experience 51, 2021). What {@link PlainElements} says of
 * the rounding holds here too. For use by one thread.
 */
final class PlainFloats {
    /** As many bytes behind the place where a number begins are read at most. */
    static final int LOOK_AHEAD = 48;

    /** How many are read in one go. */
    static final int MOST = 1024;

    private static final VarHandle CHARACTERS =
            MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);
    private static final int EIGHT = Long.BYTES;

    private static final ThreadLocal<PlainFloats> OF_THREAD = ThreadLocal.withInitial(PlainFloats::new);

    private final float[] values = new float[MOST];
    private int position;

    private PlainFloats() {}

    static PlainFloats ofThisThread() {
        return OF_THREAD.get();
    }

    /** What was read last. */
    float[] values() {
        return values;
    }

    /** Behind the comma of the last number that was read, and one space; where the next number may begin. */
    int position() {
        return position;
    }

    /**
     * Reads up to {@code most} numbers, and stops before one of another form, or that nothing or no comma follows.
     *
     * @param end no number is read that begins there or later; {@link #LOOK_AHEAD} bytes behind it can be read
     * @return how many were read
     */
    int read(byte[] window, int begin, int end, int most) {
        int count = 0;
        int next = begin;
        while (next < end && count < most) {
            int at = next;
            boolean negative = window[at] == '-';
            if (negative) {
                at++;
            }
            int first = at;
            long value = 0;
            while (PlainElements.isDigit(window[at]) && at - first < PlainElements.MOST_DIGITS) {
                value = value * 10 + window[at++] - '0';
            }
            int digits = at - first;
            if (digits == 0 || (digits > 1 && window[first] == '0')) {
                break;
            }
            int scale = 0;
            if (window[at] == '.') {
                at++;
                long characters = (long) CHARACTERS.get(window, at);
                scale = leadingDigits(characters);
                if (scale == 0) {
                    break;
                }
                value = value * DecimalDigits.POWERS[scale] + number(characters, scale);
                if (scale == EIGHT) {
                    characters = (long) CHARACTERS.get(window, at + EIGHT);
                    int more = leadingDigits(characters);
                    value = more == 0 ? value : value * DecimalDigits.POWERS[more] + number(characters, more);
                    scale += more;
                }
                at += scale;
            }
            double scaled = value / PlainElements.POWERS[scale];
            if (window[at] != ','
                    || digits + scale > PlainElements.MOST_DIGITS
                    || PlainElements.isNearMiddleOfFloats(scaled)) {
                break;
            }
            values[count++] = negative ? -(float) scaled : (float) scaled;
            next = window[at + 1] == ' ' ? at + 2 : at + 1;
        }
        position = next;
        return count;
    }

    /** How many of eight characters, from the first on, are digits. */
    static int leadingDigits(long characters) {
        long above = (characters & 0x7F7F_7F7F_7F7F_7F7FL) + 0x4646_4646_4646_4646L;
        long below = ~((characters | 0x8080_8080_8080_8080L) - 0x3030_3030_3030_3030L);
        long others = (above | below | characters) & 0x8080_8080_8080_8080L;
        return Long.numberOfTrailingZeros(others) / EIGHT;
    }

    /** The number that the first {@code count} of eight characters are, which is at least one. */
    static long number(long characters, int count) {
        long digits = (characters - 0x3030_3030_3030_3030L) << (Long.SIZE - EIGHT * count);
        long pairs = digits * 10 + (digits >>> 8);
        return ((pairs & 0x0000_00FF_0000_00FFL) * (100 + (1_000_000L << 32))
                        + ((pairs >>> 16) & 0x0000_00FF_0000_00FFL) * (1 + (10_000L << 32)))
                >>> 32;
    }
}
