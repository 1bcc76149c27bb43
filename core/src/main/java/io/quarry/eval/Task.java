package io.quarry.eval;

/**
 * A kind of question with ground truth: makes items, grades answers. Training data, held-out evaluation and RL rewards
 * all come from here, so a right answer is defined once.
 */
public interface Task {
    /** Short name in recipes and reports, for instance {@code word-problems}. */
    String name();

    /**
     * Makes item {@code index} of a split. A pure function: the same arguments give the same item, on every machine.
     * No item of {@link Split#HELD_OUT} has the question of an item of {@link Split#TRAIN}, whatever the seeds.
     */
    Sample sample(Split split, long seed, long index);

    /** Grades an answer. Never throws on an answer, however strange. */
    Grade grade(Sample sample, String answer);
}
