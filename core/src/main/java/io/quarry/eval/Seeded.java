package io.quarry.eval;

import io.quarry.chat.Conversation;
import io.quarry.chat.Message;
import java.util.Map;
import java.util.function.Function;

/**
 * A task whose items are drawn by chance: draws again until the content belongs to the half of the space that was asked
 * for, which is what makes the splits disjoint.
 *
 * @param name   see {@link Task#name()}
 * @param maker  makes one item
 * @param grader grades an answer
 */
record Seeded(String name, Function<Draw, Item> maker, Grader grader) implements Task {
    private static final int MOST_DRAWS = 10_000;

    /** Compares an answer with the truth of a sample. */
    interface Grader {
        Grade grade(Sample sample, String answer);
    }

    /**
     * What one draw made.
     *
     * @param half     the half its content belongs to, see {@link Draw#half}
     * @param prompt   all turns before the answer
     * @param solution a right answer
     * @param truth    what the grader compares with
     */
    record Item(Split half, Conversation prompt, Message solution, Map<String, Object> truth) {
        /** A single question with a text as answer. */
        static Item text(Split half, String question, String solution, Map<String, Object> truth) {
            return new Item(half, Conversation.of(Message.user(question)), Message.assistant(solution), truth);
        }
    }

    @Override
    public Sample sample(Split split, long seed, long index) {
        Draw draw = new Draw(name, split, seed, index);
        for (int i = 0; i < MOST_DRAWS; i++) {
            Item item = maker.apply(draw);
            if (item.half() == split)
                return new Sample(name, seed + "-" + index, item.prompt(), item.solution(), item.truth());
        }
        throw new IllegalStateException(
                "task " + name + " drew " + MOST_DRAWS + " items and none for " + split + "; its space is too small");
    }

    @Override
    public Grade grade(Sample sample, String answer) {
        return grader.grade(sample, answer);
    }
}
