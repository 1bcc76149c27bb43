package io.quarry.jinja;

import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;

/** The filters on lists, dicts and whatever else a loop can run over. */
final class SequenceFilters {
    private SequenceFilters() {}

    static void add(Map<String, Filters.Filter> filters) {
        filters.put("length", SequenceFilters::length);
        filters.put("count", SequenceFilters::length);
        filters.put("list", SequenceFilters::list);
        filters.put("first", SequenceFilters::first);
        filters.put("last", SequenceFilters::last);
        filters.put("join", SequenceFilters::join);
        filters.put("map", SequenceFilters::map);
        filters.put("select", (b, v, a) -> select(b, v, a, false, true));
        filters.put("reject", (b, v, a) -> select(b, v, a, false, false));
        filters.put("selectattr", (b, v, a) -> select(b, v, a, true, true));
        filters.put("rejectattr", (b, v, a) -> select(b, v, a, true, false));
        filters.put("items", SequenceFilters::items);
        filters.put("dictsort", SequenceFilters::dictSort);
        filters.put("sort", SequenceFilters::sort);
        filters.put("unique", SequenceFilters::unique);
        filters.put("groupby", SequenceFilters::groupBy);
        filters.put("reverse", SequenceFilters::reverse);
        filters.put("min", (b, v, a) -> extreme(b, v, a.bind("min", 0, "case_sensitive", "attribute"), -1));
        filters.put("max", (b, v, a) -> extreme(b, v, a.bind("max", 0, "case_sensitive", "attribute"), 1));
        filters.put("sum", SequenceFilters::sum);
        filters.put("batch", SequenceFilters::batch);
        filters.put("slice", SequenceFilters::slice);
    }

    /** Follows a path such as {@code function.name}, or only an item where the path is a number. */
    private static UnaryOperator<Object> path(Budget budget, Object attribute, Object otherwise) {
        if (attribute == null)
            return value -> value;
        List<Object> parts = new ArrayList<>();
        if (attribute instanceof Text text)
            for (String part : text.chars().split("\\.", -1))
                parts.add(!part.isEmpty() && part.length() < 10 && part.chars().allMatch(c -> c >= '0' && c <= '9')
                        ? Long.valueOf(part)
                        : Text.of(part));
        else
            parts.add(attribute);
        return value -> {
            Object at = value;
            for (Object part : parts) {
                at = Attributes.item(budget, at, part);
                if (otherwise != null && at instanceof Undefined)
                    at = otherwise;
            }
            return at;
        };
    }

    /** What is compared: the attribute, small letters where case does not count. */
    private static UnaryOperator<Object> key(Budget budget, Object attribute, boolean sensitive, Object otherwise) {
        UnaryOperator<Object> path = path(budget, attribute, otherwise);
        return sensitive ? path : value -> folded(budget, path.apply(value));
    }

    private static Object folded(Budget budget, Object value) {
        return value instanceof Text text ? Strings.lower(budget, text) : value;
    }

    /** Values that are looked at when the first of them is asked for, and fail not before. */
    private static Iterator<Object> later(Supplier<Iterator<Object>> values) {
        return new Iterator<>() {
            private Iterator<Object> items;

            @Override
            public boolean hasNext() {
                if (items == null)
                    items = values.get();
                return items.hasNext();
            }

            @Override
            public Object next() {
                return items.next();
            }
        };
    }

    private static Object length(Budget budget, Object value, Arguments arguments) {
        arguments.bind("length", 0);
        return Values.length(budget, value);
    }

    private static Object list(Budget budget, Object value, Arguments arguments) {
        arguments.bind("list", 0);
        return Values.list(budget, value);
    }

    private static Object first(Budget budget, Object value, Arguments arguments) {
        arguments.bind("first", 0);
        Iterator<Object> items = Values.iterate(budget, value);
        return items.hasNext() ? items.next() : new Undefined("there is no first item, for there is none");
    }

    private static Object last(Budget budget, Object value, Arguments arguments) {
        arguments.bind("last", 0);
        if (value instanceof Stream)
            throw new Fault("last needs a list, found a generator");
        List<Object> all = Values.list(budget, value);
        return all.isEmpty() ? new Undefined("there is no last item, for there is none") : all.getLast();
    }

    private static Object join(Budget budget, Object value, Arguments arguments) {
        Arguments.Bound bound = arguments.bind("join", 0, "d", "attribute");
        UnaryOperator<Object> path = path(budget, bound.get(1, null), null);
        Text between = Printer.str(budget, bound.get(0, Text.EMPTY));
        Iterator<Object> items = Values.iterate(budget, value);
        TextBuilder out = new TextBuilder(budget);
        for (boolean first = true; items.hasNext(); first = false) {
            if (!first)
                out.add(between);
            out.add(Printer.str(budget, path.apply(items.next())));
        }
        return out.text();
    }

    private static Object map(Budget budget, Object value, Arguments arguments) {
        UnaryOperator<Object> each;
        if (arguments.positional().isEmpty()) {
            Arguments.Bound bound = arguments.bind("map", 0, "attribute", "default");
            if (!bound.has(0))
                throw new Fault("map needs a filter or an attribute");
            each = path(budget, bound.get(0), bound.get(1, null));
        } else {
            String name = Printer.str(budget, arguments.positional().getFirst()).chars();
            Arguments rest = arguments.from(1);
            each = item -> Filters.apply(budget, name, item, rest);
        }
        if (!Values.truth(value))
            return new Stream(budget, () -> Stream.END);
        Iterator<Object> items = later(() -> Values.iterate(budget, value));
        return new Stream(budget, () -> items.hasNext() ? each.apply(items.next()) : Stream.END);
    }

    private static Object select(Budget budget, Object value, Arguments arguments, boolean ofAttribute,
            boolean wanted) {
        int off = ofAttribute ? 1 : 0;
        List<Object> given = arguments.positional();
        if (given.size() < off)
            throw new Fault("selectattr and rejectattr need an attribute");
        UnaryOperator<Object> path = path(budget, ofAttribute ? given.getFirst() : null, null);
        String test = given.size() > off ? Printer.str(budget, given.get(off)).chars() : null;
        Arguments rest = test == null ? arguments : arguments.from(off + 1);
        if (!Values.truth(value))
            return new Stream(budget, () -> Stream.END);
        Iterator<Object> items = later(() -> Values.iterate(budget, value));
        return new Stream(budget, () -> {
            while (items.hasNext()) {
                Object item = items.next();
                Object tested = path.apply(item);
                if (wanted == (test == null ? Values.truth(tested) : Tests.holds(budget, test, tested, rest)))
                    return item;
            }
            return Stream.END;
        });
    }

    private static Object items(Budget budget, Object value, Arguments arguments) {
        arguments.bind("items", 0);
        Iterator<Object> pairs = later(() -> switch (value) {
            case Map<?, ?> map -> Values.items(budget, map).iterator();
            case Undefined missing -> Collections.emptyIterator();
            case null, default -> throw new Fault("items needs a dict, found " + Values.type(value));
        });
        return new Stream(budget, () -> pairs.hasNext() ? pairs.next() : Stream.END);
    }

    /** Sorts by keys computed once, stable in both directions. */
    private static List<Object> sorted(Budget budget, List<Object> items, UnaryOperator<Object> key, boolean reverse) {
        record Keyed(Object key, Object item) {}
        List<Keyed> all = new ArrayList<>();
        items.forEach(item -> all.add(new Keyed(key.apply(item), item)));
        Comparator<Keyed> order = (a, b) -> {
            budget.steps(1);
            return Values.compare(budget, a.key(), b.key());
        };
        all.sort(reverse ? order.reversed() : order);
        List<Object> sorted = new ArrayList<>();
        all.forEach(each -> sorted.add(each.item()));
        return sorted;
    }

    private static Object dictSort(Budget budget, Object value, Arguments arguments) {
        Arguments.Bound bound = arguments.bind("dictsort", 0, "case_sensitive", "by", "reverse");
        if (value instanceof Undefined missing)
            throw missing.fault();
        if (!(value instanceof Map<?, ?> map))
            throw new Fault("dictsort needs a dict, found " + Values.type(value));
        String by = bound.text(1, "key").chars();
        if (!by.equals("key") && !by.equals("value"))
            throw new Fault("dictsort sorts by \"key\" or by \"value\", not by \"" + by + "\"");
        return sorted(budget, Values.items(budget, map),
                key(budget, by.equals("key") ? 0L : 1L, bound.truth(0, false), null), bound.truth(2, false));
    }

    private static Object sort(Budget budget, Object value, Arguments arguments) {
        Arguments.Bound bound = arguments.bind("sort", 0, "reverse", "case_sensitive", "attribute");
        boolean sensitive = bound.truth(1, false);
        List<UnaryOperator<Object>> keys = new ArrayList<>();
        if (bound.get(2, null) instanceof Text paths)
            for (String path : paths.chars().split(",", -1))
                keys.add(key(budget, Text.of(path), sensitive, null));
        else
            keys.add(key(budget, bound.get(2, null), sensitive, null));
        return sorted(budget, Values.list(budget, value),
                item -> new Tuple(keys.stream().map(key -> key.apply(item)).toList()), bound.truth(0, false));
    }

    private static Object unique(Budget budget, Object value, Arguments arguments) {
        Arguments.Bound bound = arguments.bind("unique", 0, "case_sensitive", "attribute");
        UnaryOperator<Object> key = key(budget, bound.get(1, null), bound.truth(0, false), null);
        Iterator<Object> items = later(() -> Values.iterate(budget, value));
        Set<Object> seen = new HashSet<>();
        return new Stream(budget, () -> {
            while (items.hasNext()) {
                Object item = items.next();
                if (seen.add(Values.key(key.apply(item))))
                    return item;
            }
            return Stream.END;
        });
    }

    private static Object groupBy(Budget budget, Object value, Arguments arguments) {
        Arguments.Bound bound = arguments.bind("groupby", 1, "attribute", "default", "case_sensitive");
        UnaryOperator<Object> shown = path(budget, bound.get(0), bound.get(1, null));
        UnaryOperator<Object> key = key(budget, bound.get(0), bound.truth(2, false), bound.get(1, null));
        List<Object> groups = new ArrayList<>();
        List<Object> group = null;
        Object last = null;
        for (Object item : sorted(budget, Values.list(budget, value), key, false)) {
            Object own = key.apply(item);
            if (group == null || !Values.equal(budget, own, last)) {
                group = new ArrayList<>();
                groups.add(new Tuple.Group(shown.apply(item), group));
            }
            group.add(item);
            last = own;
        }
        return groups;
    }

    private static Object reverse(Budget budget, Object value, Arguments arguments) {
        arguments.bind("reverse", 0);
        if (value instanceof Text text)
            return Strings.slice(budget, text, new Slice(null, null, -1L));
        List<Object> all = Values.list(budget, value);
        Collections.reverse(all);
        if (value instanceof Stream)
            return all;
        Iterator<Object> items = all.iterator();
        return new Stream(budget, () -> items.hasNext() ? items.next() : Stream.END);
    }

    private static Object extreme(Budget budget, Object value, Arguments.Bound bound, int sign) {
        UnaryOperator<Object> key = key(budget, bound.get(1, null), bound.truth(0, false), null);
        Iterator<Object> items = Values.iterate(budget, value);
        if (!items.hasNext())
            return new Undefined("there is no least or greatest item, for there is none");
        Object best = items.next();
        Object bestKey = key.apply(best);
        while (items.hasNext()) {
            Object item = items.next();
            Object itemKey = key.apply(item);
            if (Values.compare(budget, itemKey, bestKey) * sign > 0) {
                best = item;
                bestKey = itemKey;
            }
        }
        return best;
    }

    private static Object sum(Budget budget, Object value, Arguments arguments) {
        Arguments.Bound bound = arguments.bind("sum", 0, "attribute", "start");
        UnaryOperator<Object> path = path(budget, bound.get(0, null), null);
        Object sum = bound.get(1, 0L);
        if (sum instanceof Text)
            throw new Fault("sum cannot add strings; join does that");
        for (Iterator<Object> items = Values.iterate(budget, value); items.hasNext();)
            sum = Operators.apply(budget, "+", sum, path.apply(items.next()));
        return sum;
    }

    private static Object batch(Budget budget, Object value, Arguments arguments) {
        Arguments.Bound bound = arguments.bind("batch", 1, "linecount", "fill_with");
        int size = bound.integer(0);
        Object fill = bound.get(1, null);
        Iterator<Object> items = later(() -> Values.iterate(budget, value));
        return new Stream(budget, () -> {
            if (!items.hasNext())
                return Stream.END;
            List<Object> row = new ArrayList<>();
            // a first row is never closed before it has an item, however small the size
            do
                row.add(items.next());
            while (row.size() != size && items.hasNext());
            if (fill != null && row.size() < size) {
                budget.steps((long) size - row.size());
                row.addAll(Collections.nCopies(size - row.size(), fill));
            }
            return row;
        });
    }

    private static Object slice(Budget budget, Object value, Arguments arguments) {
        Arguments.Bound bound = arguments.bind("slice", 1, "slices", "fill_with");
        Object fill = bound.get(1, null);
        Iterator<Object> slices = later(() -> slices(budget, Values.list(budget, value), bound.integer(0), fill));
        return new Stream(budget, () -> slices.hasNext() ? slices.next() : Stream.END);
    }

    /** As many lists as asked for, the first of them longer by one where it does not come out even. */
    private static Iterator<Object> slices(Budget budget, List<Object> all, int count, Object fill) {
        if (count == 0)
            throw new Fault("slice needs at least one slice");
        budget.steps(Math.max(count, 0));
        List<Object> slices = new ArrayList<>();
        for (int i = 0, from = 0, to; i < count; i++, from = to) {
            boolean longer = i < Math.floorMod(all.size(), count);
            to = from + Math.floorDiv(all.size(), count) + (longer ? 1 : 0);
            List<Object> slice = new ArrayList<>(all.subList(from, to));
            if (fill != null && !longer)
                slice.add(fill);
            slices.add(slice);
        }
        return slices.iterator();
    }
}
