package io.quarry.jinja;

import java.math.BigInteger;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;

/**
 * The filter {@code tojson} as Hugging Face transformers defines it, which is Python's {@code json.dumps}: no escapes of
 * HTML, and characters beyond ASCII as they are unless asked.
 */
final class JsonWriter {
    private final Budget budget;
    private final TextBuilder out;
    private final boolean ascii;
    private final boolean sorted;
    /** One level's indentation; null for a single line. */
    private final Text indent;
    private final Text comma;
    private final Text colon;
    private int depth;

    private JsonWriter(Budget budget, Arguments.Bound options) {
        this.budget = budget;
        out = new TextBuilder(budget);
        ascii = options.truth(1, false);
        indent = indent(options.get(2, null));
        List<?> separators = options.get(3, null) instanceof List<?> pair && pair.size() == 2 ? pair : null;
        comma = separators != null ? Printer.str(budget, separators.get(0)) : Text.of(indent == null ? ", " : ",");
        colon = separators != null ? Printer.str(budget, separators.get(1)) : Text.of(": ");
        sorted = options.truth(4, false);
    }

    private Text indent(Object value) {
        return switch (value) {
            case null -> null;
            case Text text -> text;
            default -> {
                if (!Numbers.whole(value))
                    throw new Fault("tojson needs a number or a string as \"indent\", found " + Values.type(value));
                int width = Numbers.compare(value, 1000L) > 0 ? 1000 : Numbers.big(value).intValue();
                yield new TextBuilder(budget).repeat(Text.of(" "), width).text();
            }
        };
    }

    static Text write(Budget budget, Object value, Arguments arguments) {
        List<Object> all = new ArrayList<>();
        all.add(value);
        all.addAll(arguments.positional());
        JsonWriter json = new JsonWriter(budget, new Arguments(all, arguments.named()).bind("tojson", 1, "value",
                "ensure_ascii", "indent", "separators", "sort_keys"));
        json.write(value);
        return json.out.text();
    }

    private void write(Object value) {
        switch (value) {
            case null -> out.add("null");
            case Boolean truth -> out.add(truth ? "true" : "false");
            case Long number -> out.add(number.toString());
            case BigInteger number -> out.add(number.toString());
            case Double number -> out.add(number(number));
            case Text text -> string(text);
            case Range range -> throw unknown(range);
            case List<?> list -> list(list);
            case Map<?, ?> map -> map(map);
            default -> throw unknown(value);
        }
    }

    private static Fault unknown(Object value) {
        return new Fault("JSON has no " + Values.type(value));
    }

    private static String number(double number) {
        return Double.isNaN(number)
                ? "NaN"
                : Double.isInfinite(number) ? number > 0 ? "Infinity" : "-Infinity" : Numbers.repr(number);
    }

    private void list(List<?> list) {
        if (list.isEmpty()) {
            out.add("[]");
            return;
        }
        budget.enter();
        out.add("[");
        depth++;
        for (int i = 0; i < list.size(); i++) {
            between(i == 0);
            write(list.get(i));
        }
        close("]");
        budget.leave();
    }

    private void map(Map<?, ?> map) {
        if (map.isEmpty()) {
            out.add("{}");
            return;
        }
        budget.enter();
        out.add("{");
        depth++;
        boolean first = true;
        for (Map.Entry<?, ?> entry : entries(map)) {
            between(first);
            string(key(Values.fromKey(entry.getKey())));
            out.add(colon);
            write(entry.getValue());
            first = false;
        }
        close("}");
        budget.leave();
    }

    private List<? extends Map.Entry<?, ?>> entries(Map<?, ?> map) {
        List<Map.Entry<?, ?>> entries = new ArrayList<>(map.entrySet());
        if (sorted)
            entries.sort(Comparator.comparing(Map.Entry::getKey, (a, b) -> Values.compare(budget, a, b)));
        return entries;
    }

    private static Text key(Object key) {
        return switch (key) {
            case Text text -> text;
            case null -> Text.of("null");
            case Boolean truth -> Text.of(truth.toString());
            case Double number -> Text.of(number(number));
            default -> Text.of(key.toString());
        };
    }

    private void between(boolean first) {
        if (!first)
            out.add(comma);
        line();
    }

    private void line() {
        if (indent != null)
            out.add("\n").repeat(indent, depth);
    }

    private void close(String bracket) {
        depth--;
        line();
        out.add(bracket);
    }

    private void string(Text text) {
        out.add("\"");
        String chars = text.chars();
        int plain = 0;
        for (int i = 0; i < chars.length(); i++) {
            String escape = escape(chars.charAt(i), ascii);
            if (escape == null)
                continue;
            out.add(text, plain, i).add(escape, text, i);
            plain = i + 1;
        }
        out.add(text, plain, chars.length()).add("\"");
    }

    private static String escape(char c, boolean ascii) {
        return switch (c) {
            case '"' -> "\\\"";
            case '\\' -> "\\\\";
            case '\n' -> "\\n";
            case '\r' -> "\\r";
            case '\t' -> "\\t";
            case '\b' -> "\\b";
            case '\f' -> "\\f";
            default -> c < 0x20 || ascii && c > 0x7e ? String.format("\\u%04x", (int) c) : null;
        };
    }
}
