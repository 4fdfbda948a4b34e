package dev.modelserving.codec;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

/**
 * Writes digits, eight at once (P. Khuong, "How to print integers really fast", 2017). Behind what is written, up to
 * {@link #ROOM} bytes from its beginning may be overwritten.
 */
final class DecimalDigits {
    /** More than the longest number has. */
    static final int ROOM = 32;

    private static final VarHandle CHARACTERS =
            MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);
    private static final long ZEROS = 0x3030_3030_3030_3030L;
    private static final int EIGHT = Long.BYTES;
    private static final int TEN_TO_8 = 100_000_000;
    private static final int MOST_WHOLE_DIGITS = 7;
    private static final int MOST_ZEROS = 2;

    /** Of ten, from 10^0 on. */
    static final long[] POWERS = new long[18];

    static {
        POWERS[0] = 1;
        for (int exponent = 1; exponent < POWERS.length; exponent++) {
            POWERS[exponent] = POWERS[exponent - 1] * 10;
        }
    }

    private DecimalDigits() {}

    static int writeZero(byte[] target, int at) {
        target[at] = '0';
        target[at + 1] = '.';
        target[at + 2] = '0';
        return at + 3;
    }

    /**
     * Writes {@code digits * 10^exponent} as {@link Double#toString(double)} does: plainly from 10^-3 to 10^7, else with an
     * exponent, and with one digit behind the point at least.
     *
     * @param digits from 1 to 10^17 - 1
     * @return where it ends
     */
    static int write(long digits, int exponent, byte[] target, int at) {
        int length = ShortestDecimal.log10OfPowerOf2(Long.SIZE - Long.numberOfLeadingZeros(digits));
        length += (int) ((POWERS[length] - 1 - digits) >>> 63);
        int point = exponent + length; // before which stand so many digits
        if (length <= 9) {
            return write((int) (digits * POWERS[9 - length]), 0, point, target, at);
        }
        long all = digits * POWERS[17 - length];
        long high = all / TEN_TO_8;
        return write((int) high, (int) (all - high * TEN_TO_8), point, target, at);
    }

    /** @param high nine digits, the first of which is not 0, with eight lower ones behind them */
    private static int write(int high, int low, int point, byte[] target, int at) {
        byte first = (byte) ('0' + high / TEN_TO_8);
        long middle = eightDigits(high % TEN_TO_8);
        long last = low == 0 ? 0 : eightDigits(low);
        int count = last == 0 ? 9 - trailingZeros(middle) : 17 - trailingZeros(last);
        middle += ZEROS;
        last += ZEROS;
        if (0 < point && point <= MOST_WHOLE_DIGITS) {
            target[at] = first;
            CHARACTERS.set(target, at + 1, middle);
            target[at + point] = '.';
            CHARACTERS.set(target, at + point + 1, middle >>> (EIGHT * (point - 1)));
            CHARACTERS.set(target, at + 10, last);
            return at + 1 + Math.max(count, point + 1);
        }
        if (point <= 0 && point >= -MOST_ZEROS) {
            CHARACTERS.set(target, at, ZEROS);
            target[at + 1] = '.';
            int begin = at + 2 - point;
            target[begin] = first;
            CHARACTERS.set(target, begin + 1, middle);
            CHARACTERS.set(target, begin + 9, last);
            return begin + count;
        }
        target[at] = first;
        target[at + 1] = '.';
        CHARACTERS.set(target, at + 2, middle);
        CHARACTERS.set(target, at + 10, last);
        return writeExponent(point - 1, target, at + 1 + Math.max(count, 2));
    }

    private static int writeExponent(int exponent, byte[] target, int at) {
        int next = at;
        target[next++] = 'E';
        if (exponent < 0) {
            target[next++] = '-';
        }
        return writeBelowTenTo8(Math.abs(exponent), target, next);
    }

    /**
     * Writes a whole number without a sign.
     *
     * @return where it ends
     */
    static int writeUnsigned(long value, byte[] target, int at) {
        if (value >= 0 && value < TEN_TO_8) {
            return writeBelowTenTo8((int) value, target, at);
        }
        long high = value < 0 ? Long.divideUnsigned(value, TEN_TO_8) : value / TEN_TO_8;
        int end = high < TEN_TO_8
                ? writeBelowTenTo8((int) high, target, at)
                : writeEight((int) (high % TEN_TO_8), target, writeBelowTenTo8((int) (high / TEN_TO_8), target, at));
        return writeEight((int) (value - high * TEN_TO_8), target, end);
    }

    private static int writeBelowTenTo8(int value, byte[] target, int at) {
        long characters = eightDigits(value);
        int zeros = Math.min(Long.numberOfTrailingZeros(characters) / EIGHT, EIGHT - 1);
        CHARACTERS.set(target, at, (characters + ZEROS) >>> (EIGHT * zeros));
        return at + EIGHT - zeros;
    }

    private static int writeEight(int value, byte[] target, int at) {
        CHARACTERS.set(target, at, eightDigits(value) + ZEROS);
        return at + EIGHT;
    }

    /** The digits of a number below 10^8, the first one in the lowest byte: four, two, and then one at once. */
    private static long eightDigits(int value) {
        long top = value / 10_000;
        long fours = top | ((value - top * 10_000) << 32);
        long hundreds = ((fours * 10_486) >>> 20) & 0x0000_007F_0000_007FL;
        long twos = hundreds | ((fours - 100 * hundreds) << 16);
        long tens = ((twos * 103) >>> 10) & 0x000F_000F_000F_000FL;
        return tens | ((twos - 10 * tens) << 8);
    }

    private static int trailingZeros(long eightDigits) {
        return Long.numberOfLeadingZeros(eightDigits) / EIGHT;
    }
}
