package io.quarry.eval;

import io.quarry.chat.Conversation;
import io.quarry.chat.Message;
import io.quarry.eval.Seeded.Item;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.function.ToIntFunction;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * Long documents with facts to find, in the manner of RULER (arXiv 2404.06654) with words as values: short sentences about
 * nothing, eight code words of invented places among them at any depth, and a question for one. The places of the splits
 * are disjoint. A code is a word and not a number, because a number is as many tokens as it has digits: finding it would
 * measure how well a model copies digits one by one rather than whether it finds the place.
 */
public final class Retrieval {
    /** Facts in a document, whatever its length, so that guessing among them is worth the same everywhere. */
    public static final int FACTS = 8;
    /** Shortest length that holds the facts, the question and the answer. */
    public static final int SHORTEST = 192;

    /** In training, facts in a document: few in short ones, so that the first step is easy. */
    private static final int FEWEST_FACTS = 3;
    private static final int MOST_FACTS = 16;
    private static final int TOKENS_PER_FACT = 48;
    /** In training, places that one question asks for. */
    private static final int MOST_ASKED = 6;
    /** Tokens around a question and its answer that mark who speaks, and the end of the answer. */
    private static final int MARKS = 12;
    private static final Pattern WORD = Pattern.compile("\\p{Alpha}+");

    private Retrieval() {}

    /**
     * The task at one length: conversations of at most, and nearly, {@code tokens} tokens with their answer.
     *
     * @param tokens   at least {@link #SHORTEST}
     * @param tokensOf counts the tokens of a text; the items are a pure function of it too
     */
    public static Task at(int tokens, ToIntFunction<String> tokensOf) {
        check(tokens);
        return new Seeded("retrieval-" + tokens, draw -> make(draw, new Shape(tokens, FACTS, 1, 1), tokensOf),
                Retrieval::grade);
    }

    /**
     * The same for training: documents of half of {@code tokens} to all of it, in which every fact is asked for that there
     * is room to ask for, several in one question, so that a document gives many answers to learn from.
     */
    public static Task training(int tokens, ToIntFunction<String> tokensOf) {
        check(tokens);
        return new Seeded("retrieval-training-" + tokens, draw -> {
            int length = draw.between(Math.max(SHORTEST, tokens / 2), tokens);
            int facts = draw.between(FEWEST_FACTS, Math.clamp(length / TOKENS_PER_FACT, FEWEST_FACTS, MOST_FACTS));
            return make(draw, new Shape(length, facts, facts, MOST_ASKED), tokensOf);
        }, Retrieval::grade);
    }

    /** Tokens and facts of a document, how many of them are asked for, and how many at most in one question. */
    private record Shape(int tokens, int facts, int asked, int together) {}

    private static void check(int tokens) {
        if (tokens < SHORTEST)
            throw new IllegalArgumentException(
                    "retrieval needs at least " + SHORTEST + " tokens for its facts and its question, was " + tokens);
    }

    private static String fact(String place, String code) {
        return "The code of " + place + " is " + code + ".";
    }

    private static String question(List<String> places) {
        int last = places.size() - 1;
        return last == 0
                ? "What is the code of " + places.getFirst() + "?"
                : "What are the codes of " + String.join(", ", places.subList(0, last)) + " and " + places.get(last)
                        + "?";
    }

    private static Item make(Draw draw, Shape shape, ToIntFunction<String> tokensOf) {
        List<String> places = Places.names(draw, shape.facts());
        List<String> values = draw.several(Words.CODES, shape.facts());
        List<String> facts = new ArrayList<>();
        for (int i = 0; i < shape.facts(); i++)
            facts.add(fact(places.get(i), values.get(i)));
        int told = facts.stream().mapToInt(fact -> tokensOf.applyAsInt(" " + fact)).sum();
        int room = shape.tokens() - told;

        List<Message> turns = new ArrayList<>();
        List<Integer> open = draw.several(IntStream.range(0, shape.facts()).boxed().toList(), shape.asked());
        int last = open.getFirst();
        while (!open.isEmpty()) {
            int together = turns.isEmpty() ? 1 : draw.between(1, Math.min(shape.together(), open.size()));
            List<Integer> asked = open.subList(0, together);
            String question = question(asked.stream().map(places::get).toList());
            String answer = asked.stream().map(facts::get).collect(Collectors.joining(" "));
            int cost = tokensOf.applyAsInt("\n" + question) + tokensOf.applyAsInt(answer) + MARKS;
            if (cost > room && !turns.isEmpty())
                break;
            room -= cost;
            turns.add(Message.user(question));
            turns.add(Message.assistant(answer));
            open = open.subList(asked.size(), open.size());
        }
        // the question for one, which there is always room for, is the last
        Collections.rotate(turns, -2);
        String document = document(draw, facts, told + room, tokensOf);
        turns.set(0, Message.user(document + "\n" + turns.getFirst().content()));
        Message solution = turns.removeLast();
        // places and codes belong to the half that is drawn, so the content does too
        return new Item(draw.split(), Conversation.of(turns.toArray(Message[]::new)), solution,
                Answers.fields("answer", values.get(last), "place", places.get(last)));
    }

    /** Filler up to the length, the facts put in at depths drawn uniformly; never longer than {@code tokens}. */
    private static String document(Draw draw, List<String> facts, int tokens, ToIntFunction<String> tokensOf) {
        int left = tokens;
        for (String fact : facts)
            left -= tokensOf.applyAsInt(" " + fact);
        if (left < 0)
            throw new IllegalArgumentException("the facts alone are " + -left + " tokens longer than the " + tokens
                    + " that a document may have; ask for a longer length");
        List<String> sentences = new ArrayList<>();
        while (true) {
            String filler = Words.filler(draw);
            left -= tokensOf.applyAsInt(" " + filler);
            if (left < 0)
                break;
            sentences.add(filler);
        }
        for (String fact : facts)
            sentences.add(draw.below(sentences.size() + 1), fact);
        while (tokensOf.applyAsInt(String.join(" ", sentences)) > tokens && removeFiller(sentences, facts))
            continue;
        return String.join(" ", sentences);
    }

    /** Takes out the last sentence that is no fact; false if there is none. */
    private static boolean removeFiller(List<String> sentences, List<String> facts) {
        for (int i = sentences.size() - 1; i >= 0; i--)
            if (!facts.contains(sentences.get(i))) {
                sentences.remove(i);
                return true;
            }
        return false;
    }

    /** The answer must say the code and no other code. */
    private static Grade grade(Sample sample, String answer) {
        String truth = String.valueOf(sample.truth().get("answer"));
        Matcher matcher = WORD.matcher(answer);
        boolean found = false;
        while (matcher.find()) {
            String word = matcher.group();
            if (Words.CODES.contains(word) && !word.equals(truth))
                return Grade.wrong("expected " + truth + ", found " + word);
            found |= word.equals(truth);
        }
        return found ? Grade.RIGHT : Grade.wrong("says no code");
    }
}
