package io.quarry.recipe;

import java.util.Collections;
import java.util.Map;
import java.util.TreeMap;

/** The checks that records of a recipe make of themselves; every message begins with the path of the key. */
final class Check {
    private Check() {}

    static void that(boolean holds, String sentence) {
        if (!holds)
            throw new IllegalArgumentException(sentence);
    }

    static void positive(String key, double value) {
        that(value > 0, key + " must be positive, was " + value);
    }

    static void ratio(String key, double value) {
        that(value >= 0 && value <= 1, key + " must be in [0, 1], was " + value);
    }

    /** A mix sums to one; the sum is checked to 0.001, because published mixes are rounded. */
    static Map<String, Double> mix(String key, Map<String, Double> mix) {
        that(mix != null && !mix.isEmpty(), key + " must name at least one share");
        mix.forEach((k, v) -> ratio(key + "." + k, v));
        double sum = mix.values().stream().mapToDouble(Double::doubleValue).sum();
        that(Math.abs(sum - 1) <= 1e-3, key + " must sum to 1, sums to " + sum);
        return Collections.unmodifiableMap(new TreeMap<>(mix));
    }
}
