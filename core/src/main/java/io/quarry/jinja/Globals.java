package io.quarry.jinja;

import java.time.LocalDateTime;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The functions that every template has. */
final class Globals {
    private Globals() {}

    static Scope scope(Budget budget, LocalDateTime now) {
        Scope scope = new Scope(null);
        scope.set("range", (Callable) Globals::range);
        scope.set("dict", (Callable) arguments -> dict(budget, arguments));
        scope.set("namespace", (Callable) arguments -> new Namespace(dict(budget, arguments)));
        scope.set("cycler", (Callable) arguments -> new Cycler(arguments.positional()));
        scope.set("joiner", (Callable) Globals::joiner);
        scope.set("raise_exception", (Callable) arguments -> {
            throw new Fault("the template refuses this conversation: "
                    + Printer.str(budget, arguments.bind("raise_exception", 1, "message").get(0)));
        });
        scope.set("strftime_now",
                (Callable) arguments -> Time.format(budget, arguments.bind("strftime_now", 1, "format").text(0), now));
        return scope;
    }

    private static Object range(Arguments arguments) {
        List<Object> values = arguments.positional();
        for (Object value : values)
            if (!(value instanceof Long) && !(value instanceof Boolean))
                throw new Fault("range needs whole numbers, found " + Values.type(value));
        Arguments.Bound bound = arguments.bind("range", 1, "start", "stop", "step");
        return values.size() == 1
                ? new Range(0, whole(bound.get(0)), 1)
                : new Range(whole(bound.get(0)), whole(bound.get(1)), whole(bound.get(2, 1L)));
    }

    private static long whole(Object number) {
        return number instanceof Boolean truth ? truth ? 1 : 0 : (Long) number;
    }

    private static Map<Object, Object> dict(Budget budget, Arguments arguments) {
        Map<Object, Object> dict = new LinkedHashMap<>();
        Object from = new Arguments(arguments.positional(), Map.of()).bind("dict", 0, "from").get(0, List.of());
        if (from instanceof Undefined missing)
            throw missing.fault();
        if (from instanceof Map<?, ?> map) {
            budget.steps(map.size());
            dict.putAll(map);
        } else
            Values.iterate(budget, from).forEachRemaining(pair -> {
                List<Object> both = Values.list(budget, pair);
                if (both.size() != 2)
                    throw new Fault("dict needs pairs, found " + both.size() + " values");
                dict.put(Values.key(both.get(0)), both.get(1));
            });
        arguments.named().forEach((name, value) -> dict.put(Text.of(name), value));
        return dict;
    }

    /** Gives nothing the first time, then the separator. */
    private static Callable joiner(Arguments arguments) {
        Text separator = arguments.bind("joiner", 0, "sep").text(0, ", ");
        boolean[] used = new boolean[1];
        return call -> {
            Text text = used[0] ? separator : Text.EMPTY;
            used[0] = true;
            return text;
        };
    }

    /** Gives one value after the other, then the first again. */
    static final class Cycler {
        private final List<Object> values;
        private int at;

        Cycler(List<Object> values) {
            if (values.isEmpty())
                throw new Fault("cycler needs at least one value");
            this.values = values;
        }

        Object attribute(String name) {
            return switch (name) {
                case "current" -> Attributes.known(values.get(at));
                case "next" -> (Callable) arguments -> {
                    arguments.bind("next", 0);
                    Object value = values.get(at);
                    at = (at + 1) % values.size();
                    return value;
                };
                case "reset" -> (Callable) arguments -> {
                    at = 0;
                    return null;
                };
                default -> null;
            };
        }
    }
}
