package dev.modelserving.model;

/**
 * Floating-point numbers of 16 bits: {@link TensorType#FP16} (IEEE 754 binary16) and {@link TensorType#BF16} (bfloat16),
 * which Java 17 has no type for.
 */
public final class ShortFloat {
    private static final Format BINARY16 = new Format(10, 15);
    private static final Format BFLOAT16 = new Format(7, 127);

    private ShortFloat() {}

    /**
     * A format with sign, exponent and fraction in this order.
     *
     * @param bias of the exponent; the least normal exponent is {@code 1 - bias}
     */
    private record Format(int fractionBits, int bias) {
        /** How many times the smallest step of {@code magnitude}'s binade goes into it; exact but for the last bits. */
        private double steps(double magnitude, int exponent) {
            return Math.scalb(magnitude, fractionBits - exponent);
        }

        private int exponent(double magnitude) {
            return Math.max(Math.getExponent(magnitude), 1 - bias);
        }

        short round(double value) {
            int sign = Double.doubleToRawLongBits(value) < 0 ? 0x8000 : 0;
            int infinity = (2 * bias + 1) << fractionBits;
            if (Double.isNaN(value)) {
                return (short) (infinity | 1 << (fractionBits - 1));
            }
            double magnitude = Math.abs(value);
            if (Double.isInfinite(value) || Math.getExponent(magnitude) > bias) {
                return (short) (sign | infinity);
            }
            int exponent = exponent(magnitude);
            // Rounding up to the next power of two carries into the exponent, and from the greatest one to infinity.
            int steps = (int) Math.rint(steps(magnitude, exponent));
            return (short) (sign | ((exponent + bias - 1) << fractionBits) + steps);
        }

        boolean isTie(double value) {
            double magnitude = Math.abs(value);
            if (!Double.isFinite(value) || Math.getExponent(magnitude) > bias) {
                return false;
            }
            double steps = steps(magnitude, exponent(magnitude));
            return steps - Math.floor(steps) == 0.5;
        }
    }

    private static Format format(TensorType type) {
        return switch (type) {
            case FP16 -> BINARY16;
            case BF16 -> BFLOAT16;
            default -> throw new IllegalArgumentException(type + " has not 16 bits of floating point");
        };
    }

    /**
     * The nearest number of {@code type}, to even where two are equally near; infinite when it is beyond the greatest.
     *
     * @param type FP16 or BF16
     */
    public static short round(TensorType type, double value) {
        return format(type).round(value);
    }

    /** Whether {@code value} lies exactly in the middle between two neighbours of {@code type}. */
    public static boolean isTie(TensorType type, double value) {
        return format(type).isTie(value);
    }

    /** The number that {@code bits} of {@code type} stand for; always exact. */
    public static float toFloat(TensorType type, short bits) {
        if (type == TensorType.BF16) {
            return Float.intBitsToFloat(bits << 16);
        }
        Format format = format(type);
        int fraction = bits & 0x3FF;
        int exponent = bits >> 10 & 0x1F;
        float magnitude;
        if (exponent == 0x1F) {
            magnitude = fraction == 0 ? Float.POSITIVE_INFINITY : Float.NaN;
        } else if (exponent == 0) {
            magnitude = Math.scalb((float) fraction, 1 - format.bias() - format.fractionBits());
        } else {
            magnitude = Math.scalb((float) (fraction | 0x400), exponent - format.bias() - format.fractionBits());
        }
        return bits < 0 ? -magnitude : magnitude;
    }
}
