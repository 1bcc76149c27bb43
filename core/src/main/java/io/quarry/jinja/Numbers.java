package io.quarry.jinja;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.math.MathContext;
import java.math.RoundingMode;

/** Python's arithmetic: whole numbers without bound (up to a limit), floats, and booleans that count as 0 and 1. */
final class Numbers {
    /** Longer whole numbers are refused. */
    private static final int BITS = 4096;

    private Numbers() {}

    static boolean is(Object value) {
        return value instanceof Long || value instanceof Double || value instanceof Boolean
                || value instanceof BigInteger;
    }

    static boolean whole(Object value) {
        return is(value) && !(value instanceof Double);
    }

    /** A whole number in the form in which it is kept. */
    static Object of(BigInteger number) {
        if (number.bitLength() < Long.SIZE)
            return number.longValue();
        if (number.bitLength() > BITS)
            throw new Fault("a whole number has more than " + BITS + " bits");
        return number;
    }

    static BigInteger big(Object whole) {
        return switch (whole) {
            case BigInteger big -> big;
            case Boolean truth -> truth ? BigInteger.ONE : BigInteger.ZERO;
            default -> BigInteger.valueOf((Long) whole);
        };
    }

    static double real(Object number) {
        return switch (number) {
            case Double real -> real;
            case Boolean truth -> truth ? 1 : 0;
            case Long whole -> whole;
            default -> {
                double real = ((BigInteger) number).doubleValue();
                if (Double.isInfinite(real))
                    throw new Fault("a whole number is too large for a float");
                yield real;
            }
        };
    }

    /** Exact also where a float meets a whole number that no float can hold; NaN stands behind all others. */
    static int compare(Object a, Object b) {
        if (a instanceof Long left && b instanceof Long right)
            return Long.compare(left, right);
        if (whole(a) && whole(b))
            return big(a).compareTo(big(b));
        if (a instanceof Double left && !Double.isFinite(left) || b instanceof Double right && !Double.isFinite(right))
            return Double.compare(real(a), real(b));
        return decimal(a).compareTo(decimal(b));
    }

    private static BigDecimal decimal(Object number) {
        return number instanceof Double real ? new BigDecimal(real) : new BigDecimal(big(number));
    }

    static Object add(Object a, Object b) {
        if (a instanceof Long left && b instanceof Long right) {
            long sum = left + right;
            if (((left ^ sum) & (right ^ sum)) >= 0)
                return sum;
        }
        return whole(a) && whole(b) ? of(big(a).add(big(b))) : (Object) (real(a) + real(b));
    }

    static Object subtract(Object a, Object b) {
        return whole(a) && whole(b) ? of(big(a).subtract(big(b))) : (Object) (real(a) - real(b));
    }

    static Object multiply(Object a, Object b) {
        return whole(a) && whole(b) ? of(big(a).multiply(big(b))) : (Object) (real(a) * real(b));
    }

    static Object divide(Object a, Object b) {
        notZero(b);
        if (whole(a) && whole(b) && real(a) != 0 && (big(a).bitLength() > 53 || big(b).bitLength() > 53))
            return new BigDecimal(big(a)).divide(new BigDecimal(big(b)), new MathContext(40)).doubleValue();
        return real(a) / real(b);
    }

    private static void notZero(Object divisor) {
        if (real(divisor) == 0)
            throw new Fault("division by zero");
    }

    static Object floorDivide(Object a, Object b) {
        notZero(b);
        if (whole(a) && whole(b)) {
            BigInteger[] parts = big(a).divideAndRemainder(big(b));
            return of(parts[1].signum() * big(b).signum() < 0 ? parts[0].subtract(BigInteger.ONE) : parts[0]);
        }
        double quotient = (real(a) - (double) modulo(a, b)) / real(b);
        if (quotient == 0)
            return Math.copySign(0.0, real(a) / real(b));
        double floor = Math.floor(quotient);
        return quotient - floor > 0.5 ? floor + 1 : floor;
    }

    static Object modulo(Object a, Object b) {
        notZero(b);
        if (whole(a) && whole(b)) {
            BigInteger rest = big(a).remainder(big(b));
            return of(rest.signum() * big(b).signum() < 0 ? rest.add(big(b)) : rest);
        }
        double divisor = real(b);
        double rest = real(a) % divisor;
        if (rest == 0)
            return Math.copySign(0.0, divisor);
        return rest < 0 == divisor < 0 ? rest : (Object) (rest + divisor);
    }

    static Object power(Object a, Object b) {
        if (whole(a) && whole(b) && big(b).signum() >= 0) {
            BigInteger base = big(a);
            if (base.abs().bitLength() <= 1) // 0, 1 and -1 to any power
                return of(big(b).signum() == 0 ? BigInteger.ONE : big(b).testBit(0) ? base : base.multiply(base));
            if (big(b).compareTo(BigInteger.valueOf(BITS)) > 0)
                throw new Fault("a whole number has more than " + BITS + " bits");
            if ((long) base.bitLength() * big(b).intValue() > 2L * BITS)
                throw new Fault("a whole number has more than " + BITS + " bits");
            return of(base.pow(big(b).intValue()));
        }
        double base = real(a);
        double exponent = real(b);
        if (base == 0 && exponent < 0)
            throw new Fault("0 has no negative powers");
        double power = Math.pow(base, exponent);
        if (Double.isNaN(power) && !Double.isNaN(base) && !Double.isNaN(exponent))
            throw new Fault("a negative number has no power of " + repr(exponent));
        if (Double.isInfinite(power) && Double.isFinite(base) && Double.isFinite(exponent))
            throw new Fault("a power is too large for a float");
        return power;
    }

    static Object negate(Object number) {
        return number instanceof Double real ? (Object) (-real) : of(big(number).negate());
    }

    /** Towards zero, as {@code int()} does; fails for infinity and NaN. */
    static Object truncate(double real) {
        if (!Double.isFinite(real))
            throw new Fault("no whole number is " + repr(real));
        return of(new BigDecimal(real).toBigInteger());
    }

    /** {@code round(number, digits)}: halves go to the even side, counted on the exact value. */
    static Object round(Object number, int digits) {
        int places = Math.clamp(digits, -400, 400);
        if (number instanceof Double real) {
            if (!Double.isFinite(real))
                return real;
            double rounded = new BigDecimal(real).setScale(places, RoundingMode.HALF_EVEN).doubleValue();
            return Math.copySign(rounded, real);
        }
        if (places >= 0)
            return of(big(number));
        return of(new BigDecimal(big(number)).setScale(places, RoundingMode.HALF_EVEN).toBigInteger());
    }

    /** A float as Python writes it: the shortest digits, an exponent from 1e16 on and under 1e-4. */
    static String repr(double number) {
        if (Double.isNaN(number))
            return "nan";
        if (Double.isInfinite(number))
            return number > 0 ? "inf" : "-inf";
        if (number == 0)
            return Double.toString(number);
        BigDecimal digits = new BigDecimal(Double.toString(number)).stripTrailingZeros();
        int exponent = digits.precision() - digits.scale() - 1;
        if (exponent >= -4 && exponent < 16) {
            String plain = digits.toPlainString();
            return plain.contains(".") ? plain : plain + ".0";
        }
        String all = digits.unscaledValue().abs().toString();
        return (number < 0 ? "-" : "") + all.charAt(0) + (all.length() > 1 ? "." + all.substring(1) : "") + "e"
                + (exponent < 0 ? "-" : "+") + (Math.abs(exponent) < 10 ? "0" : "") + Math.abs(exponent);
    }
}
