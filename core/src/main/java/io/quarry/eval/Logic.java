package io.quarry.eval;

import io.quarry.eval.Seeded.Item;
import java.util.List;

/** Small conclusions: the order of three persons, and what follows from a rule (logical reasoning). */
final class Logic {
    private static final List<List<String>> RELATIONS = List.of(List.of("older", "oldest", "youngest"),
            List.of("taller", "tallest", "shortest"), List.of("faster", "fastest", "slowest"));

    private Logic() {}

    static Task task() {
        return new Seeded("logic", draw -> draw.chance(60) ? order(draw) : rule(draw), Answers::marked);
    }

    private static Item item(String question, String thought, String answer) {
        return Item.text(Draw.half("logic " + question), question, thought + ". " + Answers.MARK + " " + answer,
                Answers.truth(answer));
    }

    private static Item order(Draw draw) {
        List<String> names = draw.several(Words.NAMES, 3);
        List<String> relation = draw.pick(RELATIONS);
        List<String> statements = draw.shuffled(List.of(
                names.get(0) + " is " + relation.getFirst() + " than " + names.get(1) + ". ",
                names.get(1) + " is " + relation.getFirst() + " than " + names.get(2) + ". "));
        boolean most = draw.chance(50);
        return item(String.join("", statements) + "Who is the " + relation.get(most ? 1 : 2) + "?",
                String.join(" > ", names), most ? names.getFirst() : names.getLast());
    }

    /** All, no, or a rule about something else: yes, no, or unknown. */
    private static Item rule(Draw draw) {
        String name = draw.pick(Words.NAMES);
        List<String> animals = draw.several(Words.ANIMALS.subList(0, 9), 2);
        String colour = draw.pick(Words.COLOURS);
        int kind = draw.below(3);
        String question = (kind == 1 ? "No " : "All ") + animals.getFirst() + "s are " + colour + ". The pet of " + name
                + " is a " + animals.get(kind == 2 ? 1 : 0) + ". Is it " + colour + "?";
        return switch (kind) {
            case 0 -> item(question, "All " + animals.getFirst() + "s are " + colour, "yes");
            case 1 -> item(question, "No " + animals.getFirst() + "s are " + colour, "no");
            default -> item(question, "A " + animals.get(1) + " is no " + animals.getFirst(), "unknown");
        };
    }
}
