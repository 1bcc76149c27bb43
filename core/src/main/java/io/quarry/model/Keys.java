package io.quarry.model;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import tools.jackson.databind.JsonNode;

/**
 * A JSON object read strictly: a key that is missing or of another kind is an error that names it.
 *
 * @param where what is read, for errors: the file, and the object's place in it
 */
record Keys(String where, JsonNode root) {
    boolean has(String key) {
        return root.hasNonNull(key);
    }

    int whole(String key) throws IOException {
        return whole(key, root.path(key));
    }

    int whole(String key, int absent) throws IOException {
        return has(key) ? whole(key) : absent;
    }

    /** The first number where there is a list of them: {@code eos_token_id} may be one, and its first ends a turn. */
    int first(String key, int absent) throws IOException {
        JsonNode n = root.path(key);
        if (!has(key))
            return absent;
        return whole(key, n.isArray() && !n.isEmpty() ? n.get(0) : n);
    }

    List<Integer> wholes(String key) throws IOException {
        JsonNode list = root.path(key);
        if (!list.isArray())
            throw new IOException(where + ": " + key + " must be a list of whole numbers, found " + found(list));
        List<Integer> all = new ArrayList<>(list.size());
        for (JsonNode each : list)
            all.add(whole(key + "[" + all.size() + "]", each));
        return all;
    }

    private int whole(String key, JsonNode n) throws IOException {
        if (!n.isIntegralNumber() || !n.canConvertToInt() || n.intValue() < 0)
            throw new IOException(where + ": " + key + " must be a whole number from 0 to 2^31, found " + found(n));
        return n.intValue();
    }

    double number(String key) throws IOException {
        return number(key, root.path(key));
    }

    double number(String key, double absent) throws IOException {
        return has(key) ? number(key) : absent;
    }

    private double number(String key, JsonNode n) throws IOException {
        if (!n.isNumber())
            throw new IOException(where + ": " + key + " must be a number, found " + found(n)
                    + "; without it this would be another model");
        return n.doubleValue();
    }

    float[] numbers(String key) throws IOException {
        JsonNode list = root.path(key);
        if (!list.isArray())
            throw new IOException(where + ": " + key + " must be a list of numbers, found " + found(list));
        float[] all = new float[list.size()];
        for (int i = 0; i < all.length; i++)
            all[i] = (float) number(key + "[" + i + "]", list.get(i));
        return all;
    }

    List<String> names(String key) throws IOException {
        JsonNode list = root.path(key);
        if (!list.isArray())
            throw new IOException(where + ": " + key + " must be a list of names, found " + found(list));
        List<String> all = new ArrayList<>(list.size());
        for (JsonNode name : list)
            all.add(name.asString(""));
        return all;
    }

    String name(String key, String absent) {
        return has(key) ? root.get(key).asString("") : absent;
    }

    boolean flag(String key, boolean absent) throws IOException {
        if (!has(key))
            return absent;
        if (!root.get(key).isBoolean())
            throw new IOException(where + ": " + key + " must be true or false, found " + found(root.get(key)));
        return root.get(key).booleanValue();
    }

    void expect(String key, String found, String... known) throws IOException {
        for (String one : known)
            if (found.equals(one))
                return;
        throw new IOException(where + ": " + key + " is '" + found + "', this engine computes '"
                + String.join("', '", known) + "'");
    }

    /** An object inside this one; an empty one if there is none. */
    Keys inside(String key) {
        return new Keys(where + ", " + key, root.path(key));
    }

    private static String found(JsonNode n) {
        return n.isMissingNode() ? "nothing" : n.toString();
    }
}
