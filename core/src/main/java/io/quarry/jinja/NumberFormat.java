package io.quarry.jinja;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.math.MathContext;
import java.math.RoundingMode;
import java.util.Locale;

/** Digits of numbers for {@code format} and {@code %}; without sign and width. */
final class NumberFormat {
    /** More digits than this are refused. */
    private static final int DIGITS = 1000;

    private NumberFormat() {}

    /** Digits of a whole number in the base that a letter stands for. */
    static String whole(BigInteger magnitude, char type, boolean prefix) {
        return switch (type) {
            case 'x' -> (prefix ? "0x" : "") + magnitude.toString(16);
            case 'X' -> (prefix ? "0X" : "") + magnitude.toString(16).toUpperCase(Locale.ROOT);
            case 'o' -> (prefix ? "0o" : "") + magnitude.toString(8);
            case 'b' -> (prefix ? "0b" : "") + magnitude.toString(2);
            default -> magnitude.toString();
        };
    }

    /** Digits of a float that is not negative, after one of the letters e, f, g and %. */
    static String real(double magnitude, char type, int precision) {
        if (precision > DIGITS)
            throw new Fault("a number is written with more than " + DIGITS + " digits");
        boolean large = Character.isUpperCase(type);
        if (!Double.isFinite(magnitude)) {
            String name = Double.isNaN(magnitude) ? "nan" : "inf";
            return (large ? name.toUpperCase(Locale.ROOT) : name) + (type == '%' ? "%" : "");
        }
        String digits = switch (Character.toLowerCase(type)) {
            case 'e' -> exponential(new BigDecimal(magnitude), precision);
            case 'g' -> general(new BigDecimal(magnitude), Math.max(precision, 1));
            case '%' -> fixed(new BigDecimal(magnitude * 100), precision) + "%";
            default -> fixed(new BigDecimal(magnitude), precision);
        };
        return large ? digits.toUpperCase(Locale.ROOT) : digits;
    }

    private static String fixed(BigDecimal number, int precision) {
        return number.setScale(precision, RoundingMode.HALF_EVEN).toPlainString();
    }

    private static String exponential(BigDecimal number, int precision) {
        BigDecimal rounded = number.round(new MathContext(precision + 1, RoundingMode.HALF_EVEN));
        int exponent = rounded.signum() == 0 ? 0 : rounded.precision() - rounded.scale() - 1;
        String digits = fixed(rounded.movePointLeft(exponent), precision);
        return digits + "e" + (exponent < 0 ? "-" : "+") + (Math.abs(exponent) < 10 ? "0" : "") + Math.abs(exponent);
    }

    private static String general(BigDecimal number, int precision) {
        BigDecimal rounded = number.round(new MathContext(precision, RoundingMode.HALF_EVEN));
        int exponent = rounded.signum() == 0 ? 0 : rounded.precision() - rounded.scale() - 1;
        if (exponent >= -4 && exponent < precision)
            return rounded.signum() == 0 ? "0" : rounded.stripTrailingZeros().toPlainString();
        String digits = exponential(number, precision - 1);
        int at = digits.indexOf('e');
        String mantissa = digits.substring(0, at);
        return (mantissa.contains(".") ? mantissa.replaceAll("\\.?0+$", "") : mantissa) + digits.substring(at);
    }

    /** Digits in groups of three before the point. */
    static String grouped(String digits, char separator) {
        int end = 0;
        while (end < digits.length() && Character.isDigit(digits.charAt(end)))
            end++;
        StringBuilder out = new StringBuilder(digits);
        for (int at = end - 3; at > 0; at -= 3)
            out.insert(at, separator);
        return out.toString();
    }
}
