package io.quarry.judge;

import io.quarry.chat.Message;
import io.quarry.chat.Tool;
import io.quarry.chat.ToolCall;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.random.RandomGenerator;

/** Spoils good samples on purpose, so that a report can show that the judge rejects them. */
public final class BadSamples {
    private static final Pattern RESULT = Pattern.compile("= (\\d+)");
    private static final Pattern NUMBER = Pattern.compile("\\d+");
    private static final List<String> STRANGERS = List.of("Zebulon", "Quentin", "Xavier", "Yolanda", "Ursula");
    private static final String CHATTER = " I hope that this helps you. Let me know if you need anything else. I hope that "
            + "this helps you. It is always a pleasure to answer such a good question, and I am glad that you asked me "
            + "about it today, because there is so much that one could say about it.";

    private BadSamples() {}

    /** What is wrong with a spoiled sample. */
    public enum Kind {
        WRONG_COMPUTATION, HALLUCINATION, WRONG_TOOL, WRONG_ARGUMENT, FALSE_PREMISE, VERBOSE, TRUNCATED;

        /** The name in reports, for instance {@code wrong-tool}. */
        public String key() {
            return name().toLowerCase(Locale.ROOT).replace('_', '-');
        }
    }

    /** A spoiled sample. The judge is given the candidate alone. */
    public record Bad(Kind kind, Candidate candidate) {}

    /** Spoils a sample in one of the ways that it allows. */
    public static Bad spoil(Candidate good, RandomGenerator random) {
        List<Kind> kinds = kinds(good);
        Kind kind = kinds.get(random.nextInt(kinds.size()));
        return new Bad(kind, good.with(spoiled(good, kind, random)));
    }

    private static List<Kind> kinds(Candidate good) {
        List<Kind> out = new ArrayList<>();
        if (Boolean.FALSE.equals(good.truth().get(Candidate.ANSWERABLE)))
            return List.of(Kind.FALSE_PREMISE);
        if (!good.response().toolCalls().isEmpty())
            return List.of(Kind.WRONG_TOOL, Kind.WRONG_ARGUMENT);
        String text = good.response().content();
        if (RESULT.matcher(text).find())
            out.add(Kind.WRONG_COMPUTATION);
        if (statesTruth(good))
            out.add(Kind.HALLUCINATION);
        out.add(Kind.VERBOSE);
        if (text.length() >= 12)
            out.add(Kind.TRUNCATED);
        return out;
    }

    /** Whether the answer is a sentence that says a fact of the context. */
    private static boolean statesTruth(Candidate good) {
        String text = good.response().content();
        String context = good.prompt().messages() + " " + good.prompt().documents();
        return good.truth().get("answer") != null && text.endsWith(".") && !RESULT.matcher(text).find()
                && text.contains(good.truth().get("answer").toString())
                && context.contains(good.truth().get("answer").toString());
    }

    private static Message spoiled(Candidate good, Kind kind, RandomGenerator random) {
        String text = good.response().content();
        return switch (kind) {
            case WRONG_COMPUTATION -> Message.assistant(wrongResult(text, random));
            case HALLUCINATION -> Message.assistant(
                    text.replace(good.truth().get("answer").toString(), invented(good, random)));
            case WRONG_TOOL -> Message.assistant("", otherTool(good, random));
            case WRONG_ARGUMENT -> Message.assistant("", otherArgument(good.response().toolCalls().getFirst(), random));
            case FALSE_PREMISE -> premise(good, random);
            case VERBOSE -> Message.assistant(text + CHATTER);
            case TRUNCATED -> Message.assistant(text.substring(0, text.length() * 2 / 5));
        };
    }

    /** Changes the result of one calculation and says it as the answer too if it was the last. */
    private static String wrongResult(String text, RandomGenerator random) {
        List<MatchResult> results = RESULT.matcher(text).results().toList();
        MatchResult one = results.get(random.nextInt(results.size()));
        String wrong = Integer.toString(Integer.parseInt(one.group(1)) + 1 + random.nextInt(9));
        String changed = text.substring(0, one.start(1)) + wrong + text.substring(one.end(1));
        int answer = changed.lastIndexOf("Answer: ");
        boolean last = one == results.getLast() && answer >= 0;
        return last ? changed.substring(0, answer) + "Answer: " + wrong : changed;
    }

    private static String invented(Candidate good, RandomGenerator random) {
        String truth = good.truth().get("answer").toString();
        String context = good.prompt().messages() + " " + good.prompt().documents();
        if (!NUMBER.matcher(truth).matches())
            return STRANGERS.get(random.nextInt(STRANGERS.size()));
        while (true) {
            String number = Integer.toString(1000 + random.nextInt(9000));
            if (!context.contains(number))
                return number;
        }
    }

    private static ToolCall otherTool(Candidate good, RandomGenerator random) {
        ToolCall call = good.response().toolCalls().getFirst();
        List<String> others = new ArrayList<>(good.prompt().tools().stream().map(Tool::name).toList());
        others.remove(call.name());
        others.add("do_" + call.name());
        return new ToolCall(others.get(random.nextInt(others.size())), call.arguments());
    }

    private static ToolCall otherArgument(ToolCall call, RandomGenerator random) {
        Map<String, Object> arguments = new LinkedHashMap<>(call.arguments());
        List<String> names = List.copyOf(arguments.keySet());
        String name = names.get(random.nextInt(names.size()));
        if (random.nextInt(4) == 0)
            arguments.remove(name);
        else
            arguments.compute(name, (k, value) -> value instanceof Integer number
                    ? number + 1 + random.nextInt(9)
                    : value + "s");
        return new ToolCall(call.name(), arguments);
    }

    /** Answers what cannot be answered, as if it could. */
    private static Message premise(Candidate good, RandomGenerator random) {
        List<Tool> tools = good.prompt().tools();
        if (!tools.isEmpty())
            return Message.assistant("", new ToolCall(tools.get(random.nextInt(tools.size())).name(), Map.of()));
        return Message.assistant("It is " + STRANGERS.get(random.nextInt(STRANGERS.size())) + ".");
    }
}
