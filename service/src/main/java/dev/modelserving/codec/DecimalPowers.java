package dev.modelserving.codec;

import java.math.BigInteger;

/**
 * Powers of ten in binary, as {@link ShortestDecimal} multiplies with them: of {@code 10^n = b * 2^r}, where {@code b} is
 * from {@code 2^125} to {@code 2^126}, the number {@code floor(b) + 1} of 126 bits. It is computed, not listed, when it is
 * first needed.
 */
final class DecimalPowers {
    static final int LEAST = -292;
    static final int GREATEST = 324;
    private static final int HALF_BITS = 63;
    private static final int BITS = 2 * HALF_BITS;

    private static final long[] HIGH = new long[GREATEST - LEAST + 1];
    private static final long[] LOW = new long[GREATEST - LEAST + 1];

    static {
        BigInteger power = BigInteger.ONE;
        for (int n = 0; n <= GREATEST; n++) {
            put(n, power.shiftLeft(BITS).shiftRight(power.bitLength()));
            if (n > 0 && -n >= LEAST) {
                put(-n, BigInteger.ONE.shiftLeft(BITS - 1 + power.bitLength()).divide(power));
            }
            power = power.multiply(BigInteger.TEN);
        }
    }

    private DecimalPowers() {}

    private static void put(int n, BigInteger floor) {
        BigInteger factor = floor.add(BigInteger.ONE);
        HIGH[n - LEAST] = factor.shiftRight(HALF_BITS).longValueExact();
        LOW[n - LEAST] = factor.longValue() & Long.MAX_VALUE;
    }

    /** The higher 63 bits for {@code 10^n}. */
    static long high(int n) {
        return HIGH[n - LEAST];
    }

    /** The lower 63 bits for {@code 10^n}. */
    static long low(int n) {
        return LOW[n - LEAST];
    }
}
