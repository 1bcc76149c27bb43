package io.quarry.jinja;

import java.math.BigInteger;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * {@code value.name} and {@code value[key]} as Jinja's sandbox resolves them: the first looks for a method, then for an
 * item; the second the other way round. There is nothing behind these names but what is written here.
 */
final class Attributes {
    /** Stands for an attribute that is None, because null says that there is no such attribute. */
    private static final Object NONE = new Object();
    /** Methods that would change a value; the sandbox has them undefined. */
    private static final Set<String> CHANGES = Set.of("append", "clear", "pop", "reverse", "insert", "sort", "extend",
            "remove", "popitem", "setdefault", "update");

    private Attributes() {}

    /** An attribute's value as attributes are handed on. */
    static Object known(Object value) {
        return value == null ? NONE : value;
    }

    /** {@code value.name}. */
    static Object of(Budget budget, Object value, String name) {
        if (value instanceof Undefined missing)
            throw missing.fault();
        Object attribute = attribute(budget, value, name);
        if (attribute != null)
            return attribute == NONE ? null : attribute;
        if (value instanceof Map<?, ?> map) {
            Text key = Text.of(name);
            if (!CHANGES.contains(name) && map.containsKey(key))
                return map.get(key);
        }
        if (value instanceof Namespace namespace && namespace.attributes().containsKey(Text.of(name)))
            return namespace.attributes().get(Text.of(name));
        return missing(value, name);
    }

    /** The method or property of this name, never an item. */
    static Object only(Budget budget, Object value, String name) {
        if (value instanceof Undefined missing)
            throw missing.fault();
        Object attribute = value instanceof Namespace namespace
                ? namespace.attributes().get(Text.of(name))
                : attribute(budget, value, name);
        return attribute == null ? missing(value, name) : attribute == NONE ? null : attribute;
    }

    private static Undefined missing(Object value, String name) {
        return new Undefined((value instanceof Map || value instanceof List) && CHANGES.contains(name)
                ? Values.type(value) + " cannot be changed by a template, so it has no \"" + name + "\""
                : Values.type(value) + " has no attribute \"" + name + "\"");
    }

    /** {@code value[key]}. */
    static Object item(Budget budget, Object value, Object key) {
        if (value instanceof Undefined missing)
            throw missing.fault();
        if (value instanceof Map<?, ?> map && hashable(key)) {
            Object found = Values.key(key);
            if (map.containsKey(found))
                return map.get(found);
        } else if (Numbers.whole(key) && (value instanceof List || value instanceof Text)) {
            Object item = at(budget, value, Numbers.big(key));
            return item instanceof Undefined ? new Undefined(Values.type(value) + " has no element " + key) : item;
        }
        if (key instanceof Text name) {
            Object attribute = attribute(budget, value, name.chars());
            if (attribute != null)
                return attribute == NONE ? null : attribute;
            if (value instanceof Namespace namespace && namespace.attributes().containsKey(name))
                return namespace.attributes().get(name);
            return missing(value, name.chars());
        }
        return new Undefined(Values.type(value) + " has no element " + Printer.repr(budget, key));
    }

    private static boolean hashable(Object key) {
        return key == null || key instanceof Text || Numbers.is(key);
    }

    private static Object at(Budget budget, Object value, BigInteger index) {
        long length = Values.length(budget, value);
        BigInteger place = index.signum() < 0 ? index.add(BigInteger.valueOf(length)) : index;
        if (place.signum() < 0 || place.compareTo(BigInteger.valueOf(length)) >= 0)
            return new Undefined("");
        int i = place.intValue();
        if (value instanceof List<?> list)
            return list.get(i);
        Text text = (Text) value;
        int from = text.unit(i);
        return text.sub(from, text.chars().offsetByCodePoints(from, 1));
    }

    static Object slice(Budget budget, Object value, Slice slice) {
        return switch (value) {
            case Text text -> Strings.slice(budget, text, slice);
            case Tuple tuple -> new Tuple(slice.of(budget, tuple));
            case List<?> list -> slice.of(budget, list);
            case Undefined missing -> throw missing.fault();
            case null, default -> throw new Fault(Values.type(value) + " cannot be cut into slices");
        };
    }

    /** A method or a property; null if there is none of this name. */
    private static Object attribute(Budget budget, Object value, String name) {
        return switch (value) {
            case Text text -> StringMethods.find(budget, text, name);
            case Map<?, ?> map -> method(budget, map, name);
            case Tuple.Group group when name.equals("grouper") -> known(group.get(0));
            case Tuple.Group group when name.equals("list") -> group.get(1);
            case List<?> list -> method(budget, list, name);
            case Loop loop -> loop.attribute(name);
            case Macro macro -> macro.attribute(name);
            case Globals.Cycler cycler -> cycler.attribute(name);
            case null, default -> null;
        };
    }

    private static Callable method(Budget budget, Map<?, ?> map, String name) {
        return switch (name) {
            case "get" -> arguments -> {
                Arguments.Bound bound = arguments.bind("get", 1, "key", "default");
                Object key = Values.key(bound.get(0));
                return map.containsKey(key) ? map.get(key) : bound.get(1, null);
            };
            case "items" -> arguments -> new View("dict_items", Values.items(budget, map));
            case "keys" -> arguments -> new View("dict_keys", Values.list(budget, map));
            case "values" -> arguments -> {
                budget.steps(map.size());
                return new View("dict_values", new ArrayList<>(map.values()));
            };
            case "copy" -> arguments -> {
                budget.steps(map.size());
                return new LinkedHashMap<>(map);
            };
            default -> null;
        };
    }

    private static Callable method(Budget budget, List<?> list, String name) {
        return switch (name) {
            case "count" -> arguments -> {
                Object item = arguments.bind("count", 1, "value").get(0);
                return Values.list(budget, list).stream().filter(each -> Values.equal(budget, each, item)).count();
            };
            case "index" -> arguments -> {
                Object item = arguments.bind("index", 1, "value").get(0);
                List<Object> all = Values.list(budget, list);
                for (int i = 0; i < all.size(); i++)
                    if (Values.equal(budget, all.get(i), item))
                        return (long) i;
                throw new Fault("index found no such item");
            };
            case "copy" ->
                list instanceof Tuple || list instanceof Range ? null : arguments -> Values.list(budget, list);
            default -> null;
        };
    }
}
