package io.quarry.jinja;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.IntPredicate;

/** The methods of Python's strings. */
final class StringMethods {
    /** One method. */
    private interface Method {
        Object call(Budget budget, Text self, Arguments arguments);
    }

    private static final Map<String, Method> METHODS = new HashMap<>();
    /** What HTML gives back is HTML as well. */
    private static final Set<String> KEEP_HTML = Set.of("capitalize", "casefold", "center", "expandtabs", "format",
            "format_map", "join", "ljust", "lower", "lstrip", "partition", "removeprefix", "removesuffix", "replace",
            "rjust", "rpartition", "rsplit", "rstrip", "split", "splitlines", "strip", "swapcase", "title", "upper",
            "zfill");

    static {
        METHODS.put("strip", (b, s, a) -> strip(b, s, a, "strip", true, true));
        METHODS.put("lstrip", (b, s, a) -> strip(b, s, a, "lstrip", true, false));
        METHODS.put("rstrip", (b, s, a) -> strip(b, s, a, "rstrip", false, true));
        METHODS.put("upper", (b, s, a) -> Strings.upper(b, none(s, a, "upper")));
        METHODS.put("lower", (b, s, a) -> Strings.lower(b, none(s, a, "lower")));
        METHODS.put("casefold", (b, s, a) -> Strings.lower(b, Strings.upper(b, none(s, a, "casefold"))));
        METHODS.put("title", (b, s, a) -> Strings.title(b, none(s, a, "title")));
        METHODS.put("capitalize", (b, s, a) -> Strings.capitalize(b, none(s, a, "capitalize")));
        METHODS.put("swapcase", (b, s, a) -> Strings.swapCase(b, none(s, a, "swapcase")));
        METHODS.put("split", (b, s, a) -> split(b, s, a.bind("split", 0, "sep", "maxsplit"), false));
        METHODS.put("rsplit", (b, s, a) -> split(b, s, a.bind("rsplit", 0, "sep", "maxsplit"), true));
        METHODS.put("splitlines",
                (b, s, a) -> Strings.lines(b, s, a.bind("splitlines", 0, "keepends").truth(0, false)));
        METHODS.put("replace", StringMethods::replace);
        METHODS.put("join", StringMethods::join);
        METHODS.put("startswith", (b, s, a) -> ends(b, s, a, "startswith", true));
        METHODS.put("endswith", (b, s, a) -> ends(b, s, a, "endswith", false));
        METHODS.put("find", (b, s, a) -> find(b, s, a, "find", false));
        METHODS.put("rfind", (b, s, a) -> find(b, s, a, "rfind", true));
        METHODS.put("index", (b, s, a) -> present(find(b, s, a, "index", false)));
        METHODS.put("rindex", (b, s, a) -> present(find(b, s, a, "rindex", true)));
        METHODS.put("count", StringMethods::count);
        METHODS.put("partition", (b, s, a) -> partition(b, s, a.bind("partition", 1, "sep").text(0), false));
        METHODS.put("rpartition", (b, s, a) -> partition(b, s, a.bind("rpartition", 1, "sep").text(0), true));
        METHODS.put("removeprefix", (b, s, a) -> remove(b, s, a.bind("removeprefix", 1, "prefix").text(0), true));
        METHODS.put("removesuffix", (b, s, a) -> remove(b, s, a.bind("removesuffix", 1, "suffix").text(0), false));
        METHODS.put("center", (b, s, a) -> pad(b, s, a, "center", true, true));
        METHODS.put("ljust", (b, s, a) -> pad(b, s, a, "ljust", false, true));
        METHODS.put("rjust", (b, s, a) -> pad(b, s, a, "rjust", true, false));
        METHODS.put("zfill", (b, s, a) -> Strings.zeros(b, s, a.bind("zfill", 1, "width").integer(0)));
        METHODS.put("expandtabs", StringMethods::expandTabs);
        METHODS.put("format", (b, s, a) -> BraceFormat.format(b, s, a));
        METHODS.put("format_map", StringMethods::formatMap);
        METHODS.put("isdigit", (b, s, a) -> all(b, s, a, "isdigit", Character::isDigit));
        METHODS.put("isdecimal", (b, s, a) -> all(b, s, a, "isdecimal", Character::isDigit));
        METHODS.put("isnumeric", (b, s, a) -> all(b, s, a, "isnumeric", c -> Character.getNumericValue(c) != -1
                && !Character.isLetter(c)));
        METHODS.put("isalpha", (b, s, a) -> all(b, s, a, "isalpha", Character::isLetter));
        METHODS.put("isalnum", (b, s, a) -> all(b, s, a, "isalnum", Character::isLetterOrDigit));
        METHODS.put("isspace", (b, s, a) -> all(b, s, a, "isspace", Chars::space));
        METHODS.put("isascii", (b, s, a) -> s.isEmpty() || all(b, s, a, "isascii", c -> c < 0x80));
        METHODS.put("isprintable", (b, s, a) -> s.isEmpty() || all(b, s, a, "isprintable", Chars::printable));
        METHODS.put("islower", (b, s, a) -> cased(b, none(s, a, "islower"), Character::isLowerCase));
        METHODS.put("isupper", (b, s, a) -> cased(b, none(s, a, "isupper"), Character::isUpperCase));
    }

    private StringMethods() {}

    /** A method bound to its string; null if there is none of this name. */
    static Callable find(Budget budget, Text self, String name) {
        Method method = METHODS.get(name);
        if (method == null)
            return null;
        if (!self.html() || !KEEP_HTML.contains(name))
            return arguments -> method.call(budget, self, arguments);
        return arguments -> html(method.call(budget, self, escaped(budget, name, arguments)));
    }

    /** HTML escapes what is put into it. */
    private static Arguments escaped(Budget budget, String name, Arguments arguments) {
        if (!name.startsWith("format") && !name.equals("replace") && !name.equals("join"))
            return arguments;
        List<Object> positional = new ArrayList<>();
        for (Object value : arguments.positional())
            positional.add(escaped(budget, value));
        if (name.equals("replace") && !positional.isEmpty())
            positional.set(0, arguments.positional().getFirst());
        Map<String, Object> named = new HashMap<>();
        arguments.named().forEach((key, value) -> named.put(key, escaped(budget, value)));
        return new Arguments(positional, named);
    }

    static Object escaped(Budget budget, Object value) {
        return switch (value) {
            case Text text -> Strings.escape(budget, text);
            case List<?> list when !(list instanceof Range) -> {
                List<Object> all = new ArrayList<>();
                list.forEach(item -> all.add(item instanceof Text text ? Strings.escape(budget, text) : item));
                yield list instanceof Tuple ? new Tuple(all) : all;
            }
            case Stream stream -> escaped(budget, Values.list(budget, stream));
            case null, default -> value;
        };
    }

    private static Object html(Object value) {
        return switch (value) {
            case Text text -> text.withHtml(true);
            case Tuple tuple -> new Tuple(tuple.stream().map(StringMethods::html).toList());
            case List<?> list -> list.stream().map(StringMethods::html).toList();
            default -> value;
        };
    }

    private static Text none(Text self, Arguments arguments, String name) {
        arguments.bind(name, 0);
        return self;
    }

    private static Text strip(Budget budget, Text self, Arguments arguments, String name, boolean left,
            boolean right) {
        return Strings.strip(budget, self, left, right,
                Strings.set(budget, arguments.bind(name, 0, "chars").get(0, null)));
    }

    private static Object split(Budget budget, Text self, Arguments.Bound bound, boolean fromEnd) {
        int max = bound.integer(1, -1);
        if (bound.get(0, null) == null)
            return Strings.words(budget, self, max, fromEnd);
        return fromEnd
                ? Strings.splitFromEnd(budget, self, bound.text(0), max)
                : Strings.split(budget, self, bound.text(0), max);
    }

    private static Object replace(Budget budget, Text self, Arguments arguments) {
        Arguments.Bound bound = arguments.bind("replace", 2, "old", "new", "count");
        return Strings.replace(budget, self, bound.text(0), bound.text(1), bound.integer(2, -1));
    }

    private static Object join(Budget budget, Text self, Arguments arguments) {
        List<Text> parts = new ArrayList<>();
        Values.iterate(budget, arguments.bind("join", 1, "iterable").get(0)).forEachRemaining(part -> {
            if (!(part instanceof Text text))
                throw new Fault("join needs strings, found " + Values.type(part));
            parts.add(text);
        });
        return Strings.join(budget, self, parts.iterator());
    }

    private static Object ends(Budget budget, Text self, Arguments arguments, String name, boolean start) {
        Arguments.Bound bound = arguments.bind(name, 1, "prefix", "start", "end");
        Text within = within(budget, self, bound);
        List<?> any = bound.get(0) instanceof Tuple tuple ? tuple : List.of(bound.text(0));
        for (Object end : any) {
            if (!(end instanceof Text text))
                throw new Fault(name + " needs strings, found " + Values.type(end));
            budget.read(text.units());
            if (start ? within.chars().startsWith(text.chars()) : within.chars().endsWith(text.chars()))
                return true;
        }
        return false;
    }

    /** The part that arguments 1 and 2 of a search leave. */
    private static Text within(Budget budget, Text self, Arguments.Bound bound) {
        return bound.has(1) || bound.has(2)
                ? Strings.slice(budget, self, new Slice(bound.get(1, null), bound.get(2, null), null))
                : self;
    }

    private static Object find(Budget budget, Text self, Arguments arguments, String name, boolean last) {
        Arguments.Bound bound = arguments.bind(name, 1, "sub", "start", "end");
        String chars = within(budget, self, bound).chars();
        String part = bound.text(0).chars();
        budget.read(chars.length() + part.length() + (last ? Search.costLast(part, chars.length()) : 0));
        int found = last ? Search.last(chars, part, chars.length()) : Search.first(chars, part, 0);
        if (found < 0)
            return -1L;
        int offset = bound.get(1, null) == null
                ? 0
                : new Slice(bound.get(1), null, null).within(self.length()).start();
        return (long) offset + chars.codePointCount(0, found);
    }

    private static Object present(Object found) {
        if ((Long) found < 0)
            throw new Fault("index found no such string");
        return found;
    }

    private static Object count(Budget budget, Text self, Arguments arguments) {
        Arguments.Bound bound = arguments.bind("count", 1, "sub", "start", "end");
        Text within = within(budget, self, bound);
        String part = bound.text(0).chars();
        budget.read(within.units() + part.length());
        if (part.isEmpty())
            return within.length() + 1L;
        long count = 0;
        for (int at = 0; (at = Search.first(within.chars(), part, at)) >= 0; at += part.length())
            count++;
        return count;
    }

    private static Object partition(Budget budget, Text self, Text separator, boolean last) {
        if (separator.isEmpty())
            throw new Fault("partition needs a separator that is not empty");
        budget.read(self.units() + separator.units()
                + (last ? Search.costLast(separator.chars(), self.units()) : 0));
        int found = last
                ? Search.last(self.chars(), separator.chars(), self.units())
                : Search.first(self.chars(), separator.chars(), 0);
        if (found < 0)
            return last ? Tuple.of(Text.EMPTY, Text.EMPTY, self) : Tuple.of(self, Text.EMPTY, Text.EMPTY);
        return Tuple.of(Strings.sub(budget, self, 0, found), separator,
                Strings.sub(budget, self, found + separator.units(), self.units()));
    }

    private static Object remove(Budget budget, Text self, Text end, boolean prefix) {
        budget.read(end.units());
        if (prefix)
            return self.chars().startsWith(end.chars())
                    ? Strings.sub(budget, self, end.units(), self.units())
                    : self;
        return self.chars().endsWith(end.chars())
                ? Strings.sub(budget, self, 0, self.units() - end.units())
                : self;
    }

    private static Object pad(Budget budget, Text self, Arguments arguments, String name, boolean left,
            boolean right) {
        Arguments.Bound bound = arguments.bind(name, 1, "width", "fillchar");
        return Strings.pad(budget, self, bound.integer(0), bound.text(1, " "), left, right);
    }

    private static Object expandTabs(Budget budget, Text self, Arguments arguments) {
        int size = Math.max(0, arguments.bind("expandtabs", 0, "tabsize").integer(0, 8));
        TextBuilder out = new TextBuilder(budget);
        int column = 0;
        for (int i = 0; i < self.units(); i++) {
            char c = self.chars().charAt(i);
            if (c == '\t') {
                int spaces = size == 0 ? 0 : size - column % size;
                out.repeat(Text.of(" "), spaces);
                column += spaces;
            } else {
                out.add(self, i, i + 1);
                column = c == '\n' || c == '\r' ? 0 : column + (Character.isLowSurrogate(c) ? 0 : 1);
            }
        }
        return out.text();
    }

    private static Object formatMap(Budget budget, Text self, Arguments arguments) {
        if (!(arguments.bind("format_map", 1, "mapping").get(0) instanceof Map<?, ?> map))
            throw new Fault("format_map needs a dict");
        Map<String, Object> named = new HashMap<>();
        map.forEach((key, value) -> named.put(String.valueOf(key), value));
        return BraceFormat.format(budget, self, new Arguments(List.of(), named));
    }

    private static boolean all(Budget budget, Text self, Arguments arguments, String name, IntPredicate each) {
        none(self, arguments, name);
        budget.read(self.units());
        return !self.isEmpty() && self.chars().codePoints().allMatch(each);
    }

    /** Whether there are letters with a case, all of this one. */
    static boolean cased(Budget budget, Text text, IntPredicate right) {
        budget.read(text.units());
        return text.chars().codePoints().anyMatch(Chars::cased)
                && text.chars().codePoints().filter(Chars::cased).allMatch(right);
    }
}
