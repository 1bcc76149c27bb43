package io.quarry.jinja;

import java.math.BigInteger;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import java.util.Map;

/**
 * What a template's values are and how Python compares them. None is null; then there are {@link Undefined}, Boolean,
 * Long and BigInteger (only where a Long is too small), Double, {@link Text}, List, {@link Tuple}, {@link Range}, Map,
 * {@link View}, {@link Stream}, {@link Namespace}, {@link Loop} and {@link Callable}.
 */
final class Values {
    private Values() {}

    /** The name of a value's type in Python. */
    static String type(Object value) {
        return switch (value) {
            case null -> "NoneType";
            case Undefined missing -> "an undefined value (" + missing.why() + ")";
            case Boolean truth -> "bool";
            case Long number -> "int";
            case BigInteger number -> "int";
            case Double number -> "float";
            case Text text -> "str";
            case Tuple tuple -> "tuple";
            case Range range -> "range";
            case List<?> list -> "list";
            case Map<?, ?> map -> "dict";
            case View view -> view.kind();
            case Stream stream -> "generator";
            case Namespace namespace -> "namespace";
            case Loop loop -> "loop";
            default -> "function";
        };
    }

    static boolean truth(Object value) {
        return switch (value) {
            case null -> false;
            case Undefined missing -> false;
            case Boolean is -> is;
            case Long number -> number != 0;
            case Double number -> number != 0;
            case Text text -> !text.isEmpty();
            case List<?> list -> !list.isEmpty();
            case Map<?, ?> map -> !map.isEmpty();
            case View view -> !view.items().isEmpty();
            default -> true;
        };
    }

    /** Whether {@code ==} holds. */
    static boolean equal(Budget budget, Object a, Object b) {
        if (Numbers.is(a) && Numbers.is(b))
            return Numbers.compare(a, b) == 0; // NaN compares as larger
        return switch (a) {
            case null -> b == null;
            case Undefined missing -> b instanceof Undefined;
            case Text text when b instanceof Text other -> {
                budget.read(Math.min(text.units(), other.units()));
                yield text.equals(other);
            }
            case List<?> list when b instanceof List<?> other && sameKind(list, other) -> equal(budget, list, other);
            case Map<?, ?> map when b instanceof Map<?, ?> other -> equal(budget, map, other);
            default -> a == b;
        };
    }

    private static boolean sameKind(List<?> a, List<?> b) {
        return a instanceof Tuple == b instanceof Tuple && a instanceof Range == b instanceof Range;
    }

    private static boolean equal(Budget budget, List<?> a, List<?> b) {
        if (a.size() != b.size())
            return false;
        budget.enter();
        try {
            for (int i = 0; i < a.size(); i++)
                if (!equal(budget, a.get(i), b.get(i)))
                    return false;
            return true;
        } finally {
            budget.leave();
        }
    }

    private static boolean equal(Budget budget, Map<?, ?> a, Map<?, ?> b) {
        if (a.size() != b.size())
            return false;
        budget.enter();
        try {
            for (Map.Entry<?, ?> entry : a.entrySet())
                if (!b.containsKey(entry.getKey()) || !equal(budget, entry.getValue(), b.get(entry.getKey())))
                    return false;
            return true;
        } finally {
            budget.leave();
        }
    }

    /** Order of two values; fails for those that have none. */
    static int compare(Budget budget, Object a, Object b) {
        if (Numbers.is(a) && Numbers.is(b))
            return Numbers.compare(a, b);
        if (a instanceof Text left && b instanceof Text right) {
            budget.read(Math.min(left.units(), right.units()));
            return left.compareTo(right);
        }
        if (a instanceof List<?> left && b instanceof List<?> right && sameKind(left, right)
                && !(left instanceof Range)) {
            budget.enter();
            try {
                for (int i = 0; i < Math.min(left.size(), right.size()); i++)
                    if (!equal(budget, left.get(i), right.get(i)))
                        return compare(budget, left.get(i), right.get(i));
                return Integer.compare(left.size(), right.size());
            } finally {
                budget.leave();
            }
        }
        throw unfit("<", a, b);
    }

    /** An operator's operands do not go together. */
    static Fault unfit(String operator, Object a, Object b) {
        if (a instanceof Undefined missing)
            return missing.fault();
        if (b instanceof Undefined missing)
            return missing.fault();
        return new Fault("\"" + operator + "\" does not work between " + type(a) + " and " + type(b));
    }

    /** Whether {@code item in container} holds. */
    static boolean contains(Budget budget, Object container, Object item) {
        return switch (container) {
            case Text text -> {
                if (!(item instanceof Text part))
                    throw new Fault("only a string can be in a string, found " + type(item));
                budget.read(text.units() + part.units());
                yield Search.first(text.chars(), part.chars(), 0) >= 0;
            }
            case Map<?, ?> map -> map.containsKey(key(item));
            case null, default -> {
                Iterator<?> items = iterate(budget, container);
                while (items.hasNext())
                    if (equal(budget, items.next(), item))
                        yield true;
                yield false;
            }
        };
    }

    /** A value as a key of a dict: whole floats are the same key as their integers. */
    static Object key(Object value) {
        return switch (value) {
            case null -> NoneKey.NONE;
            case Text text -> text;
            case Long number -> number;
            case BigInteger number -> number;
            case Boolean truth -> truth;
            case Undefined missing -> Undefined.KEY;
            case Callable function -> function;
            case Double number when number == Math.rint(number) && Math.abs(number) < 1e15 -> number.longValue();
            case Double number -> number;
            default -> throw new Fault(type(value) + " cannot be a key of a dict");
        };
    }

    /** None as a key; it turns back into null where keys are read. */
    enum NoneKey {
        NONE
    }

    static Object fromKey(Object key) {
        return key == NoneKey.NONE ? null : key;
    }

    /** Everything that a value yields when a loop runs over it. Every step is paid for. */
    static Iterator<Object> iterate(Budget budget, Object value) {
        Iterator<?> items = switch (value) {
            case Text text -> points(text);
            case List<?> list -> list.iterator();
            case Map<?, ?> map -> map.keySet().stream().map(Values::fromKey).iterator();
            case View view -> view.items().iterator();
            case Stream stream -> stream;
            case Undefined missing -> List.of().iterator();
            case null, default -> throw new Fault(type(value) + " cannot be looped over");
        };
        return new Iterator<>() {
            @Override
            public boolean hasNext() {
                budget.steps(1);
                return items.hasNext();
            }

            @Override
            public Object next() {
                return items.next();
            }
        };
    }

    private static Iterator<Object> points(Text text) {
        return new Iterator<>() {
            private int at;

            @Override
            public boolean hasNext() {
                return at < text.units();
            }

            @Override
            public Object next() {
                int from = at;
                at = text.chars().offsetByCodePoints(at, 1);
                return text.sub(from, at).withHtml(false);
            }
        };
    }

    /** Whether a loop can run over it. */
    static boolean iterable(Object value) {
        return value instanceof Text || value instanceof List || value instanceof Map || value instanceof View
                || value instanceof Stream || value instanceof Undefined;
    }

    static List<Object> list(Budget budget, Object value) {
        List<Object> all = new ArrayList<>();
        iterate(budget, value).forEachRemaining(all::add);
        return all;
    }

    static long length(Budget budget, Object value) {
        return switch (value) {
            case Text text -> {
                budget.read(text.units());
                yield text.length();
            }
            case List<?> list -> list.size();
            case Map<?, ?> map -> map.size();
            case View view -> view.items().size();
            case Undefined missing -> 0;
            case Loop loop -> loop.length();
            case null, default -> throw new Fault(type(value) + " has no length");
        };
    }

    /** Pairs of a dict's keys and values. */
    static List<Object> items(Budget budget, Map<?, ?> map) {
        budget.steps(map.size());
        List<Object> pairs = new ArrayList<>(map.size());
        map.forEach((key, value) -> pairs.add(new Tuple(Arrays.asList(fromKey(key), value))));
        return pairs;
    }
}
