package io.quarry.eval;

import io.quarry.eval.Seeded.Item;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/** What can be learned from the prompt alone: sorting, reversing, counting, picking, looking up (in-context learning). */
final class Lists {
    private static final List<String> PLACES = List.of("first", "second", "third");

    private Lists() {}

    static Task task() {
        return new Seeded("lists", Lists::make, Answers::whole);
    }

    private static Item make(Draw draw) {
        return switch (draw.below(6)) {
            case 0 -> sort(draw);
            case 1 -> reverse(draw);
            case 2 -> count(draw);
            case 3 -> place(draw);
            case 4 -> extreme(draw);
            default -> lookUp(draw);
        };
    }

    private static Item item(String question, String answer) {
        return Item.text(Draw.half("lists " + question), question, answer, Answers.truth(answer));
    }

    private static List<Integer> numbers(Draw draw, int count) {
        List<Integer> out = new ArrayList<>();
        while (out.size() < count) {
            int next = draw.between(2, 99);
            if (!out.contains(next))
                out.add(next);
        }
        return out;
    }

    private static String joined(List<?> items) {
        return String.join(", ", items.stream().map(String::valueOf).toList());
    }

    private static Item sort(Draw draw) {
        List<Integer> numbers = numbers(draw, draw.between(3, 4));
        boolean rising = draw.chance(50);
        List<Integer> sorted = new ArrayList<>(numbers);
        Collections.sort(sorted);
        return item("Sort from " + (rising ? "small to large: " : "large to small: ") + joined(numbers),
                joined(rising ? sorted : sorted.reversed()));
    }

    private static Item reverse(Draw draw) {
        List<String> words = draw.several(Words.NOUNS, draw.between(2, 5));
        return item("Reverse this list: " + joined(words), joined(words.reversed()));
    }

    private static Item count(Draw draw) {
        List<String> words = draw.several(Words.NOUNS, draw.between(2, 7));
        return item("How many words are in this list: " + joined(words), Integer.toString(words.size()));
    }

    private static Item place(Draw draw) {
        List<String> words = draw.several(Words.NOUNS, draw.between(3, 5));
        int at = draw.below(4);
        return item("What is the " + (at == 3 ? "last" : PLACES.get(at)) + " word of this list: " + joined(words),
                at == 3 ? words.getLast() : words.get(at));
    }

    private static Item extreme(Draw draw) {
        List<Integer> numbers = numbers(draw, draw.between(3, 5));
        boolean largest = draw.chance(50);
        return item("Which number is the " + (largest ? "largest: " : "smallest: ") + joined(numbers),
                String.valueOf(largest ? Collections.max(numbers) : Collections.min(numbers)));
    }

    private static Item lookUp(Draw draw) {
        List<String> words = draw.several(Words.NOUNS, draw.between(3, 5));
        List<Integer> values = numbers(draw, words.size());
        StringBuilder question = new StringBuilder();
        for (int i = 0; i < words.size(); i++)
            question.append(words.get(i)).append(" = ").append(values.get(i)).append(", ");
        int asked = draw.below(words.size());
        return item(question + words.get(asked) + " = ?", values.get(asked).toString());
    }
}
