package io.quarry.jinja;

import java.util.HashMap;
import java.util.Map;

/** The filters by name: those of Jinja that work on strings and single values here, the others in their own file. */
final class Filters {
    /** One filter. */
    interface Filter {
        Object apply(Budget budget, Object input, Arguments arguments);
    }

    private static final Map<String, Filter> FILTERS = new HashMap<>();

    static {
        text("upper", Strings::upper);
        text("lower", Strings::lower);
        text("capitalize", Strings::capitalize);
        text("title", Strings::titleOfWords);
        text("string", (budget, text) -> text);
        text("safe", (budget, text) -> text.withHtml(true));
        text("escape", Strings::escape);
        text("e", Strings::escape);
        text("forceescape", (budget, text) -> Strings.escape(budget, text.withHtml(false)));
        text("wordcount", Filters::wordCount);
        FILTERS.put("trim", (budget, input, arguments) -> Strings.strip(budget, Printer.soft(budget, input), true, true,
                Strings.set(budget, arguments.bind("trim", 0, "chars").get(0, null))));
        FILTERS.put("default", Filters::otherwise);
        FILTERS.put("d", Filters::otherwise);
        FILTERS.put("replace", Filters::replace);
        FILTERS.put("center", (budget, input, arguments) -> Strings.pad(budget, Printer.soft(budget, input),
                arguments.bind("center", 0, "width").integer(0, 80), Text.of(" "), true, true));
        FILTERS.put("indent", Filters::indent);
        FILTERS.put("truncate", Filters::truncate);
        FILTERS.put("format", Filters::format);
        FILTERS.put("urlencode", (budget, input, arguments) -> Url.encode(budget, input));
        FILTERS.put("tojson", JsonWriter::write);
        FILTERS.put("int", Filters::whole);
        FILTERS.put("float", Filters::real);
        FILTERS.put("abs", Filters::absolute);
        FILTERS.put("round", Filters::round);
        FILTERS.put("attr", Filters::attribute);
        SequenceFilters.add(FILTERS);
    }

    private Filters() {}

    /** What a filter without arguments makes of a text. */
    private interface OfText {
        Object of(Budget budget, Text text);
    }

    private static void text(String name, OfText filter) {
        FILTERS.put(name, (budget, input, arguments) -> {
            arguments.bind(name, 0);
            return filter.of(budget, Printer.soft(budget, input));
        });
    }

    static boolean exists(String name) {
        return FILTERS.containsKey(name);
    }

    static Object apply(Budget budget, String name, Object input, Arguments arguments) {
        Filter filter = FILTERS.get(name);
        if (filter == null)
            throw new Fault("there is no filter \"" + name + "\"");
        return filter.apply(budget, input, arguments);
    }

    private static Object otherwise(Budget budget, Object input, Arguments arguments) {
        Arguments.Bound bound = arguments.bind("default", 0, "default_value", "boolean");
        boolean missing = input instanceof Undefined || bound.truth(1, false) && !Values.truth(input);
        return missing ? bound.get(0, Text.EMPTY) : input;
    }

    private static Object replace(Budget budget, Object input, Arguments arguments) {
        Arguments.Bound bound = arguments.bind("replace", 2, "old", "new", "count");
        return Strings.replace(budget, Printer.str(budget, input), Printer.str(budget, bound.get(0)),
                Printer.str(budget, bound.get(1)), bound.integerOrNone(2, -1));
    }

    private static Object wordCount(Budget budget, Text text) {
        budget.read(text.units());
        long words = 0;
        boolean inside = false;
        for (int point : text.chars().codePoints().toArray()) {
            boolean word = Chars.word(point);
            words += word && !inside ? 1 : 0;
            inside = word;
        }
        return words;
    }

    private static Text string(String filter, Object input) {
        if (input instanceof Undefined missing)
            throw missing.fault();
        if (!(input instanceof Text text))
            throw new Fault(filter + " needs a string, found " + Values.type(input));
        return text;
    }

    private static Object indent(Budget budget, Object input, Arguments arguments) {
        Arguments.Bound bound = arguments.bind("indent", 0, "width", "first", "blank");
        Text text = string("indent", input);
        Text width = bound.has(0) && bound.get(0) instanceof Text own
                ? own
                : new TextBuilder(budget).repeat(Text.of(" "), bound.integer(0, 4)).text();
        boolean blank = bound.truth(2, false);
        TextBuilder out = new TextBuilder(budget);
        if (bound.truth(1, false))
            out.add(width);
        boolean later = false;
        for (Object line : Strings.lines(budget, Strings.concat(budget, text, Text.of("\n")), false)) {
            if (later)
                out.add("\n");
            if (later && (blank || !((Text) line).isEmpty()))
                out.add(width);
            out.add((Text) line);
            later = true;
        }
        return out.text().withHtml(text.html());
    }

    private static Object truncate(Budget budget, Object input, Arguments arguments) {
        Arguments.Bound bound = arguments.bind("truncate", 0, "length", "killwords", "end", "leeway");
        int length = bound.integer(0, 255);
        Text end = bound.text(2, "...");
        int leeway = bound.integerOrNone(3, 5);
        if (length < end.length() || leeway < 0)
            throw new Fault("truncate needs a length of at least " + end.length() + ", and a leeway of at least 0");
        if (Values.length(budget, input) <= (long) length + leeway)
            return input;
        Text text = string("truncate", input);
        Text cut = Strings.slice(budget, text, new Slice(null, (long) length - end.length(), null));
        int space = bound.truth(1, false) ? -1 : cut.chars().lastIndexOf(' ');
        return Strings.concat(budget, space < 0 ? cut : cut.sub(0, space), end);
    }

    private static Object format(Budget budget, Object input, Arguments arguments) {
        Map<Object, Object> named = new HashMap<>();
        arguments.named().forEach((name, value) -> named.put(Text.of(name), value));
        if (!named.isEmpty() && !arguments.positional().isEmpty())
            throw new Fault("format takes positional or named arguments, not both");
        return PercentFormat.format(budget, Printer.soft(budget, input),
                named.isEmpty() ? new Tuple(arguments.positional()) : named);
    }

    private static Object whole(Budget budget, Object input, Arguments arguments) {
        Arguments.Bound bound = arguments.bind("int", 0, "default", "base");
        if (input instanceof Undefined missing)
            throw missing.fault();
        if (Numbers.whole(input))
            return Numbers.of(Numbers.big(input));
        Object value = input instanceof Text text ? NumberReader.whole(text.chars(), bound.integer(1, 10)) : null;
        Double real = value != null ? null : NumberReader.real(input);
        if (real != null && Double.isFinite(real))
            return Numbers.truncate(real);
        return value != null ? value : bound.get(0, 0L);
    }

    private static Object real(Budget budget, Object input, Arguments arguments) {
        Arguments.Bound bound = arguments.bind("float", 0, "default");
        if (input instanceof Undefined missing)
            throw missing.fault();
        Double value = NumberReader.real(input);
        return value != null ? value : bound.get(0, 0.0);
    }

    private static Object absolute(Budget budget, Object input, Arguments arguments) {
        arguments.bind("abs", 0);
        if (!Numbers.is(input))
            throw Values.unfit("abs", input, input);
        return input instanceof Double real ? (Object) Math.abs(real) : Numbers.of(Numbers.big(input).abs());
    }

    private static Object round(Budget budget, Object input, Arguments arguments) {
        Arguments.Bound bound = arguments.bind("round", 0, "precision", "method");
        if (!Numbers.is(input))
            throw Values.unfit("round", input, input);
        int precision = bound.integer(0, 0);
        String method = bound.text(1, "common").chars();
        if (method.equals("common"))
            return Numbers.round(input, precision);
        if (!method.equals("ceil") && !method.equals("floor"))
            throw new Fault("round needs common, ceil or floor as its method, found " + method);
        Object factor = Numbers.power(10L, (long) precision);
        Object scaled = Numbers.multiply(input, factor);
        double real = Numbers.real(scaled);
        return Numbers.divide(Numbers.truncate(method.equals("ceil") ? Math.ceil(real) : Math.floor(real)), factor);
    }

    private static Object attribute(Budget budget, Object input, Arguments arguments) {
        return Attributes.only(budget, input, arguments.bind("attr", 1, "name").text(0).chars());
    }
}
