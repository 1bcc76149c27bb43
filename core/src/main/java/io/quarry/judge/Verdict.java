package io.quarry.judge;

import io.quarry.recipe.Recipe;
import java.util.Collections;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.Map;
import java.util.Set;

/**
 * What a judge says of one candidate. Judges only score; the decision follows from scores and thresholds by
 * {@link #of}, the same for every judge.
 *
 * @param decision what becomes of the sample
 * @param scores   1 to 5 per dimension
 * @param score    their weighted mean
 * @param rejects  hard rejects found
 * @param reason   one phrase, empty when all is well
 */
public record Verdict(Decision decision, Map<Dimension, Double> scores, double score, Set<HardReject> rejects,
        String reason) {
    /** What becomes of a sample. Only accepted samples are trained on; borderline ones are kept for people to look at. */
    public enum Decision {
        ACCEPT, BORDERLINE, REJECT
    }

    /**
     * The decision by the thresholds of a recipe: a hard reject rejects; else the weighted score accepts from
     * {@code plan.accept()} and is borderline from {@code plan.borderline()}.
     */
    public static Verdict of(Recipe.JudgePlan plan, Map<Dimension, Double> scores, Set<HardReject> rejects,
            String reason) {
        Map<Dimension, Double> all = new EnumMap<>(Dimension.class);
        double score = 0;
        for (Dimension dimension : Dimension.values()) {
            Double value = scores.get(dimension);
            if (value == null || !(value >= Dimension.LOWEST && value <= Dimension.HIGHEST))
                throw new IllegalArgumentException("the score of " + dimension.key() + " must be in ["
                        + Dimension.LOWEST + ", " + Dimension.HIGHEST + "], was " + value);
            all.put(dimension, value);
            score += value * plan.weights().getOrDefault(dimension.key(), 0.0);
        }
        Set<HardReject> hard = EnumSet.noneOf(HardReject.class);
        hard.addAll(rejects);
        Decision decision = !hard.isEmpty() || score < plan.borderline()
                ? Decision.REJECT
                : score < plan.accept() ? Decision.BORDERLINE : Decision.ACCEPT;
        return new Verdict(decision, Collections.unmodifiableMap(all), score, Collections.unmodifiableSet(hard),
                reason);
    }

    /** Checks the part of a plan that only this package knows: the names of the dimensions. */
    static Recipe.JudgePlan checked(Recipe.JudgePlan plan) {
        plan.weights().keySet().forEach(Dimension::of);
        return plan;
    }

    /** What to count this verdict under: the hard reject, else the reason of a low score, else empty. */
    public String cause() {
        if (!rejects.isEmpty())
            return rejects.iterator().next().key();
        if (decision == Decision.ACCEPT)
            return "";
        Dimension lowest = Dimension.CORRECTNESS;
        for (Dimension dimension : Dimension.values())
            if (scores.get(dimension) < scores.get(lowest))
                lowest = dimension;
        return "low " + lowest.key();
    }
}
