package io.quarry.jinja;

import java.math.BigInteger;
import java.util.regex.Pattern;

/** Numbers out of strings, as Python's {@code int()} and {@code float()} read them. */
final class NumberReader {
    private static final int DIGITS = 1200;
    private static final Pattern REAL = Pattern
            .compile("[+-]?(?:(?:[0-9][0-9_]*+)?\\.?[0-9_]*+(?:[eE][+-]?[0-9][0-9_]*+)?|inf|infinity|nan)",
                    Pattern.CASE_INSENSITIVE);

    private NumberReader() {}

    /** A whole number; null if it is none. A base of 0 is read from the prefix. */
    static Object whole(String text, int base) {
        if (base != 0 && (base < 2 || base > 36) || text.length() > DIGITS)
            return null;
        String digits = text.strip();
        boolean minus = digits.startsWith("-");
        if (minus || digits.startsWith("+"))
            digits = digits.substring(1);
        int radix = base;
        int prefix = digits.length() < 2 || digits.charAt(0) != '0' ? 10 : prefix(digits.charAt(1));
        if (prefix != 10 && (base == 0 || base == prefix)) {
            radix = prefix;
            digits = digits.substring(2);
        } else if (base == 0)
            radix = 10;
        if (!separated(digits))
            return null;
        digits = digits.replace("_", "");
        for (int i = 0; i < digits.length(); i++)
            if (digits.charAt(i) >= 0x80 || Character.digit(digits.charAt(i), radix) < 0)
                return null;
        BigInteger value = new BigInteger(digits, radix);
        return Numbers.of(minus ? value.negate() : value);
    }

    private static int prefix(char letter) {
        return switch (letter) {
            case 'x', 'X' -> 16;
            case 'o', 'O' -> 8;
            case 'b', 'B' -> 2;
            default -> 10;
        };
    }

    /** Whether underscores stand alone and between digits. */
    private static boolean separated(String digits) {
        return !digits.isEmpty() && !digits.startsWith("_") && !digits.endsWith("_") && !digits.contains("__");
    }

    /** A float; null if it is none. */
    static Double real(Object value) {
        if (Numbers.is(value))
            return Numbers.real(value);
        if (!(value instanceof Text text) || text.units() > DIGITS)
            return null;
        String chars = text.chars().strip();
        if (!REAL.matcher(chars).matches() || chars.contains("__") || chars.contains("_."))
            return null;
        String lower = Strings.lower(chars);
        if (lower.endsWith("nan"))
            return Double.NaN;
        if (lower.contains("inf"))
            return lower.startsWith("-") ? Double.NEGATIVE_INFINITY : Double.POSITIVE_INFINITY;
        try {
            return Double.valueOf(chars.replace("_", ""));
        } catch (NumberFormatException e) {
            return null; // a sign or a point alone, which the pattern lets through
        }
    }
}
