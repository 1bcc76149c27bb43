package io.quarry.recipe;

/**
 * The learning rate as a pure function of the step.
 *
 * @param kind        {@code power} (arXiv 2408.13359), {@code exponential}, {@code linear} (to the floor) or {@code constant}
 * @param peak        highest learning rate
 * @param floor       learning rate at the end; 0 in phase 4
 * @param warmupSteps linear warm-up from 0
 * @param exponent    of the power schedule, negative (the paper's is -0.51); null elsewhere
 */
public record Schedule(String kind, double peak, double floor, long warmupSteps, Double exponent) {
    public Schedule {
        Check.positive("schedule.peak", peak);
        Check.that(floor >= 0 && floor <= peak, "schedule.floor must be in [0, peak], was " + floor);
        Check.that(warmupSteps >= 0, "schedule.warmupSteps must be 0 or more, was " + warmupSteps);
        switch (kind) {
            case "power" -> Check.that(exponent != null && exponent < 0,
                    "schedule.exponent must be negative for kind power (the paper's is -0.51), was " + exponent);
            case "exponential" -> Check.that(floor > 0, "schedule.floor must be over 0 for kind exponential");
            case "linear", "constant" -> Check.that(exponent == null, "schedule.exponent is only for kind power");
            case null, default -> throw new IllegalArgumentException(
                    "schedule.kind must be power, exponential, linear or constant, was " + kind);
        }
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
