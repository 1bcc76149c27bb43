package io.quarry.judge;

import io.quarry.chat.Message;
import io.quarry.recipe.Recipe;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Judges samples whose ground truth is known: the task's grader says whether the answer is right; calculations are done
 * again; statements are looked up in the context; length and form are compared with the reference.
 *
 * @param plan    weights and thresholds
 * @param grading says what is wrong with a response, empty if nothing; the task's strict grader
 */
public record ProgrammaticJudge(Recipe.JudgePlan plan, Grading grading) implements Judge {
    /** The task's grader, as this package sees it. */
    public interface Grading {
        /** What is wrong with the response, empty if it is right. */
        String fault(Candidate candidate);
    }

    private static final Pattern CALCULATION = Pattern.compile("(\\d{1,9}) ([-+*/]) (\\d{1,9}) = (\\d{1,9})");
    private static final Pattern RESULT = Pattern.compile("\\d( minutes)? = \\d");
    private static final Pattern NUMBER = Pattern.compile("\\d+");
    private static final Pattern WORD = Pattern.compile("[\\p{L}\\p{N}]+");
    /** Lengths in words over those of the reference. */
    private static final double SHORTER = 0.7;
    private static final double LONGER = 1.6;
    private static final double FAR_LONGER = 2.5;

    public ProgrammaticJudge {
        Verdict.checked(plan);
    }

    @Override
    public Verdict judge(Candidate candidate) {
        String fault = grading.fault(candidate);
        boolean right = fault.isEmpty();
        boolean answerable = !Boolean.FALSE.equals(candidate.truth().get(Candidate.ANSWERABLE));
        String context = context(candidate);
        String response = text(candidate.response());
        List<String> reasons = new ArrayList<>();
        if (!right)
            reasons.add(fault);

        Set<HardReject> rejects = EnumSet.noneOf(HardReject.class);
        if (!right && !answerable)
            rejects.add(HardReject.FALSE_PREMISE);
        String calculation = wrongCalculation(response);
        boolean numeric = calculates(candidate.reference());
        if (!calculation.isEmpty() || (!right && numeric && answerable))
            rejects.add(HardReject.INCORRECT_COMPUTATION);
        if (!calculation.isEmpty())
            reasons.add(calculation);
        String unsupported = unsupported(candidate, context, response, right);
        if (!unsupported.isEmpty()) {
            rejects.add(HardReject.HALLUCINATION);
            reasons.add(unsupported);
        }
        return Verdict.of(plan, scores(candidate, right, answerable, reasons), rejects, String.join("; ", reasons));
    }

    private static Map<Dimension, Double> scores(Candidate candidate, boolean right, boolean answerable,
            List<String> reasons) {
        String response = text(candidate.response());
        String reference = text(candidate.reference());
        double length = (double) words(response).size() / Math.max(1, words(reference).size());
        boolean cut = length < SHORTER && (!right || ends(reference) && !ends(response));
        boolean repeats = repeats(response) && !repeats(reference);
        if (length > LONGER)
            reasons.add(String.format(Locale.ROOT, "%.1f times as long as needed", length));
        if (cut)
            reasons.add("cut off");
        if (repeats)
            reasons.add("repeats itself");
        Map<Dimension, Double> scores = new EnumMap<>(Dimension.class);
        scores.put(Dimension.CORRECTNESS, right ? 5.0 : 1.0);
        scores.put(Dimension.INSTRUCTION_FOLLOWING, !right ? 1.0 : cut || length > FAR_LONGER ? 3.0 : 5.0);
        scores.put(Dimension.COMPLETENESS, cut ? 1.0 : right ? 5.0 : 2.0);
        scores.put(Dimension.CONCISENESS, length > FAR_LONGER ? 1.0 : length > LONGER ? 3.0 : 5.0);
        scores.put(Dimension.NATURALNESS, repeats ? 1.0 : length > FAR_LONGER || cut ? 2.0 : 5.0);
        scores.put(Dimension.CALIBRATION, right ? 5.0 : answerable ? 2.0 : 1.0);
        return scores;
    }

    /** The first calculation of a text whose result is wrong, with the right one; empty if all are right. */
    static String wrongCalculation(String text) {
        Matcher matcher = CALCULATION.matcher(text);
        while (matcher.find()) {
            long left = Long.parseLong(matcher.group(1));
            long right = Long.parseLong(matcher.group(3));
            long said = Long.parseLong(matcher.group(4));
            boolean holds = switch (matcher.group(2)) {
                case "+" -> left + right == said;
                case "-" -> left - right == said;
                case "*" -> left * right == said;
                default -> right != 0 && left == said * right;
            };
            if (!holds)
                return "wrong calculation: " + matcher.group();
        }
        return "";
    }

    /** Whether the right answer is worked out by a calculation, of numbers or of times. */
    private static boolean calculates(Message reference) {
        return RESULT.matcher(reference.content()).find();
    }

    /**
     * What a response states without support. Asked are facts of the context when the truth stands in it: then every number
     * must stand in it too, and a wrong answer is a claim that the context does not make.
     */
    private static String unsupported(Candidate candidate, String context, String response, boolean right) {
        boolean documents = !candidate.prompt().documents().isEmpty();
        Object truth = candidate.truth().get("answer");
        boolean extractive = documents
                || (truth != null && !(truth instanceof Map) && !calculates(candidate.reference())
                        && context.contains(truth.toString()));
        if (!extractive || response.isBlank())
            return "";
        Matcher matcher = NUMBER.matcher(response);
        while (matcher.find())
            if (!Pattern.compile("(?<!\\d)" + matcher.group() + "(?!\\d)").matcher(context).find()
                    && !text(candidate.reference()).contains(matcher.group()))
                return matcher.group() + " stands nowhere in the context";
        Set<String> known = new HashSet<>(words(context));
        known.addAll(words(text(candidate.reference())));
        for (String word : words(response))
            if (Character.isUpperCase(word.charAt(0)) && !known.contains(word) && !right)
                return word + " stands nowhere in the context";
        boolean statement = !right && documents && !context.contains(response.strip());
        return statement ? "the documents do not say so" : "";
    }

    /** All that the assistant was given: turns and documents. */
    private static String context(Candidate candidate) {
        StringBuilder out = new StringBuilder();
        for (Message message : candidate.prompt().messages())
            out.append(message.content()).append('\n');
        for (Map<String, Object> document : candidate.prompt().documents())
            out.append(document.values()).append('\n');
        return out.toString();
    }

    private static String text(Message message) {
        return message.toolCalls().isEmpty() ? message.content() : message.content() + message.toolCalls();
    }

    private static List<String> words(String text) {
        List<String> out = new ArrayList<>();
        Matcher matcher = WORD.matcher(text);
        while (matcher.find())
            out.add(matcher.group());
        return out;
    }

    private static boolean ends(String text) {
        return text.endsWith(".") || text.endsWith("!") || text.endsWith("?");
    }

    /** Whether a sentence of at least three words stands there twice. */
    private static boolean repeats(String text) {
        Set<String> seen = new HashSet<>();
        for (String sentence : text.split("(?<=[.!?])\\s+|\n"))
            if (words(sentence).size() >= 3 && !seen.add(sentence.strip()))
                return true;
        return false;
    }
}
