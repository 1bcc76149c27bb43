package io.quarry.chat;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.util.List;
import java.util.Map;

/**
 * Checks a value against the part of JSON Schema that tools use: type, enum, const, required, properties,
 * additionalProperties, items, minimum, maximum. An object with properties allows no others unless the schema says so,
 * because an argument a tool does not know is a mistake of the caller.
 */
final class Schema {
    private Schema() {}

    /** What is wrong at {@code where}, as a sentence; empty if nothing is. */
    static String problem(String where, Object value, Map<?, ?> schema) {
        Object type = schema.get("type");
        if (type != null && !ofType(value, type))
            return where + " must be " + type + ", was " + Json.write(value);
        if (schema.get("enum") instanceof List<?> allowed && allowed.stream().noneMatch(one -> same(one, value)))
            return where + " must be one of " + Json.write(allowed) + ", was " + Json.write(value);
        if (schema.containsKey("const") && !same(schema.get("const"), value))
            return where + " must be " + Json.write(schema.get("const")) + ", was " + Json.write(value);
        return switch (value) {
            case Map<?, ?> map -> inObject(where, map, schema);
            case List<?> list -> inArray(where, list, schema);
            case Number number -> inRange(where, number, schema);
            case null, default -> "";
        };
    }

    private static String inObject(String where, Map<?, ?> map, Map<?, ?> schema) {
        Map<?, ?> properties = schema.get("properties") instanceof Map<?, ?> p ? p : Map.of();
        if (schema.get("required") instanceof List<?> required)
            for (Object name : required)
                if (!map.containsKey(name))
                    return where + " lacks " + name;
        for (Map.Entry<?, ?> entry : map.entrySet()) {
            String at = where + "." + entry.getKey();
            Object of = properties.get(entry.getKey());
            if (of == null) {
                Object more = schema.get("additionalProperties");
                if (Boolean.FALSE.equals(more) || more == null && schema.containsKey("properties"))
                    return at + " is not known; known are " + properties.keySet();
                of = more;
            }
            String problem = of instanceof Map<?, ?> inner ? problem(at, entry.getValue(), inner) : "";
            if (!problem.isEmpty())
                return problem;
        }
        return "";
    }

    private static String inArray(String where, List<?> list, Map<?, ?> schema) {
        if (!(schema.get("items") instanceof Map<?, ?> items))
            return "";
        for (int i = 0; i < list.size(); i++) {
            String problem = problem(where + "[" + i + "]", list.get(i), items);
            if (!problem.isEmpty())
                return problem;
        }
        return "";
    }

    private static String inRange(String where, Number number, Map<?, ?> schema) {
        if (schema.get("minimum") instanceof Number least && decimal(number).compareTo(decimal(least)) < 0)
            return where + " must be at least " + least + ", was " + number;
        if (schema.get("maximum") instanceof Number most && decimal(number).compareTo(decimal(most)) > 0)
            return where + " must be at most " + most + ", was " + number;
        return "";
    }

    private static boolean ofType(Object value, Object type) {
        if (type instanceof List<?> types)
            return types.stream().anyMatch(one -> ofType(value, one));
        return switch (String.valueOf(type)) {
            case "string" -> value instanceof String;
            case "integer" -> value instanceof Number n && decimal(n).stripTrailingZeros().scale() <= 0;
            case "number" -> value instanceof Number;
            case "boolean" -> value instanceof Boolean;
            case "array" -> value instanceof List;
            case "object" -> value instanceof Map;
            case "null" -> value == null;
            default -> false;
        };
    }

    /** JSON's equality: 1 and 1.0 are the same number. */
    private static boolean same(Object a, Object b) {
        if (a instanceof Number x && b instanceof Number y)
            return decimal(x).compareTo(decimal(y)) == 0;
        return java.util.Objects.equals(a, b);
    }

    private static BigDecimal decimal(Number number) {
        return switch (number) {
            case BigDecimal d -> d;
            case BigInteger i -> new BigDecimal(i);
            case Double d when d.isInfinite() -> BigDecimal.valueOf(Math.copySign(Double.MAX_VALUE, d)); // read from 1e999
            default -> new BigDecimal(number.toString());
        };
    }
}
