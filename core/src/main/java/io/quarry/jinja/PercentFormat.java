package io.quarry.jinja;

import java.util.Collections;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** {@code "%s of %5.2f" % (a, b)}. */
final class PercentFormat {
    private static final Pattern FIELD = Pattern
            .compile("%(?:\\(([^)]*)\\))?([-+ #0]*)(\\*|\\d{0,9})(?:\\.(\\d{0,9}))?[hlL]?(.)", Pattern.DOTALL);

    private final Budget budget;
    private final Object values;
    private final Iterator<?> positional;

    private PercentFormat(Budget budget, Object values) {
        this.budget = budget;
        this.values = values;
        positional = values instanceof Tuple tuple ? tuple.iterator() : Collections.singletonList(values).iterator();
    }

    static Text format(Budget budget, Text pattern, Object values) {
        if (!pattern.html())
            return new PercentFormat(budget, values).fill(pattern);
        return new PercentFormat(budget, StringMethods.escaped(budget, values)).fill(pattern).withHtml(true);
    }

    private Text fill(Text pattern) {
        String chars = pattern.chars();
        TextBuilder out = new TextBuilder(budget);
        Matcher field = FIELD.matcher(chars);
        int at = 0;
        for (int found; (found = chars.indexOf('%', at)) >= 0; at = field.end()) {
            out.add(pattern, at, found);
            if (!field.find(found) || field.start() != found)
                throw new Fault("a format ends within a field");
            if (field.group(5).equals("%"))
                out.add(pattern, field.end() - 1, field.end());
            else
                out.add(field(field));
        }
        // what could be asked for a key may go without a field, and to Python that is a list as well
        boolean keyed = values instanceof Map || values instanceof Undefined
                || values instanceof List && !(values instanceof Tuple);
        if (positional.hasNext() && !keyed)
            throw new Fault("a format has fewer fields than values");
        return out.add(pattern, at, chars.length()).text();
    }

    private Object value(Matcher field) {
        if (field.group(1) == null) {
            if (!positional.hasNext())
                throw new Fault("a format has more fields than values");
            return positional.next();
        }
        if (!(values instanceof Map<?, ?> map))
            throw new Fault("a format needs a dict for its field \"" + field.group(1) + "\"");
        Text key = Text.of(field.group(1));
        if (!map.containsKey(key))
            throw new Fault("a format needs a value \"" + field.group(1) + "\"");
        return map.get(key);
    }

    private Text field(Matcher field) {
        String flags = field.group(2);
        int width = 0;
        if (field.group(3).equals("*"))
            width = Arguments.of(value(field)).bind("%*", 1, "width").integer(0);
        else if (!field.group(3).isEmpty())
            width = Integer.parseInt(field.group(3));
        String digits = field.group(4);
        int precision = digits == null ? -1 : digits.isEmpty() ? 0 : Integer.parseInt(digits);
        Object value = value(field);
        char type = field.group(5).charAt(0);
        Text text = switch (type) {
            case 's' -> cut(Printer.soft(budget, value), precision);
            case 'r', 'a' -> cut(Printer.repr(budget, value), precision);
            case 'c' -> character(value);
            case 'd', 'i', 'u', 'x', 'X', 'o' -> whole(value, type, flags, width, precision);
            case 'e', 'E', 'f', 'F', 'g', 'G' -> real(value, type, flags, width, precision);
            default -> throw new Fault("a format has no field \"%" + type + "\"");
        };
        TextBuilder out = new TextBuilder(budget);
        long missing = (long) width - text.length();
        return flags.contains("-")
                ? out.add(text).repeat(Text.of(" "), missing).text()
                : out.repeat(Text.of(" "), missing).add(text).text();
    }

    private Text cut(Text text, int precision) {
        return precision < 0 ? text : Strings.slice(budget, text, new Slice(null, (long) precision, null));
    }

    private static Text character(Object value) {
        if (value instanceof Text text && text.length() == 1)
            return text;
        if (value instanceof Long code && code >= 0 && code <= Character.MAX_CODE_POINT)
            return Text.of(Character.toString(code.intValue()));
        throw new Fault("a format needs one character for %c, found " + Values.type(value));
    }

    private Text whole(Object value, char type, String flags, int width, int precision) {
        if (!Numbers.is(value))
            throw new Fault("a format needs a number for %" + type + ", found " + Values.type(value));
        Object whole = value instanceof Double real ? Numbers.truncate(real) : value;
        String digits = NumberFormat.whole(Numbers.big(whole).abs(), type, flags.contains("#"));
        Text padded = Strings.zeros(budget, Text.of(digits), Math.max(precision, 0));
        return signed(Numbers.big(whole).signum() < 0, padded, flags, width);
    }

    private Text real(Object value, char type, String flags, int width, int precision) {
        if (!Numbers.is(value))
            throw new Fault("a format needs a number for %" + type + ", found " + Values.type(value));
        double real = Numbers.real(value);
        return signed(Double.compare(real, 0) < 0,
                Text.of(NumberFormat.real(Math.abs(real), type, precision < 0 ? 6 : precision)), flags,
                width);
    }

    private Text signed(boolean negative, Text digits, String flags, int width) {
        String sign = negative ? "-" : flags.contains("+") ? "+" : flags.contains(" ") ? " " : "";
        long zeros = flags.contains("0") && !flags.contains("-") ? (long) width - sign.length() - digits.length() : 0;
        return new TextBuilder(budget).add(sign).repeat(Text.of("0"), zeros).add(digits).text();
    }
}
