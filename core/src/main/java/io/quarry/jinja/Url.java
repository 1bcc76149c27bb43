package io.quarry.jinja;

import java.nio.charset.StandardCharsets;
import java.util.Iterator;
import java.util.List;
import java.util.Map;

/** The filter {@code urlencode}. */
final class Url {
    private Url() {}

    static Text encode(Budget budget, Object input) {
        if (input instanceof Text text)
            return quote(budget, text, "/");
        if (!Values.iterable(input))
            return quote(budget, Printer.str(budget, input), "/");
        TextBuilder out = new TextBuilder(budget);
        Iterator<?> pairs = input instanceof Map<?, ?> map
                ? Values.items(budget, map).iterator()
                : Values.iterate(budget, input);
        for (boolean first = true; pairs.hasNext(); first = false) {
            List<Object> pair = Values.list(budget, pairs.next());
            if (pair.size() != 2)
                throw new Fault("urlencode needs pairs, found " + pair.size() + " values");
            out.add(first ? "" : "&").add(query(budget, pair.get(0))).add("=").add(query(budget, pair.get(1)));
        }
        return out.text();
    }

    private static Text query(Budget budget, Object value) {
        return Strings.replace(budget, quote(budget, Printer.str(budget, value), ""), Text.of("%20"), Text.of("+"), -1);
    }

    private static Text quote(Budget budget, Text text, String safe) {
        TextBuilder out = new TextBuilder(budget);
        for (int i = 0; i < text.units();) {
            int point = text.chars().codePointAt(i);
            int next = i + Character.charCount(point);
            if (point < 0x80 && (Character.isLetterOrDigit(point) || "_.-~".indexOf(point) >= 0
                    || safe.indexOf(point) >= 0))
                out.add(text, i, next);
            else
                for (byte b : Character.toString(point).getBytes(StandardCharsets.UTF_8))
                    out.add(String.format("%%%02X", b), text, i);
            i = next;
        }
        return out.text();
    }
}
