package io.quarry.app;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.Set;

/**
 * Reads the facts of a manifest: an absent key is empty, a value of another type is an error with its path, and what
 * nobody has read is kept to be shown at the end of the report.
 */
final class ReportFacts {
    /** How JSON has to write what it has no number for; the report shows them as not measured. */
    private static final Set<String> NOT_FINITE = Set.of("NaN", "Infinity", "-Infinity");
    private final String path;
    private final Map<String, Object> values;
    private final Map<String, Object> children = new LinkedHashMap<>();
    private final Set<String> read = new LinkedHashSet<>();

    ReportFacts(String path, Map<?, ?> values) {
        this.path = path;
        this.values = new LinkedHashMap<>();
        values.forEach((key, value) -> {
            if (value != null)
                this.values.put(String.valueOf(key), value);
        });
    }

    Set<String> keys() {
        return values.keySet();
    }

    boolean has(String key) {
        return values.containsKey(key);
    }

    OptionalDouble number(String key) {
        return switch (take(key)) {
            case null -> OptionalDouble.empty();
            case Number number when !Double.isFinite(number.doubleValue()) -> OptionalDouble.empty();
            case Number number -> OptionalDouble.of(number.doubleValue());
            case String text when NOT_FINITE.contains(text) -> OptionalDouble.empty();
            case Object other -> throw wrong(key, "a number", other);
        };
    }

    Optional<String> text(String key) {
        return switch (take(key)) {
            case null -> Optional.empty();
            case String text -> Optional.of(text);
            case Object other -> throw wrong(key, "a text", other);
        };
    }

    Optional<Boolean> flag(String key) {
        return switch (take(key)) {
            case null -> Optional.empty();
            case Boolean flag -> Optional.of(flag);
            case Object other -> throw wrong(key, "true or false", other);
        };
    }

    List<String> texts(String key) {
        return list(key).stream().map(item -> {
            if (item instanceof String text)
                return text;
            throw wrong(key, "a list of texts", item);
        }).toList();
    }

    /** The object under a key; empty facts where there is none. */
    ReportFacts child(String key) {
        if (children.get(key) instanceof ReportFacts known)
            return known;
        ReportFacts child = switch (values.get(key)) {
            case null -> new ReportFacts(path + "." + key, Map.of());
            case Map<?, ?> map -> new ReportFacts(path + "." + key, map);
            case Object other -> throw wrong(key, "an object", other);
        };
        children.put(key, child);
        return child;
    }

    /** The objects of a list; none where there is no list. */
    List<ReportFacts> children(String key) {
        if (children.get(key) instanceof Rows known)
            return known.rows;
        List<ReportFacts> rows = new ArrayList<>();
        for (Object item : list(key)) {
            if (!(item instanceof Map<?, ?> map))
                throw wrong(key, "a list of objects", item);
            rows.add(new ReportFacts(path + "." + key + "[" + rows.size() + "]", map));
        }
        children.put(key, new Rows(rows));
        return rows;
    }

    /** All keys as numbers: for maps from a name to a count. */
    Map<String, Double> numbers() {
        Map<String, Double> numbers = new LinkedHashMap<>();
        for (String key : values.keySet())
            number(key).ifPresent(value -> numbers.put(key, value));
        return numbers;
    }

    /** What has not been read, with its structure; empty if everything was. */
    Map<String, Object> unread() {
        Map<String, Object> rest = new LinkedHashMap<>();
        values.forEach((key, value) -> {
            switch (children.get(key)) {
                case ReportFacts child -> keep(rest, key, child.unread());
                case Rows rows -> keep(rest, key, rows.unread());
                case null, default -> {
                    if (!read.contains(key))
                        rest.put(key, value);
                }
            }
        });
        return rest;
    }

    private static void keep(Map<String, Object> rest, String key, Map<String, Object> unread) {
        if (!unread.isEmpty())
            rest.put(key, unread);
    }

    private List<?> list(String key) {
        return switch (take(key)) {
            case null -> List.of();
            case List<?> list -> list;
            case Object other -> throw wrong(key, "a list", other);
        };
    }

    private Object take(String key) {
        read.add(key);
        return values.get(key);
    }

    private IllegalArgumentException wrong(String key, String expected, Object found) {
        String text = String.valueOf(found);
        return new IllegalArgumentException("the fact " + path + "." + key + " must be " + expected
                + " for the report, was " + (text.length() > 60 ? text.substring(0, 60) + "..." : text) + " ("
                + found.getClass().getSimpleName() + ")");
    }

    /** A list of objects; what was not read of them is shown by their place in the list. */
    private record Rows(List<ReportFacts> rows) {
        Map<String, Object> unread() {
            Map<String, Object> rest = new LinkedHashMap<>();
            for (int i = 0; i < rows.size(); i++)
                keep(rest, Integer.toString(i), rows.get(i).unread());
            return rest;
        }
    }
}
