package io.quarry.eval;

/** Stories of two or three steps, thought through inside {@code <think>} with each calculation taken apart. */
final class LongCot {
    private static final int THREE_STEPS_PERCENT = 25;

    private LongCot() {}

    static Task task() {
        return new Seeded("long-cot", LongCot::make, Answers::marked);
    }

    private static Seeded.Item make(Draw draw) {
        Stories.Problem problem = Stories.draw(draw,
                draw.chance(THREE_STEPS_PERCENT) ? Stories.THREE_STEPS : Stories.TWO_STEPS);
        StringBuilder thought = new StringBuilder("<think>\n");
        for (Stories.Step step : problem.steps())
            thought.append(apart(step)).append('\n');
        thought.append("</think>\n").append(Answers.MARK).append(' ').append(problem.answer());
        return Seeded.Item.text(problem.half(), problem.question() + " Think first.", thought.toString(),
                Answers.truth(problem.answer()));
    }

    /** One step in parts that are easier than the whole: tens before ones, a quotient by its product. */
    private static String apart(Stories.Step step) {
        int left = step.left();
        int right = step.right();
        char operator = step.operator();
        if (operator == '/')
            return step.result() + " * " + right + " = " + left + ", so " + step.equation() + ".";
        int parted = operator == '*' ? Math.max(left, right) : right;
        int tens = parted / 10 * 10;
        int ones = parted % 10;
        if (tens == 0 || ones == 0)
            return step.equation() + ".";
        if (operator == '*') {
            int factor = Math.min(left, right);
            return factor + " * " + tens + " = " + factor * tens + ", " + factor + " * " + ones + " = " + factor * ones
                    + ", so " + step.equation() + ".";
        }
        int between = Stories.result(left, operator, tens);
        return left + " " + operator + " " + tens + " = " + between + ", " + between + " " + operator + " " + ones
                + " = " + step.result() + ", so " + step.equation() + ".";
    }
}
