package io.quarry.serve;

import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.OptionalLong;
import tools.jackson.databind.JsonNode;

/**
 * Fields of a JSON object from outside, read by type; the wrong type is an error that names the field. A null is read
 * as absent, as OpenAI does.
 *
 * @param node the object
 * @param at   where it stands in the request, with a dot behind; empty for the request itself
 */
record Fields(JsonNode node, String at) {
    /** Reads an object that stands at {@code path}. */
    static Fields of(JsonNode node, String path) {
        if (!node.isObject())
            throw ApiError.invalid(path.isEmpty() ? null : path,
                    (path.isEmpty() ? "the request" : "'" + path + "'") + " must be a JSON object, is " + kind(node));
        return new Fields(node, path.isEmpty() ? "" : path + ".");
    }

    String path(String name) {
        return at + name;
    }

    Optional<JsonNode> find(String name) {
        return Optional.ofNullable(node.get(name)).filter(n -> !n.isNull());
    }

    JsonNode need(String name) {
        return find(name).orElseThrow(() -> new ApiError(400, path(name), "missing_required_parameter",
                "'" + path(name) + "' is missing"));
    }

    Optional<String> text(String name) {
        return find(name).map(n -> text(n, path(name)));
    }

    boolean truth(String name) {
        return find(name).map(n -> {
            if (!n.isBoolean())
                throw wrong(n, path(name), "true or false");
            return n.booleanValue();
        }).orElse(false);
    }

    OptionalLong whole(String name, long least, long most) {
        Optional<JsonNode> found = find(name);
        if (found.isEmpty())
            return OptionalLong.empty();
        JsonNode n = found.get();
        if (!n.isIntegralNumber() || !n.canConvertToLong() || n.longValue() < least || n.longValue() > most)
            throw wrong(n, path(name), "a whole number from " + least + " to " + most);
        return OptionalLong.of(n.longValue());
    }

    OptionalInt count(String name, int least) {
        OptionalLong found = whole(name, least, Integer.MAX_VALUE);
        return found.isEmpty() ? OptionalInt.empty() : OptionalInt.of((int) found.getAsLong());
    }

    OptionalDouble number(String name, double least, double most) {
        Optional<JsonNode> found = find(name);
        if (found.isEmpty())
            return OptionalDouble.empty();
        JsonNode n = found.get();
        if (!n.isNumber() || !(n.doubleValue() >= least && n.doubleValue() <= most))
            throw wrong(n, path(name), "a number from " + least + " to " + most);
        return OptionalDouble.of(n.doubleValue());
    }

    static String text(JsonNode n, String path) {
        if (!n.isString())
            throw wrong(n, path, "a string");
        return n.stringValue();
    }

    static ApiError wrong(JsonNode found, String path, String expected) {
        return ApiError.invalid(path, "'" + path + "' must be " + expected + ", is " + kind(found));
    }

    /** What a value is, short enough to be said back. */
    private static String kind(JsonNode n) {
        if (n.isContainer())
            return n.isArray() ? "an array" : "an object";
        String text = n.toString();
        return text.length() <= 60 ? text : text.substring(0, 60) + "...";
    }
}
