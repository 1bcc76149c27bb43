package io.quarry.chat;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.util.List;
import java.util.Map;

/**
 * Writes JSON as the chat templates of Hugging Face transformers do, which is Python's {@code json.dumps} with
 * {@code ensure_ascii=False}: a space behind every comma and colon, numbers as Python writes them. The model learned
 * this form, so a prompt must have it to the letter.
 */
public final class Json {
    private Json() {}

    /** JSON of maps, lists, strings, numbers, booleans and null. */
    public static String write(Object value) {
        StringBuilder out = new StringBuilder();
        write(value, out);
        return out.toString();
    }

    private static void write(Object value, StringBuilder out) {
        switch (value) {
            case null -> out.append("null");
            case String text -> string(text, out);
            case Boolean truth -> out.append(truth);
            case Double number -> out.append(number(number));
            case Float number -> out.append(number(Double.parseDouble(number.toString())));
            case BigDecimal number -> out.append(number(number.doubleValue()));
            case Integer number -> out.append(number);
            case Long number -> out.append(number);
            case Short number -> out.append(number);
            case Byte number -> out.append(number);
            case BigInteger number -> out.append(number);
            case Map<?, ?> map -> map(map, out);
            case List<?> list -> list(list, out);
            default -> throw new IllegalArgumentException(
                    "JSON has no " + value.getClass().getName() + "; found " + value);
        }
    }

    private static void map(Map<?, ?> map, StringBuilder out) {
        String before = "{";
        for (Map.Entry<?, ?> entry : map.entrySet()) {
            out.append(before);
            string(String.valueOf(entry.getKey()), out);
            out.append(": ");
            write(entry.getValue(), out);
            before = ", ";
        }
        out.append(map.isEmpty() ? "{}" : "}");
    }

    private static void list(List<?> list, StringBuilder out) {
        String before = "[";
        for (Object item : list) {
            out.append(before);
            write(item, out);
            before = ", ";
        }
        out.append(list.isEmpty() ? "[]" : "]");
    }

    private static void string(String text, StringBuilder out) {
        out.append('"');
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            switch (c) {
                case '"' -> out.append("\\\"");
                case '\\' -> out.append("\\\\");
                case '\n' -> out.append("\\n");
                case '\r' -> out.append("\\r");
                case '\t' -> out.append("\\t");
                case '\b' -> out.append("\\b");
                case '\f' -> out.append("\\f");
                default -> {
                    if (c < 0x20)
                        out.append(String.format("\\u%04x", (int) c));
                    else
                        out.append(c);
                }
            }
        }
        out.append('"');
    }

    /** Python's repr of a float: the shortest digits, an exponent from 1e16 on and under 1e-4. */
    private static String number(double number) {
        if (Double.isNaN(number))
            return "NaN";
        if (Double.isInfinite(number))
            return number > 0 ? "Infinity" : "-Infinity";
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
