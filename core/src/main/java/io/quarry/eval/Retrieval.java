package io.quarry.eval;

import io.quarry.chat.Conversation;
import io.quarry.chat.Message;
import io.quarry.eval.Seeded.Item;
import java.util.ArrayList;
import java.util.List;
import java.util.function.ToIntFunction;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
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

    private static final int TRAINING_FACTS = 16;
    /** Tokens around a question and its answer that mark who speaks, and the end of the answer. */
    private static final int MARKS = 12;
    /** In training, one question for so many tokens beside the facts. */
    private static final int TOKENS_PER_QUESTION = 48;
    private static final int TOKENS_PER_FACT = 12;
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
        return new Seeded("retrieval-" + tokens, draw -> make(draw, tokens, 1, tokensOf), Retrieval::grade);
    }

    /**
     * The same for training: documents of half of {@code tokens} to all of it, with many questions one after the other, so
     * that a document gives many answers to learn from.
     */
    public static Task training(int tokens, ToIntFunction<String> tokensOf) {
        check(tokens);
        return new Seeded("retrieval-training-" + tokens, draw -> {
            int length = draw.between(Math.max(SHORTEST, tokens / 2), tokens);
            int questions = (length - FACTS * TOKENS_PER_FACT) / TOKENS_PER_QUESTION;
            return make(draw, length, Math.clamp(questions, 1, TRAINING_FACTS), tokensOf);
        }, Retrieval::grade);
    }

    private static void check(int tokens) {
        if (tokens < SHORTEST)
            throw new IllegalArgumentException(
                    "retrieval needs at least " + SHORTEST + " tokens for its facts and its question, was " + tokens);
    }

    private static String fact(String place, String code) {
        return "The code of " + place + " is " + code + ".";
    }

    private static String question(String place) {
        return "What is the code of " + place + "?";
    }

    private static Item make(Draw draw, int tokens, int questions, ToIntFunction<String> tokensOf) {
        int count = Math.max(FACTS, questions);
        List<String> places = Places.names(draw, count);
        List<String> values = draw.several(Words.CODES, count);
        List<String> facts = new ArrayList<>();
        for (int i = 0; i < count; i++)
            facts.add(fact(places.get(i), values.get(i)));
        List<Integer> order = asked(draw, places, facts, new Room(tokens, questions, tokensOf));
        int room = order.stream().mapToInt(i -> cost(places.get(i), facts.get(i), tokensOf)).sum();
        String document = document(draw, facts, tokens - room, tokensOf);

        List<Message> turns = new ArrayList<>();
        for (int i : order) {
            String question = question(places.get(i));
            turns.add(Message.user(turns.isEmpty() ? document + "\n" + question : question));
            turns.add(Message.assistant(facts.get(i)));
        }
        Message solution = turns.removeLast();
        // places and codes belong to the half that is drawn, so the content does too
        return new Item(draw.split(), Conversation.of(turns.toArray(Message[]::new)), solution,
                Answers.fields("answer", values.get(order.getLast()), "place", places.get(order.getLast())));
    }

    /** How long a conversation may be and how many questions it may have. */
    private record Room(int tokens, int questions, ToIntFunction<String> tokensOf) {}

    /** The facts that are asked for: as many as there is room for beside all facts, and at least one. */
    private static List<Integer> asked(Draw draw, List<String> places, List<String> facts, Room room) {
        int left = room.tokens() - facts.stream().mapToInt(fact -> room.tokensOf().applyAsInt(" " + fact)).sum();
        List<Integer> order = new ArrayList<>();
        for (int i : draw.several(IntStream.range(0, facts.size()).boxed().toList(), room.questions())) {
            left -= cost(places.get(i), facts.get(i), room.tokensOf());
            if (left >= 0 || order.isEmpty())
                order.add(i);
        }
        return order;
    }

    /** Tokens of a question with its answer and the marks around them. */
    private static int cost(String place, String fact, ToIntFunction<String> tokensOf) {
        return tokensOf.applyAsInt("\n" + question(place)) + tokensOf.applyAsInt(fact) + MARKS;
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
