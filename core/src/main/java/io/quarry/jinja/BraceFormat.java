package io.quarry.jinja;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** {@code "{} of {name:>8}".format(...)}: fields, conversions and the format specification of strings and numbers. */
final class BraceFormat {
    private static final Pattern SPECIFICATION = Pattern
            .compile("(?:(.)?([<>=^]))?([-+ ]?)(#?)(0?)(\\d{0,9})([,_]?)(?:\\.(\\d{1,9}))?([bcdeEfFgGnosxX%]?)",
                    Pattern.DOTALL);
    private static final Pattern PATH = Pattern.compile("\\.([^.\\[\\]]+)|\\[([^\\]]+)\\]");

    private final Budget budget;
    private final Arguments arguments;
    /** The next value of fields without a number; -1 once a field has one, for the two cannot be mixed. */
    private int next;

    private BraceFormat(Budget budget, Arguments arguments) {
        this.budget = budget;
        this.arguments = arguments;
    }

    static Text format(Budget budget, Text pattern, Arguments arguments) {
        return new BraceFormat(budget, arguments).fill(pattern, 0);
    }

    private Text fill(Text pattern, int level) {
        if (level > 2)
            throw new Fault("a format nests its fields too deep");
        String chars = pattern.chars();
        TextBuilder out = new TextBuilder(budget);
        int at = 0;
        for (int i = 0; i < chars.length(); i++) {
            char c = chars.charAt(i);
            if (c != '{' && c != '}')
                continue;
            out.add(pattern, at, i);
            if (i + 1 < chars.length() && chars.charAt(i + 1) == c) {
                out.add(pattern, i, i + 1);
                i++;
            } else if (c == '}')
                throw new Fault("a format has a single \"}\"");
            else {
                int end = end(chars, i);
                out.add(field(pattern, i + 1, end, level));
                i = end;
            }
            at = i + 1;
        }
        return out.add(pattern, at, chars.length()).text();
    }

    /** Place of the bracket that closes the one at {@code open}. */
    private static int end(String chars, int open) {
        int depth = 0;
        for (int i = open; i < chars.length(); i++)
            if (chars.charAt(i) == '{')
                depth++;
            else if (chars.charAt(i) == '}' && --depth == 0)
                return i;
        throw new Fault("a format has a \"{\" that is not closed");
    }

    private Text field(Text pattern, int from, int to, int level) {
        String field = pattern.chars().substring(from, to);
        int nameEnd = 0;
        while (nameEnd < field.length() && field.charAt(nameEnd) != '!' && field.charAt(nameEnd) != ':')
            nameEnd++;
        Object value = value(field.substring(0, nameEnd));
        int at = nameEnd;
        if (field.startsWith("!", at)) {
            char conversion = at + 1 < field.length() ? field.charAt(at + 1) : ' ';
            value = switch (conversion) {
                case 's' -> Printer.str(budget, value);
                case 'r', 'a' -> Printer.repr(budget, value);
                default -> throw new Fault("a format has no conversion \"" + conversion + "\"");
            };
            at += 2;
        }
        if (at < field.length() && field.charAt(at) != ':')
            throw new Fault("a format needs \":\" behind its conversion");
        Text specification = at < field.length()
                ? fill(pattern.sub(from + at + 1, to), level + 1)
                : Text.EMPTY;
        return write(value, specification.chars());
    }

    private Object value(String path) {
        int end = 0;
        while (end < path.length() && path.charAt(end) != '.' && path.charAt(end) != '[')
            end++;
        String name = path.substring(0, end);
        Object value = name.isEmpty() || number(name) ? position(name) : named(name);
        Matcher step = PATH.matcher(path);
        for (int at = end; at < path.length(); at = step.end()) {
            if (!step.find(at) || step.start() != at)
                throw new Fault("a format has a field that cannot be read, \"" + path + "\"");
            value = step.group(1) != null
                    ? Attributes.of(budget, value, step.group(1))
                    : Attributes.item(budget, value,
                            number(step.group(2)) ? Long.valueOf(step.group(2)) : Text.of(step.group(2)));
        }
        return value;
    }

    private static boolean number(String text) {
        return !text.isEmpty() && text.length() < 10 && text.chars().allMatch(c -> c >= '0' && c <= '9');
    }

    private Object position(String number) {
        if (number.isEmpty() ? next < 0 : next > 0)
            throw new Fault("a format has fields with numbers and fields without");
        int i = number.isEmpty() ? next++ : Integer.parseInt(number);
        if (!number.isEmpty())
            next = -1;
        if (i >= arguments.positional().size())
            throw new Fault("a format needs " + (i + 1) + " values, found " + arguments.positional().size());
        return arguments.positional().get(i);
    }

    private Object named(String name) {
        if (!arguments.named().containsKey(name))
            throw new Fault("a format needs a value \"" + name + "\"");
        return arguments.named().get(name);
    }

    private Text write(Object value, String specification) {
        if (specification.isEmpty())
            return Printer.soft(budget, value);
        Matcher matcher = SPECIFICATION.matcher(specification);
        if (!matcher.matches())
            throw new Fault("a format has the specification \"" + specification + "\", which cannot be read");
        return switch (value) {
            case Text text -> string(text, matcher);
            case null, default -> {
                if (!Numbers.is(value))
                    throw new Fault("a format cannot apply \"" + specification + "\" to " + Values.type(value));
                yield number(value, matcher);
            }
        };
    }

    private static int width(Matcher matcher) {
        return matcher.group(6).isEmpty() ? 0 : Integer.parseInt(matcher.group(6));
    }

    private Text string(Text text, Matcher matcher) {
        if (!matcher.group(9).isEmpty() && !matcher.group(9).equals("s") || !matcher.group(3).isEmpty())
            throw new Fault("a format applies \"" + matcher.group() + "\" to a string");
        Text shown = matcher.group(8) == null
                ? text
                : Strings.slice(budget, text, new Slice(null, Long.valueOf(matcher.group(8)), null));
        return align(shown, matcher, '<');
    }

    private Text align(Text text, Matcher matcher, char usual) {
        char side = matcher.group(2) == null ? usual : matcher.group(2).charAt(0);
        Text fill = Text.of(matcher.group(1) != null ? matcher.group(1) : matcher.group(5).isEmpty() ? " " : "0");
        long missing = (long) width(matcher) - text.length();
        long before = side == '<' ? 0 : side == '^' ? missing / 2 : missing;
        return new TextBuilder(budget).repeat(fill, before).add(text).repeat(fill, missing - before).text();
    }

    private Text number(Object value, Matcher matcher) {
        char type = matcher.group(9).isEmpty() ? ' ' : matcher.group(9).charAt(0);
        boolean real = value instanceof Double || "eEfFgG%".indexOf(type) >= 0;
        if (real && "bcdosxX".indexOf(type) >= 0 || type == 's')
            throw new Fault("a format applies \"" + matcher.group() + "\" to " + Values.type(value));
        boolean negative = real ? Double.compare(Numbers.real(value), 0) < 0 : Numbers.big(value).signum() < 0;
        String digits = real
                ? realDigits(Math.abs(Numbers.real(value)), type, matcher.group(8))
                : NumberFormat.whole(Numbers.big(value).abs(), type, !matcher.group(4).isEmpty());
        if (!matcher.group(7).isEmpty())
            digits = NumberFormat.grouped(digits, matcher.group(7).charAt(0));
        String sign = negative ? "-" : matcher.group(3).equals("-") ? "" : matcher.group(3);
        boolean inside = "=".equals(matcher.group(2)) || matcher.group(2) == null && !matcher.group(5).isEmpty();
        if (!inside)
            return align(Text.of(sign + digits), matcher, '>');
        Text fill = Text.of(matcher.group(1) != null ? matcher.group(1) : matcher.group(5).isEmpty() ? " " : "0");
        return new TextBuilder(budget).add(sign)
                .repeat(fill, (long) width(matcher) - sign.length() - digits.length()).add(digits).text();
    }

    private static String realDigits(double magnitude, char type, String precision) {
        if (type == ' ' && precision == null)
            return Numbers.repr(magnitude);
        return NumberFormat.real(magnitude, type == ' ' || type == 'n' ? 'g' : type,
                precision == null ? 6 : Integer.parseInt(precision));
    }
}
