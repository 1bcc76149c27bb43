package io.quarry.jinja;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The variables of a rendering: JSON values as plain Java has them, with the hand that wrote their strings. */
public final class Variables {
    /** Values within one another. */
    private static final int DEEPEST = 200;

    private final Map<String, Object> byName = new LinkedHashMap<>();
    private long values;
    private long length;

    /**
     * Sets a variable.
     *
     * @param value maps, collections, strings, numbers, booleans, null, and results of {@link #text}
     * @param origin who wrote the strings in it
     */
    public Variables put(String name, Object value, Origin origin) {
        byName.put(name, value(name, value, origin, 0));
        return this;
    }

    /** A string of another origin than what is around it. */
    public static Text text(String text, Origin origin) {
        return Text.of(text, origin);
    }

    /** A value whose strings are all of one origin, to be put into another value. */
    public static Object marked(Object value, Origin origin) {
        return new Variables().value("", value, origin, 0);
    }

    private Object value(String path, Object value, Origin origin, int depth) {
        if (depth > DEEPEST)
            throw new IllegalArgumentException("variable " + path.substring(0, Math.min(path.length(), 60))
                    + " nests more than " + DEEPEST + " levels deep");
        values++;
        return switch (value) {
            case null -> null;
            case Text text -> {
                length += text.units();
                yield text;
            }
            case String text -> {
                length += text.length();
                yield Text.of(text, origin);
            }
            case Boolean truth -> truth;
            case Long number -> number;
            case Integer number -> number.longValue();
            case Short number -> number.longValue();
            case Byte number -> number.longValue();
            case BigInteger number -> whole(path, number);
            case Double number -> number;
            case Float number -> Double.valueOf(number.toString());
            case BigDecimal number -> number.doubleValue();
            case Map<?, ?> map -> {
                Map<Object, Object> all = new LinkedHashMap<>();
                map.forEach((key, item) -> all.put(key(path, key, origin), value(path + "." + key, item, origin,
                        depth + 1)));
                yield all;
            }
            case Collection<?> list -> {
                List<Object> all = new ArrayList<>(list.size());
                list.forEach(item -> all.add(value(path + "[]", item, origin, depth + 1)));
                yield all;
            }
            default -> throw new IllegalArgumentException(
                    "variable " + path + " must be a JSON value, was a " + value.getClass().getName());
        };
    }

    private static Object whole(String path, BigInteger number) {
        try {
            return Numbers.of(number);
        } catch (Fault fault) {
            throw new IllegalArgumentException("variable " + path + ": " + fault.getMessage());
        }
    }

    private Object key(String path, Object key, Origin origin) {
        if (key instanceof Text text)
            return text;
        if (!(key instanceof String text))
            throw new IllegalArgumentException("variable " + path + " must have strings as keys, had " + key);
        length += text.length();
        return Text.of(text, origin);
    }

    void into(Scope scope) {
        byName.forEach(scope::set);
    }

    Limits limits(Limits base) {
        return base.with(values, length);
    }
}
