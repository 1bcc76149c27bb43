package io.quarry.eval;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;

/**
 * Stories with numbers in them and the calculation that answers each: what {@link WordProblems} and {@link LongCot} ask.
 * Numbers and results stay in 1 to 99.
 */
final class Stories {
    /** Operators with one small operand: of a product the first, of a quotient the second. */
    private static final String SMALL_OPERANDS = "*/";
    private static final int LARGEST = 99;

    /**
     * A story.
     *
     * @param text  with {@code {A}} and {@code {B}} for persons, {@code {she}} for A's pronoun, {@code {things}}, and
     *              {@code {x} {y} {z} {w}} for numbers
     * @param steps the calculation, each step as operand, operator, operand; {@code r} is the result of the step before
     */
    record Story(String text, List<String> steps) {
        static Story of(String text, String... steps) {
            return new Story(text, List.of(steps));
        }
    }

    /** One step with its numbers. */
    record Step(int left, char operator, int right, int result) {
        /** The step alone: {@code 47 + 35 = 82}. */
        String equation() {
            return left + " " + operator + " " + right + " = " + result;
        }

        /**
         * The step as it is worked out: by tens and ones wherever it asks for more than one fact of the tables of one to
         * nine, because a small model that writes digit by digit cannot carry in its head. Measured at 2.2M parameters and
         * 2M tokens: 42 % of problems right with the tens and ones written out, 5 % without.
         */
        String worked() {
            List<String> parts = switch (operator) {
                case '+' -> sum();
                case '-' -> difference();
                case '*' -> product();
                default -> quotient();
            };
            return parts.size() < 2
                    ? equation()
                    : left + " " + operator + " " + right + ": " + String.join(", ", parts);
        }

        private static String equation(int left, char operator, int right) {
            return new Step(left, operator, right, Stories.result(left, operator, right)).equation();
        }

        /** {@code 47 + 35: 40 + 30 = 70, 7 + 5 = 12, 70 + 12 = 82} and {@code 47 + 5: 7 + 5 = 12, 40 + 12 = 52}. */
        private List<String> sum() {
            int tens = tens(left) + tens(right);
            int ones = left % 10 + right % 10;
            if (tens == 0 || left % 10 == 0 || right % 10 == 0)
                return List.of();
            List<String> parts = new ArrayList<>();
            if (tens(left) > 0 && tens(right) > 0)
                parts.add(equation(tens(left), '+', tens(right)));
            parts.add(equation(left % 10, '+', right % 10));
            parts.add(equation(tens, '+', ones));
            return parts;
        }

        /** {@code 83 - 47: 83 - 40 = 43, 13 - 7 = 6, 30 + 6 = 36}: ten is broken up where the ones are too few. */
        private List<String> difference() {
            List<String> parts = new ArrayList<>();
            int from = left - tens(right);
            int less = right % 10;
            if (tens(right) > 0 && less > 0)
                parts.add(equation(left, '-', tens(right)));
            int broken = from % 10 < less ? from % 10 + 10 : from % 10;
            if (less > 0 && from > broken) {
                parts.add(equation(broken, '-', less));
                parts.add(equation(from - broken, '+', broken - less));
            } else if (less > 0)
                parts.add(equation(from, '-', less));
            return parts;
        }

        /** {@code 12 * 7: 10 * 7 = 70, 2 * 7 = 14, 70 + 14 = 84}. */
        private List<String> product() {
            int parted = Math.max(left, right);
            if (tens(parted) == 0 || parted % 10 == 0)
                return List.of();
            int other = Math.min(left, right);
            boolean first = parted == left;
            return List.of(first ? equation(tens(parted), '*', other) : equation(other, '*', tens(parted)),
                    first ? equation(parted % 10, '*', other) : equation(other, '*', parted % 10),
                    equation(tens(parted) * other, '+', parted % 10 * other));
        }

        /** {@code 84 / 7: 70 / 7 = 10, 14 / 7 = 2, 10 + 2 = 12}. */
        private List<String> quotient() {
            if (tens(result) == 0 || result % 10 == 0)
                return List.of();
            int part = tens(result) * right;
            return List.of(equation(part, '/', right), equation(left - part, '/', right),
                    equation(tens(result), '+', result % 10));
        }

        private static int tens(int number) {
            return number / 10 * 10;
        }
    }

    /**
     * A story with its numbers filled in.
     *
     * @param half     decided by story and numbers; the names do not count, so no held-out problem is a training problem
     *                 with other names
     * @param question the text
     * @param steps    the calculation
     */
    record Problem(Split half, String question, List<Step> steps) {
        int answer() {
            return steps.getLast().result();
        }
    }

    static final List<Story> ONE_STEP = List.of(
            Story.of("{A} has {x} {things}. {She} finds {y} more. How many {things} does {A} have now?", "x+y"),
            Story.of("{A} has {x} {things} and {B} has {y}. How many {things} do they have together?", "x+y"),
            Story.of("There are {x} {things} in a box. {A} puts in {y} more. How many {things} are in the box?", "x+y"),
            Story.of("{A} reads {x} pages on Monday and {y} pages on Tuesday. How many pages does {she} read?", "x+y"),
            Story.of("{A} has {x} {things}. {She} gives {y} to {B}. How many {things} does {A} have left?", "x-y"),
            Story.of("{A} had {x} {things} and lost {y}. How many {things} are left?", "x-y"),
            Story.of("A shop has {x} {things} and sells {y}. How many {things} are left?", "x-y"),
            Story.of("{A} has {x} {things}. {B} has {y} fewer. How many {things} does {B} have?", "x-y"),
            Story.of("{A} has {x} boxes with {y} {things} in each. How many {things} are there?", "x*y"),
            Story.of("{A} buys {x} toys for {y} coins each. How many coins does {she} pay?", "x*y"),
            Story.of("{A} shares {x} {things} among {y} friends. How many {things} does each friend get?", "x/y"),
            Story.of("{A} puts {x} {things} into {y} equal bags. How many {things} are in each bag?", "x/y"));

    static final List<Story> TWO_STEPS = List.of(
            Story.of(
                    "{A} has {x} {things}. {She} finds {y} and gives {z} to {B}. How many {things} does {A} have left?",
                    "x+y", "r-z"),
            Story.of("{A} had {x} {things}, lost {y} and found {z}. How many {things} does {A} have now?", "x-y",
                    "r+z"),
            Story.of("A shop has {x} {things}. It sells {y} and then {z}. How many {things} are left?", "x-y", "r-z"),
            Story.of("{A} has {x} boxes with {y} {things} in each and {z} more. How many {things} are there?", "x*y",
                    "r+z"),
            Story.of("{A} has {x} boxes with {y} {things} in each. {She} sells {z}. How many {things} are left?",
                    "x*y", "r-z"),
            Story.of("{A} has {x} {things} and {B} has {y}. They share them among {z} friends. How many {things} does "
                    + "each friend get?", "x+y", "r/z"),
            Story.of("{A} has {x} {things}. {B} has {y} more. How many {things} do they have together?", "x+y", "x+r"),
            Story.of(
                    "{A} had {x} {things}, lost {y} and shares the rest among {z} friends. How many {things} does each "
                            + "friend get?",
                    "x-y", "r/z"));

    static final List<Story> THREE_STEPS = List.of(
            Story.of(
                    "{A} has {x} {things}. {She} finds {y}, loses {z} and gives {w} to {B}. How many {things} are left?",
                    "x+y", "r-z", "r-w"),
            Story.of(
                    "{A} has {x} boxes with {y} {things} in each. {She} sells {z} and finds {w}. How many {things} are "
                            + "there?",
                    "x*y", "r-z", "r+w"),
            Story.of("{A} has {x} {things}. {She} finds {y}, loses {z} and shares the rest among {w} friends. How many "
                    + "{things} does each friend get?", "x+y", "r-z", "r/w"));

    private Stories() {}

    /** Draws a story of a list and numbers that fit it. */
    static Problem draw(Draw draw, List<Story> stories) {
        Story story = draw.pick(stories);
        int[] numbers = numbers(draw, story);
        Words.Person first = Words.person(draw);
        Words.Person second = Words.person(draw);
        while (second.name().equals(first.name()))
            second = Words.person(draw);
        String question = story.text().replace("{A}", first.name()).replace("{B}", second.name())
                .replace("{she}", first.pronoun()).replace("{She}", first.capitalPronoun())
                .replace("{things}", draw.pick(Words.THINGS));
        for (int i = 0; i < numbers.length; i++)
            question = question.replace("{" + letter(i) + "}", Integer.toString(numbers[i]));
        Split half = Draw.half(story.text() + java.util.Arrays.toString(numbers));
        return new Problem(half, question, worked(story, numbers));
    }

    /** Numbers whose results are whole and in range, by drawing until they are. */
    private static int[] numbers(Draw draw, Story story) {
        int count = story.text().contains("{w}") ? 4 : story.text().contains("{z}") ? 3 : 2;
        int[] numbers = new int[count];
        do {
            for (int i = 0; i < count; i++)
                numbers[i] = small(story, letter(i)) ? draw.between(2, 9) : draw.between(2, LARGEST);
        } while (worked(story, numbers).size() < story.steps().size());
        return numbers;
    }

    /** Whether a number of the story is a factor or a divisor that must be small. */
    private static boolean small(Story story, char letter) {
        for (String step : story.steps()) {
            int at = SMALL_OPERANDS.indexOf(step.charAt(1));
            if (at >= 0 && step.charAt(at == 0 ? 0 : 2) == letter)
                return true;
        }
        return false;
    }

    /** The steps up to the first whose result is not whole or out of range. */
    private static List<Step> worked(Story story, int[] numbers) {
        List<Step> steps = new ArrayList<>();
        for (String step : story.steps()) {
            int left = value(step.charAt(0), numbers, steps);
            int right = value(step.charAt(2), numbers, steps);
            int result = result(left, step.charAt(1), right);
            if (result < 1 || result > LARGEST)
                break;
            steps.add(new Step(left, step.charAt(1), right, result));
        }
        return steps;
    }

    private static int value(char letter, int[] numbers, List<Step> steps) {
        return letter == 'r' ? steps.getLast().result() : numbers["xyzw".indexOf(letter)];
    }

    private static char letter(int i) {
        return "xyzw".charAt(i);
    }

    /** The result; -1 for a quotient that is not whole. */
    static int result(int left, char operator, int right) {
        return switch (operator) {
            case '+' -> left + right;
            case '-' -> left - right;
            case '*' -> left * right;
            case '/' -> left % right == 0 ? left / right : -1;
            default -> throw new IllegalArgumentException("no operator: " + operator);
        };
    }

    /** All steps as sentences, each worked out, then the answer. */
    static String solution(List<Step> steps) {
        return sentences(steps, Step::worked);
    }

    /** All steps as sentences that say only their result, then the answer. */
    static String brief(List<Step> steps) {
        return sentences(steps, Step::equation);
    }

    private static String sentences(List<Step> steps, Function<Step, String> written) {
        StringBuilder out = new StringBuilder();
        for (Step step : steps)
            out.append(written.apply(step)).append(". ");
        return out + Answers.MARK + " " + steps.getLast().result();
    }
}
