package io.quarry.eval;

import java.util.List;
import java.util.function.Function;

/**
 * Stories of one or two steps with numbers up to 99, answered by the calculation and {@code Answer: 82}. Graded by the
 * answer alone, so a model is free to find out how much of the calculation it had better write down.
 */
final class WordProblems {
    private static final int TWO_STEPS_PERCENT = 40;

    private WordProblems() {}

    /** Solutions with every step worked out. */
    static Task worked() {
        return task("word-problems", Stories::solution);
    }

    /** Solutions as people write them who calculate in their heads. */
    static Task brief() {
        return task("word-problems-brief", Stories::brief);
    }

    private static Task task(String name, Function<List<Stories.Step>, String> solution) {
        return new Seeded(name, draw -> make(draw, solution), Answers::marked);
    }

    private static Seeded.Item make(Draw draw, Function<List<Stories.Step>, String> solution) {
        Stories.Problem problem = Stories.draw(draw,
                draw.chance(TWO_STEPS_PERCENT) ? Stories.TWO_STEPS : Stories.ONE_STEP);
        return Seeded.Item.text(problem.half(), problem.question(), solution.apply(problem.steps()),
                Answers.truth(problem.answer()));
    }
}
