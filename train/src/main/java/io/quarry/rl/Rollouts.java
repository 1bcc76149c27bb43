package io.quarry.rl;

import io.quarry.eval.Grade;
import io.quarry.infer.Completion;
import io.quarry.train.Rows;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;

/**
 * Answers of one step packed into rows, with the arrays the loss needs in the order of their positions. Answers in one
 * row do not see each other.
 *
 * @param rows       prompts and answers; learned are the answers, the stop included
 * @param advantages per position, that of the answer
 * @param engine     per position, the log-probability the engine sampled with; NaN where it has none (the stop)
 * @param tokens     answer tokens
 */
record Rollouts(Rows rows, double[] advantages, float[] engine, long tokens) {
    /** Row lengths are multiples of this: few shapes, little filling. */
    private static final int STEP = 64;
    /** Rows are at least this long, so that short answers share one. */
    private static final int SHORTEST = 256;

    /** One graded answer. */
    record Answer(String task, int[] prompt, Completion completion, int stop, Grade grade, double advantage) {
        /** What the model said: the tokens, and the stop where it stopped by itself. */
        int[] said() {
            int[] tokens = completion.tokens();
            if (completion.finish() != Completion.Finish.STOP)
                return tokens;
            int[] all = Arrays.copyOf(tokens, tokens.length + 1);
            all[tokens.length] = stop;
            return all;
        }

        int width() {
            return prompt.length + said().length - 1;
        }
    }

    static Rollouts pack(List<Answer> answers) {
        int longest = answers.stream().mapToInt(Answer::width).max().orElse(1);
        int length = Math.max(SHORTEST, (longest + STEP - 1) / STEP * STEP);
        List<List<Answer>> packed = new ArrayList<>();
        List<int[]> used = new ArrayList<>();
        for (Answer answer : answers.stream().sorted(Comparator.comparingInt(Answer::width).reversed()).toList()) {
            int row = 0;
            while (row < used.size() && used.get(row)[0] + answer.width() > length)
                row++;
            if (row == used.size()) {
                used.add(new int[1]);
                packed.add(new ArrayList<>());
            }
            packed.get(row).add(answer);
            used.get(row)[0] += answer.width();
        }
        return lay(packed, length);
    }

    private static Rollouts lay(List<List<Answer>> packed, int length) {
        int size = Math.multiplyExact(packed.size(), length);
        int[] inputs = new int[size];
        int[] targets = new int[size];
        int[] first = new int[size];
        double[] advantages = new double[size];
        float[] engine = new float[size];
        Arrays.fill(targets, Rows.NOT_LEARNED);
        Arrays.fill(engine, Float.NaN);
        long tokens = 0;
        for (int r = 0; r < packed.size(); r++) {
            int begin = 0;
            for (Answer answer : packed.get(r)) {
                int at = r * length + begin;
                int width = answer.width();
                int[] said = answer.said();
                int[] all = Arrays.copyOf(answer.prompt, width + 1);
                System.arraycopy(said, 0, all, answer.prompt.length, said.length);
                System.arraycopy(all, 0, inputs, at, width);
                Arrays.fill(first, at, at + width, begin);
                int answerAt = at + answer.prompt.length - 1;
                System.arraycopy(said, 0, targets, answerAt, said.length);
                Arrays.fill(advantages, answerAt, answerAt + said.length, answer.advantage);
                float[] logProbs = answer.completion.logProbs();
                System.arraycopy(logProbs, 0, engine, answerAt, logProbs.length);
                tokens += said.length;
                begin += width;
            }
            Arrays.fill(first, r * length + begin, (r + 1) * length, begin);
        }
        return new Rollouts(new Rows(packed.size(), length, inputs, targets, first, "rollouts"), advantages, engine,
                tokens);
    }
}
