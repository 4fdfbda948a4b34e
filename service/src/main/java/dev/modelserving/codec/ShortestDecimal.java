package dev.modelserving.codec;

/**
 * The shortest decimal that reads back to the same floating-point number, and of several the nearest, as
 * {@link Double#toString(double)} specifies it since Java 19 (R. Giulietti, "The Schubfach way to render doubles", 2021;
 * the names of variables are the paper's). Jackson has the same, and so has the JDK, but both give a string for each number.
 */
final class ShortestDecimal {
    private static final int FLOAT_FRACTION = 23;
    private static final int FLOAT_LEAST_EXPONENT = -149;
    private static final int DOUBLE_FRACTION = 52;
    private static final int DOUBLE_LEAST_EXPONENT = -1074;

    private ShortestDecimal() {}

    /**
     * Writes a finite number, with {@link DecimalDigits#ROOM} for it.
     *
     * @return where it ends
     */
    static int write(float value, byte[] target, int at) {
        int bits = Float.floatToRawIntBits(value);
        target[at] = '-';
        int begin = at + (bits >>> 31);
        int fraction = bits & ((1 << FLOAT_FRACTION) - 1);
        int biased = (bits >>> FLOAT_FRACTION) & 0xFF;
        if (biased != 0) {
            return writeFloat(biased - 1 + FLOAT_LEAST_EXPONENT, fraction | 1 << FLOAT_FRACTION, 0, target, begin);
        }
        if (fraction == 0) {
            return DecimalDigits.writeZero(target, begin);
        }
        return fraction < 8
                ? writeFloat(FLOAT_LEAST_EXPONENT, 10L * fraction, -1, target, begin)
                : writeFloat(FLOAT_LEAST_EXPONENT, fraction, 0, target, begin);
    }

    /**
     * Writes a finite number, with {@link DecimalDigits#ROOM} for it.
     *
     * @return where it ends
     */
    static int write(double value, byte[] target, int at) {
        long bits = Double.doubleToRawLongBits(value);
        target[at] = '-';
        int begin = at + (int) (bits >>> 63);
        long fraction = bits & ((1L << DOUBLE_FRACTION) - 1);
        int biased = (int) (bits >>> DOUBLE_FRACTION) & 0x7FF;
        if (biased != 0) {
            return writeDouble(biased - 1 + DOUBLE_LEAST_EXPONENT, fraction | 1L << DOUBLE_FRACTION, 0, target, begin);
        }
        if (fraction == 0) {
            return DecimalDigits.writeZero(target, begin);
        }
        return fraction < 3
                ? writeDouble(DOUBLE_LEAST_EXPONENT, 10 * fraction, -1, target, begin)
                : writeDouble(DOUBLE_LEAST_EXPONENT, fraction, 0, target, begin);
    }

    /** Writes {@code c * 2^q * 10^dk}; the smallest numbers come ten times as large, since they have two digits too. */
    private static int writeFloat(int q, long c, int dk, byte[] target, int at) {
        if (isWhole(q, c)) {
            return DecimalDigits.write(c >> -q, 0, target, at);
        }
        boolean regular = c != 1 << FLOAT_FRACTION || q == FLOAT_LEAST_EXPONENT;
        int k = regular ? log10OfPowerOf2(q) : log10OfThreeQuartersOfPowerOf2(q);
        int h = q + log2OfPowerOf10(-k) + 33;
        long g = DecimalPowers.high(-k) + 1;
        long cb = c << 2;
        long vb = roundToOdd(g, cb << h);
        long vbl = roundToOdd(g, (cb - (regular ? 2 : 1)) << h);
        long vbr = roundToOdd(g, (cb + 2) << h);
        return DecimalDigits.write(shortest(vb, vbl, vbr, (int) c & 1), k + dk, target, at);
    }

    /** Whole numbers below the power of two from which on all are whole are the shortest themselves. */
    private static boolean isWhole(int q, long c) {
        return q <= 0 && Long.numberOfTrailingZeros(c) >= -q;
    }

    private static int writeDouble(int q, long c, int dk, byte[] target, int at) {
        if (isWhole(q, c)) {
            return DecimalDigits.write(c >> -q, 0, target, at);
        }
        boolean regular = c != 1L << DOUBLE_FRACTION || q == DOUBLE_LEAST_EXPONENT;
        int k = regular ? log10OfPowerOf2(q) : log10OfThreeQuartersOfPowerOf2(q);
        int h = q + log2OfPowerOf10(-k) + 2;
        long g1 = DecimalPowers.high(-k);
        long g0 = DecimalPowers.low(-k);
        long cb = c << 2;
        long vb = roundToOdd(g1, g0, cb << h);
        long vbl = roundToOdd(g1, g0, (cb - (regular ? 2 : 1)) << h);
        long vbr = roundToOdd(g1, g0, (cb + 2) << h);
        return DecimalDigits.write(shortest(vb, vbl, vbr, (int) c & 1), k + dk, target, at);
    }

    /**
     * The shortest of the whole numbers between {@code vbl / 4} and {@code vbr / 4}, and the nearest to {@code vb / 4}. Which
     * of two it is is as good as random, so it is computed, not branched for.
     *
     * @param out 1 when the bounds themselves are not between them, else 0
     */
    private static long shortest(long vb, long vbl, long vbr, int out) {
        long least = vbl + out;
        long most = vbr - out;
        long s = vb >> 2;
        long toMiddle = vb - (4 * s + 2);
        long nearest = s + 1 - isNegative(toMiddle - (~s & 1));
        long result = onlyOne(s, 1, least, most, nearest);
        return s < 100 ? result : onlyOne(s / 10 * 10, 10, least, most, result);
    }

    /** {@code below} or {@code below + step}, when one of them is between the bounds, but not both; else {@code other}. */
    private static long onlyOne(long below, long step, long least, long most, long other) {
        long isBelowOut = isNegative(4 * below - least);
        long isAboveOut = isNegative(most - 4 * (below + step));
        long isOne = -(isBelowOut ^ isAboveOut);
        return (isOne & (below + step * isBelowOut)) | (~isOne & other);
    }

    private static long isNegative(long value) {
        return value >>> 63;
    }

    /** The product, where the last bit says too whether anything was cut off. */
    private static long roundToOdd(long g, long cp) {
        long x1 = Math.multiplyHigh(g, cp);
        return (x1 >>> 31) | (((x1 & 0xFFFF_FFFFL) + 0xFFFF_FFFFL) >>> 32);
    }

    private static long roundToOdd(long g1, long g0, long cp) {
        long x1 = Math.multiplyHigh(g0, cp);
        long y0 = g1 * cp;
        long y1 = Math.multiplyHigh(g1, cp);
        long z = (y0 >>> 1) + x1;
        long w = y1 + (z >>> 63);
        return w | (((z & Long.MAX_VALUE) + Long.MAX_VALUE) >>> 63);
    }

    /** Rounded down, as the next ones: for all exponents that there are. */
    static int log10OfPowerOf2(int exponent) {
        return (int) ((exponent * 661_971_961_083L) >> 41);
    }

    static int log10OfThreeQuartersOfPowerOf2(int exponent) {
        return (int) ((exponent * 661_971_961_083L - 274_743_187_321L) >> 41);
    }

    static int log2OfPowerOf10(int exponent) {
        return (int) ((exponent * 913_124_641_741L) >> 38);
    }
}
