package io.quarry.eval;

import io.quarry.eval.Seeded.Item;
import java.util.List;
import java.util.Locale;

/** A question about a table, answered by one SQL query (text2SQL). */
final class Queries {
    /** A table with a text column, a number column, and the words that questions use for its rows. */
    private record Table(String name, String text, String number, List<String> texts) {}

    private static final List<Table> TABLES = List.of(new Table("pets", "name", "age", Words.ANIMALS),
            new Table("people", "city", "age", Words.CITIES), new Table("orders", "item", "price", Words.FRUITS),
            new Table("books", "author", "pages", Words.NAMES), new Table("trips", "city", "days", Words.CITIES),
            new Table("shops", "city", "workers", Words.CITIES));

    private Queries() {}

    static Task task() {
        return new Seeded("queries", Queries::make, Queries::grade);
    }

    private static Item make(Draw draw) {
        Table table = draw.pick(TABLES);
        String head = "Table " + table.name() + " (" + table.text() + ", " + table.number() + "). ";
        int value = draw.between(2, 99);
        boolean over = draw.chance(50);
        String condition = table.number() + (over ? " > " : " < ") + value;
        String words = table.number() + (over ? " over " : " under ") + value;
        String text = draw.pick(table.texts());
        return switch (draw.below(4)) {
            case 0 -> item(head + "Which " + table.name() + " have " + words + "?",
                    "SELECT * FROM " + table.name() + " WHERE " + condition + ";");
            case 1 -> item(head + "How many " + table.name() + " have " + words + "?",
                    "SELECT COUNT(*) FROM " + table.name() + " WHERE " + condition + ";");
            case 2 -> item(
                    head + "List the " + table.number() + " of all " + table.name() + " with " + table.text() + " "
                            + text + ".",
                    "SELECT " + table.number() + " FROM " + table.name() + " WHERE " + table.text() + " = '" + text
                            + "';");
            default ->
                item(head + "List the " + table.text() + " of all " + table.name() + " with " + words + ", sorted.",
                        "SELECT " + table.text() + " FROM " + table.name() + " WHERE " + condition + " ORDER BY "
                                + table.text() + ";");
        };
    }

    private static Item item(String question, String query) {
        return Item.text(Draw.half("queries " + question), question, query, Answers.truth(query));
    }

    private static Grade grade(Sample sample, String answer) {
        String truth = String.valueOf(sample.truth().get("answer"));
        return normal(answer).equals(normal(truth))
                ? Grade.RIGHT
                : Grade.wrong("expected " + truth + ", found " + Answers.shortened(answer.strip()));
    }

    /** Case of words outside quotes, spaces and the last semicolon do not change a query. */
    private static String normal(String query) {
        String text = query.strip().replaceAll("\\s+", " ").replaceAll("\\s*;\\s*$", "");
        StringBuilder out = new StringBuilder();
        boolean quoted = false;
        for (String part : text.splitWithDelimiters("'", 0)) {
            if (part.equals("'"))
                quoted = !quoted;
            out.append(quoted ? part : part.toLowerCase(Locale.ROOT));
        }
        return out.toString();
    }
}
