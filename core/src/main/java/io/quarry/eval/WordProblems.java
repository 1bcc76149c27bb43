package io.quarry.eval;

/** Stories of one or two steps with numbers up to 99, answered by the calculation and {@code Answer: 82}. */
final class WordProblems {
    private static final int TWO_STEPS_PERCENT = 40;

    private WordProblems() {}

    static Task task() {
        return new Seeded("word-problems", WordProblems::make, Answers::marked);
    }

    private static Seeded.Item make(Draw draw) {
        Stories.Problem problem = Stories.draw(draw,
                draw.chance(TWO_STEPS_PERCENT) ? Stories.TWO_STEPS : Stories.ONE_STEP);
        return Seeded.Item.text(problem.half(), problem.question(), Stories.solution(problem.steps()),
                Answers.truth(problem.answer()));
    }
}
