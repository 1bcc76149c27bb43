package io.quarry.jinja;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The values of one call.
 *
 * @param positional in order
 * @param named      by name, in order
 */
record Arguments(List<Object> positional, Map<String, Object> named) {
    static final Arguments NONE = new Arguments(List.of(), Map.of());
    /** Stands where an optional argument was not given. */
    private static final Object ABSENT = new Object();

    static Arguments of(Object... positional) {
        return new Arguments(java.util.Arrays.asList(positional), Map.of());
    }

    /** The same without the first positional ones. */
    Arguments from(int first) {
        return new Arguments(positional.subList(first, positional.size()), named);
    }

    /**
     * Gives every value its parameter.
     *
     * @param function   name of what is called, for the sentence if that fails
     * @param required   how many of the parameters must be given
     * @param parameters names in order
     */
    Bound bind(String function, int required, String... parameters) {
        if (positional.size() > parameters.length)
            throw new Fault(function + " takes at most " + parameters.length + " arguments, found "
                    + positional.size());
        List<Object> values = new ArrayList<>(positional);
        Map<String, Object> rest = named.isEmpty() ? Map.of() : new LinkedHashMap<>(named);
        for (int i = values.size(); i < parameters.length; i++) {
            values.add(rest.containsKey(parameters[i]) ? rest.remove(parameters[i]) : ABSENT);
            if (i < required && values.get(i) == ABSENT)
                throw new Fault(function + " needs its argument \"" + parameters[i] + "\"");
        }
        if (!rest.isEmpty())
            throw new Fault(function + " takes no argument \"" + rest.keySet().iterator().next() + "\", or twice");
        return new Bound(function, parameters, values);
    }

    /** Values by their parameter's place. */
    record Bound(String function, String[] parameters, List<Object> values) {
        boolean has(int i) {
            return values.get(i) != ABSENT;
        }

        Object get(int i, Object otherwise) {
            return has(i) ? values.get(i) : otherwise;
        }

        Object get(int i) {
            return values.get(i);
        }

        private Fault wrong(int i, String expected) {
            return new Fault(function + " needs " + expected + " as \"" + parameters[i] + "\", found "
                    + Values.type(values.get(i)));
        }

        Text text(int i) {
            if (values.get(i) instanceof Text text)
                return text;
            throw wrong(i, "a string");
        }

        Text text(int i, String otherwise) {
            return has(i) ? text(i) : Text.of(otherwise);
        }

        /** A whole number that fits 32 bits, larger ones cut down to that. */
        int integer(int i) {
            return switch (values.get(i)) {
                case Boolean truth -> truth ? 1 : 0;
                case Long number -> Math.clamp(number, Integer.MIN_VALUE, Integer.MAX_VALUE);
                case java.math.BigInteger big -> big.signum() < 0 ? Integer.MIN_VALUE : Integer.MAX_VALUE;
                case null, default -> throw wrong(i, "a whole number");
            };
        }

        int integer(int i, int otherwise) {
            return has(i) ? integer(i) : otherwise;
        }

        /** As {@link #integer(int, int)}, but None stands for "not given". */
        int integerOrNone(int i, int otherwise) {
            return has(i) && values.get(i) != null ? integer(i) : otherwise;
        }

        boolean truth(int i, boolean otherwise) {
            return has(i) ? Values.truth(values.get(i)) : otherwise;
        }
    }
}
