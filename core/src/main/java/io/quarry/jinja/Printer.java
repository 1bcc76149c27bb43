package io.quarry.jinja;

import java.math.BigInteger;
import java.util.List;
import java.util.Map;

/** Values as text, as Python's {@code str} and {@code repr} write them. */
final class Printer {
    private final Budget budget;
    private final TextBuilder out;

    private Printer(Budget budget) {
        this.budget = budget;
        out = new TextBuilder(budget);
    }

    /** {@code str(value)}: strings as they are. */
    static Text str(Budget budget, Object value) {
        return value instanceof Text text ? text.withHtml(false) : soft(budget, value);
    }

    /** As {@link #str}, but HTML stays HTML. */
    static Text soft(Budget budget, Object value) {
        if (value instanceof Text text)
            return text;
        return value instanceof Undefined ? Text.EMPTY : repr(budget, value);
    }

    /** {@code repr(value)}: strings in quotes. */
    static Text repr(Budget budget, Object value) {
        Printer printer = new Printer(budget);
        printer.write(value);
        return printer.out.text();
    }

    private void write(Object value) {
        switch (value) {
            case null -> out.add("None");
            case Undefined missing -> out.add("Undefined");
            case Boolean truth -> out.add(truth ? "True" : "False");
            case Long number -> out.add(number.toString());
            case BigInteger number -> out.add(number.toString());
            case Double number -> out.add(Numbers.repr(number));
            case Text text -> {
                out.add(text.html() ? "Markup(" : "");
                quoted(text);
                out.add(text.html() ? ")" : "");
            }
            case Range range -> out.add(range.toString());
            case Tuple tuple -> items("(", tuple, tuple.size() == 1 ? ",)" : ")");
            case List<?> list -> items("[", list, "]");
            case Map<?, ?> map -> map(map);
            case View view -> {
                out.add(view.kind() + "(");
                items("[", view.items(), "]");
                out.add(")");
            }
            case Namespace namespace -> {
                out.add("<Namespace ");
                map(namespace.attributes());
                out.add(">");
            }
            case Macro macro -> out.add("<Macro '" + macro.name() + "'>");
            case Loop loop -> out.add("<LoopContext " + loop.index() + "/" + loop.length() + ">");
            default -> out.add("<" + Values.type(value) + ">");
        }
    }

    private void items(String open, List<?> items, String close) {
        budget.enter();
        out.add(open);
        for (int i = 0; i < items.size(); i++) {
            if (i > 0)
                out.add(", ");
            write(items.get(i));
        }
        out.add(close);
        budget.leave();
    }

    private void map(Map<?, ?> map) {
        budget.enter();
        String before = "{";
        for (Map.Entry<?, ?> entry : map.entrySet()) {
            out.add(before);
            write(Values.fromKey(entry.getKey()));
            out.add(": ");
            write(entry.getValue());
            before = ", ";
        }
        out.add(map.isEmpty() ? "{}" : "}");
        budget.leave();
    }

    /** Single quotes, unless only those are inside; what cannot be printed as an escape. */
    private void quoted(Text text) {
        String chars = text.chars();
        char quote = chars.indexOf('\'') >= 0 && chars.indexOf('"') < 0 ? '"' : '\'';
        out.add(String.valueOf(quote));
        for (int i = 0; i < chars.length();) {
            int point = chars.codePointAt(i);
            int next = i + Character.charCount(point);
            String escape = escape(point, quote);
            if (escape != null)
                out.add(escape, text, i);
            else
                out.add(text, i, next);
            i = next;
        }
        out.add(String.valueOf(quote));
    }

    private static String escape(int point, char quote) {
        return switch (point) {
            case '\\' -> "\\\\";
            case '\n' -> "\\n";
            case '\r' -> "\\r";
            case '\t' -> "\\t";
            default -> {
                if (point == quote)
                    yield "\\" + quote;
                if (Chars.printable(point))
                    yield null;
                yield point < 0x100
                        ? String.format("\\x%02x", point)
                        : point < 0x10000 ? String.format("\\u%04x", point) : String.format("\\U%08x", point);
            }
        };
    }
}
