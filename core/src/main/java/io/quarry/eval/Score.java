package io.quarry.eval;

import java.util.Locale;
import java.util.Map;

/** How many of how many answers were right. */
public record Score(long correct, long total) {
    public Score {
        if (correct < 0 || correct > total)
            throw new IllegalArgumentException("correct must be in [0, total], was " + correct + " of " + total);
    }

    /** Share of right answers; 0 of 0 is 0. */
    public double share() {
        return total == 0 ? 0 : (double) correct / total;
    }

    /** Wilson's 95 % interval of the share. */
    public Interval interval() {
        return Interval.wilson(correct, total);
    }

    /** As facts of a manifest: correct, total, low, high. */
    public Map<String, Object> facts() {
        return Answers.fields("correct", correct, "total", total, "low", interval().low(), "high", interval().high());
    }

    /** For people: {@code 41.5 % [34.9, 48.4] of 200}. */
    @Override
    public String toString() {
        return String.format(Locale.ROOT, "%.1f %% [%.1f, %.1f] of %d", 100 * share(), 100 * interval().low(),
                100 * interval().high(), total);
    }
}
