package io.quarry.eval;

import io.quarry.eval.Seeded.Item;
import java.util.List;
import java.util.Locale;

/** Days, months and the clock (temporal reasoning); days and months are counted out one by one. */
final class Calendar {
    private static final int MOST_STEPS = 6;
    private static final int MINUTES_OF_DAY = 24 * 60;

    private Calendar() {}

    static Task task() {
        return new Seeded("calendar", Calendar::make, Answers::marked);
    }

    private static Item make(Draw draw) {
        return switch (draw.below(3)) {
            case 0 -> counted(draw, "day", Words.DAYS);
            case 1 -> counted(draw, "month", Words.MONTHS);
            default -> clock(draw);
        };
    }

    private static Item item(String question, String thought, String answer) {
        return Item.text(Draw.half("calendar " + question), question, thought + ". " + Answers.MARK + " " + answer,
                Answers.truth(answer));
    }

    private static Item counted(Draw draw, String unit, List<String> all) {
        int from = draw.below(all.size());
        int steps = draw.between(2, MOST_STEPS);
        boolean after = draw.chance(60);
        StringBuilder thought = new StringBuilder(all.get(from));
        int at = from;
        for (int i = 0; i < steps; i++) {
            at = Math.floorMod(at + (after ? 1 : -1), all.size());
            thought.append(", ").append(all.get(at));
        }
        String question = "Which " + unit + " is " + steps + " " + unit + "s " + (after ? "after " : "before ")
                + all.get(from) + "?";
        return item(question, thought.toString(), all.get(at));
    }

    private static Item clock(Draw draw) {
        int start = draw.below(MINUTES_OF_DAY / 5) * 5;
        int minutes = draw.between(1, 11) * 5;
        int end = (start + minutes) % MINUTES_OF_DAY;
        boolean train = draw.chance(50);
        String question = train
                ? "A train leaves at " + clock(start) + " and takes " + minutes + " minutes. When does it arrive?"
                : "It is " + clock(start) + ". What time is it in " + minutes + " minutes?";
        return item(question, clock(start) + " + " + minutes + " minutes = " + clock(end), clock(end));
    }

    private static String clock(int minutes) {
        return String.format(Locale.ROOT, "%d:%02d", minutes / 60, minutes % 60);
    }
}
