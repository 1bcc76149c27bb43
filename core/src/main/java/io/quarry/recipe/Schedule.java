package io.quarry.recipe;

import java.util.List;

/**
 * The learning rate as a pure function of the step.
 *
 * @param kind        {@code power} (arXiv 2408.13359), {@code exponential}, {@code linear} (to the floor) or {@code constant}
 * @param peak        highest learning rate
 * @param floor       learning rate at the end; 0 in phase 4
 * @param warmupSteps linear warm-up from 0
 * @param exponent    of the power schedule, negative (the paper's is -0.51); null elsewhere
 */
public record Schedule(String kind, double peak, double floor, long warmupSteps,
        @MayBeAbsent Double exponent) {
    public Schedule {
        Check.positive("peak", peak);
        Check.that(floor >= 0 && floor <= peak, "floor", "must be in [0, peak], was " + floor);
        Check.notNegative("warmupSteps", warmupSteps);
        Check.oneOf("kind", kind, List.of("power", "exponential", "linear", "constant"));
        Check.that(kind.equals("power") || exponent == null, "exponent", "is only for kind power");
        Check.that(!kind.equals("power") || exponent != null && exponent < 0, "exponent",
                "must be negative for kind power (the paper's is -0.51), was " + exponent);
        Check.that(!kind.equals("exponential") || floor > 0, "floor", "must be over 0 for kind exponential");
    }

    /**
     * Learning rate of step {@code step} (from 0) of {@code steps}. The power law runs from the end of the warm-up, where
     * it has its peak: {@code peak * ((step + 1) / warmupSteps)^exponent}, never under the floor.
     */
    public double at(long step, long steps) {
        if (step < warmupSteps)
            return peak * (step + 1) / warmupSteps;
        double done = (double) (step - warmupSteps) / Math.max(1, steps - warmupSteps);
        return switch (kind) {
            case "power" -> Math.max(floor, peak * Math.pow((step + 1.0) / Math.max(1, warmupSteps), exponent));
            case "exponential" -> peak * Math.pow(floor / peak, done);
            case "linear" -> peak + (floor - peak) * done;
            default -> peak;
        };
    }
}
