package io.quarry.recipe;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.RecordComponent;
import java.lang.reflect.Type;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * Makes records of a tree, strictly: every key must be known, every component given (unless {@link MayBeAbsent}), every
 * value of the right type; nothing is converted or defaulted. All problems are collected, each with its path.
 */
final class Binder {
    private final List<Problem> problems = new ArrayList<>();

    /** What is wrong, and where: a path such as {@code pretraining[1].mix}, empty for the whole. */
    record Problem(String path, String sentence) {}

    List<Problem> problems() {
        return problems;
    }

    /** The record of a tree; only to be used if there are no {@link #problems()}. */
    <T> T bind(JsonNode tree, Class<T> type) {
        return type.cast(value("", tree, type));
    }

    /** Runs a check of what was bound; what it finds is one more problem. */
    void check(Runnable check) {
        try {
            check.run();
        } catch (Check.Wrong w) {
            problems.add(new Problem(w.key(), w.sentence()));
        } catch (IllegalArgumentException e) {
            problems.add(new Problem("", e.getMessage()));
        }
    }

    private Object value(String path, JsonNode node, Type type) {
        if (type instanceof ParameterizedType generic)
            return generic.getRawType() == List.class
                    ? list(path, node, generic.getActualTypeArguments()[0])
                    : map(path, node, generic.getActualTypeArguments()[1]);
        Class<?> plain = (Class<?>) type;
        if (plain.isRecord())
            return object(path, node, plain);
        return plain == String.class ? text(path, node) : scalar(path, node, plain);
    }

    private Object object(String path, JsonNode node, Class<?> type) {
        if (!node.isObject())
            return wrong(path, "a map of keys is expected", node);
        int before = problems.size();
        List<RecordComponent> components = List.of(type.getRecordComponents());
        List<String> keys = components.stream().map(RecordComponent::getName).toList();
        for (String key : node.propertyNames())
            if (!keys.contains(key))
                problems.add(new Problem(join(path, key), "is no key of a recipe; " + Nearest.advice(key, keys)));
        Object[] arguments = new Object[keys.size()];
        for (int i = 0; i < arguments.length; i++) {
            RecordComponent component = components.get(i);
            JsonNode child = node.get(keys.get(i));
            if (child != null && !child.isNull())
                arguments[i] = value(join(path, keys.get(i)), child, component.getGenericType());
            else if (!component.isAnnotationPresent(MayBeAbsent.class))
                problems.add(new Problem(join(path, keys.get(i)), "is missing"));
        }
        return problems.size() == before ? construct(path, type, arguments) : null;
    }

    private Object construct(String path, Class<?> type, Object[] arguments) {
        Class<?>[] types = Arrays.stream(type.getRecordComponents()).map(RecordComponent::getType)
                .toArray(Class<?>[]::new);
        try {
            return type.getDeclaredConstructor(types).newInstance(arguments);
        } catch (InvocationTargetException e) {
            switch (e.getCause()) {
                case Check.Wrong w -> problems.add(new Problem(join(path, w.key()), w.sentence()));
                case IllegalArgumentException i -> problems.add(new Problem(path, i.getMessage()));
                default -> throw new IllegalStateException("the record " + type.getName() + " fails", e.getCause());
            }
            return null;
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException("the record " + type.getName() + " cannot be made", e);
        }
    }

    private Object list(String path, JsonNode node, Type element) {
        if (node.isObject() && element instanceof Class<?> record && nameHolder(record) != null)
            return namedList(path, node, record);
        if (!node.isArray())
            return wrong(path, "a list is expected", node);
        List<Object> list = new ArrayList<>();
        for (int i = 0; i < node.size(); i++)
            list.add(value(path + "[" + i + "]", node.get(i), element));
        return Collections.unmodifiableList(list);
    }

    /** A list of named things may be written as a map by their names, so that a patch can change one of them. */
    private Object namedList(String path, JsonNode node, Class<?> record) {
        List<Object> list = new ArrayList<>();
        node.properties().forEach(e -> {
            String at = join(path, e.getKey());
            JsonNode named = e.getValue().deepCopy();
            JsonNode holder = nameHolder(record).isEmpty() ? named : named.path(nameHolder(record));
            if (holder instanceof ObjectNode object && object.has("name"))
                problems.add(new Problem(at, "has a name already (its key); it must not have a key name too"));
            else if (holder instanceof ObjectNode object)
                object.put("name", e.getKey());
            list.add(value(at, named, record));
        });
        return Collections.unmodifiableList(list);
    }

    /** Where a record keeps its name: "" for itself, the component that has one, or null if it has none. */
    private static String nameHolder(Class<?> record) {
        if (!record.isRecord())
            return null;
        for (RecordComponent component : record.getRecordComponents())
            if (component.getName().equals("name"))
                return "";
        for (RecordComponent component : record.getRecordComponents())
            if ("".equals(nameHolder(component.getType())))
                return component.getName();
        return null;
    }

    private Object map(String path, JsonNode node, Type element) {
        if (!node.isObject())
            return wrong(path, "a map of keys is expected", node);
        Map<String, Object> map = new LinkedHashMap<>();
        node.properties().forEach(e -> map.put(e.getKey(), value(join(path, e.getKey()), e.getValue(), element)));
        return Collections.unmodifiableMap(map);
    }

    private Object text(String path, JsonNode node) {
        return node.isString() && !node.asString().isBlank()
                ? node.asString()
                : wrong(path, "a text is expected", node);
    }

    private Object scalar(String path, JsonNode node, Class<?> type) {
        if (type == boolean.class)
            return node.isBoolean() ? node.booleanValue() : wrong(path, "true or false is expected", node);
        if (type == double.class || type == Double.class)
            return real(path, node);
        if (!node.isIntegralNumber())
            return wrong(path, "a whole number is expected", node);
        boolean isLong = type == long.class || type == Long.class;
        if (isLong ? !node.canConvertToLong() : !node.canConvertToInt())
            return wrong(path, "a whole number up to " + (isLong ? Long.MAX_VALUE : Integer.MAX_VALUE) + " is expected",
                    node);
        return isLong ? (Object) node.longValue() : (Object) node.intValue();
    }

    /** A number; also one that YAML 1.1 takes for text, such as 1e3. */
    private Object real(String path, JsonNode node) {
        boolean likeOne = node.isString() && node.asString().matches("[-+]?[0-9]+([.][0-9]*)?([eE][-+]?[0-9]+)?");
        if (!node.isNumber() && !likeOne)
            return wrong(path, "a number is expected", node);
        double value = likeOne ? Double.parseDouble(node.asString()) : node.doubleValue();
        return Double.isFinite(value) ? (Object) value : wrong(path, "a finite number is expected", node);
    }

    private Object wrong(String path, String expected, JsonNode found) {
        String what = found.isString()
                ? "the text \"" + found.asString() + "\""
                : found.isObject()
                        ? "a map"
                        : found.isArray() ? "a list" : found.isNull() ? "nothing" : found.toString();
        String advice = expected.contains("number") && found.isString() && found.asString().matches("[0-9._]+[kKMGT].*")
                ? "; write all digits, the unit is in the key's name"
                : "";
        problems.add(new Problem(path, "is wrong: " + expected + ", found " + what + advice));
        return null;
    }

    static String join(String path, String key) {
        return path.isEmpty() || key.isEmpty() ? path + key : path + "." + key;
    }
}
