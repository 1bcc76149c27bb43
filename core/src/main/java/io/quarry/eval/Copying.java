package io.quarry.eval;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/**
 * Random words to be said again, in order: the plainest thing to learn from the prompt alone. A few of these per hundred
 * documents teach attention to look up what followed before (induction heads, arXiv 2209.11895) long before text does,
 * and everything that copies from its prompt stands on that: tool calls, structured output, retrieval.
 */
final class Copying {
    private static final int FEWEST = 8;
    private static final int MOST = 48;
    private static final List<String> VOCABULARY = Stream
            .of(Words.NOUNS, Words.ADJECTIVES, Words.COLOURS, Words.FOODS, Words.ANIMALS, Words.FRUITS, Words.DAYS,
                    Words.MONTHS, Words.CITIES, Words.NAMES, Words.THINGS, Words.CODES, Places.HEADS, Places.TAILS)
            .flatMap(List::stream).distinct().toList();

    private Copying() {}

    static Task task() {
        return new Seeded("copying", Copying::make, Answers::whole);
    }

    private static Seeded.Item make(Draw draw) {
        List<String> words = new ArrayList<>();
        int count = draw.between(FEWEST, MOST);
        for (int i = 0; i < count; i++)
            words.add(draw.chance(15) ? Integer.toString(draw.between(0, 99)) : draw.pick(VOCABULARY));
        String text = String.join(" ", words);
        // on a line of its own the first word is the same token as in the answer
        return Seeded.Item.text(Draw.half("copying " + text), "Say again:\n" + text, text, Answers.truth(text));
    }
}
