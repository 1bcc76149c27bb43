package io.quarry.recipe;

import java.util.Collection;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/** The checks that records of a recipe make of themselves. They know their own keys; the binder knows the way to them. */
final class Check {
    private Check() {}

    /** A value of a recipe is wrong: the key within its record (empty for the record itself), and what about it. */
    static final class Wrong extends IllegalArgumentException {
        private static final long serialVersionUID = 1;
        private final String key;
        private final String sentence;

        Wrong(String key, String sentence) {
            super(key.isEmpty() ? sentence : key + " " + sentence);
            this.key = key;
            this.sentence = sentence;
        }

        String key() {
            return key;
        }

        String sentence() {
            return sentence;
        }
    }

    /** @param key the key within the record, empty for the record itself; the sentence goes on behind it */
    static void that(boolean holds, String key, String sentence) {
        if (!holds)
            throw new Wrong(key, sentence);
    }

    static void positive(String key, double value) {
        that(value > 0, key, "must be positive, was " + plain(value));
    }

    static void notNegative(String key, double value) {
        that(value >= 0, key, "must be 0 or more, was " + plain(value));
    }

    static void ratio(String key, double value) {
        that(value >= 0 && value <= 1, key, "must be in [0, 1], was " + plain(value));
    }

    /** A mix sums to one; the sum is checked to 0.001, because published mixes are rounded. */
    static Map<String, Double> mix(String key, Map<String, Double> mix) {
        that(!mix.isEmpty(), key, "must name at least one share");
        mix.forEach((k, v) -> ratio(key + "." + k, v));
        double sum = mix.values().stream().mapToDouble(Double::doubleValue).sum();
        that(Math.abs(sum - 1) <= 1e-3, key, "must sum to 1, sums to " + plain(Math.round(sum * 1e9) / 1e9));
        return Collections.unmodifiableMap(new TreeMap<>(mix));
    }

    /** Each of the names stands once. */
    static void unique(String key, List<String> names) {
        Set<String> seen = new HashSet<>();
        for (String name : names)
            that(seen.add(name), key, "must have different names, has " + name + " twice");
    }

    static void oneOf(String key, String value, List<String> allowed) {
        that(allowed.contains(value), key, "must be one of " + String.join(", ", allowed) + ", was " + value);
    }

    /** The keys of a map, or the names in a list, are all known. */
    static void known(String key, Collection<String> names, Collection<String> known, String what) {
        for (String name : names)
            that(known.contains(name), key + "." + name, what + "; there is " + String.join(", ", known));
    }

    /** A number without a needless {@code .0}. */
    private static String plain(double value) {
        return value == Math.rint(value) && Math.abs(value) < 1e15
                ? Long.toString((long) value)
                : Double.toString(value);
    }
}
