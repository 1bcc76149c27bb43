package io.quarry.eval;

import java.util.ArrayList;
import java.util.List;

/** Plain drills, {@code 47 + 35 = ?}, worked like the word problems. */
final class Arithmetic {
    private static final int TWO_STEPS_PERCENT = 25;
    private static final int LARGEST = 99;

    private Arithmetic() {}

    static Task task() {
        return new Seeded("arithmetic", Arithmetic::make, Answers::marked);
    }

    private static Seeded.Item make(Draw draw) {
        List<Stories.Step> steps = new ArrayList<>();
        steps.add(step(draw, 0));
        if (draw.chance(TWO_STEPS_PERCENT))
            steps.add(step(draw, steps.getFirst().result()));
        Stories.Step first = steps.getFirst();
        String question = first.left() + " " + first.operator() + " " + first.right();
        if (steps.size() > 1)
            question = "(" + question + ") " + steps.get(1).operator() + " " + steps.get(1).right();
        return Seeded.Item.text(Draw.half("arithmetic " + question), question + " = ?", Stories.solution(steps),
                Answers.truth(steps.getLast().result()));
    }

    /** A calculation with a result in 1 to 99; {@code from} is its first number, 0 to draw one. */
    private static Stories.Step step(Draw draw, int from) {
        while (true) {
            char operator = "++--*/".charAt(draw.below(6));
            boolean small = operator == '*' || operator == '/';
            int left = from > 0 ? from : draw.between(2, LARGEST);
            int right = small ? draw.between(2, 9) : draw.between(2, LARGEST);
            int result = Stories.result(left, operator, right);
            if (result >= 1 && result <= LARGEST)
                return new Stories.Step(left, operator, right, result);
        }
    }
}
