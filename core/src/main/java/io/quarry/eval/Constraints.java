package io.quarry.eval;

import io.quarry.eval.Seeded.Item;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * Instructions whose keeping can be checked, in the manner of IFEval (arXiv 2311.07911): number of words, words that must
 * or must not occur, first and last word, case, lists of exactly n, repetitions.
 */
final class Constraints {
    private Constraints() {}

    static Task task() {
        return new Seeded("constraints", Constraints::make, Constraints::grade);
    }

    private static Item make(Draw draw) {
        return switch (draw.below(8)) {
            case 0, 1 -> words(draw);
            case 2 -> edge(draw);
            case 3 -> cased(draw);
            case 4 -> list(draw);
            case 5 -> repeat(draw);
            case 6 -> copy(draw);
            default -> without(draw);
        };
    }

    private static Item item(String question, String solution, Object... truth) {
        return Item.text(Draw.half("constraints " + question), question, solution, Answers.fields(truth));
    }

    private static Item words(Draw draw) {
        String noun = draw.pick(Words.NOUNS);
        int words = draw.between(4, 8);
        String question = draw.chance(50)
                ? "Write a sentence of exactly " + words + " words with the word " + noun + "."
                : "Use the word " + noun + " in a sentence that has exactly " + words + " words.";
        return item(question, sentence(draw, noun, words), "sentence", true, "words", words, "include", List.of(noun));
    }

    /** A sentence of 4 to 8 words about a noun. */
    private static String sentence(Draw draw, String noun, int words) {
        List<String> rest = new ArrayList<>(Words.NOUNS);
        rest.remove(noun);
        List<String> adjectives = draw.several(Words.ADJECTIVES, 2);
        String other = draw.pick(rest);
        return switch (words) {
            case 4 -> "The " + noun + " is " + adjectives.get(0) + ".";
            case 5 -> "The " + adjectives.get(0) + " " + noun + " is " + adjectives.get(1) + ".";
            case 6 -> "The " + noun + " is near the " + other + ".";
            case 7 -> "The " + adjectives.get(0) + " " + noun + " is near the " + other + ".";
            default ->
                "The " + adjectives.get(0) + " " + noun + " is near the " + adjectives.get(1) + " " + other + ".";
        };
    }

    private static Item edge(Draw draw) {
        String noun = draw.pick(Words.NOUNS);
        String day = draw.pick(Words.DAYS);
        String adjective = draw.pick(Words.ADJECTIVES);
        if (draw.chance(50))
            return item("Write a sentence about the " + noun + " that starts with the word " + day + ".",
                    day + " the " + noun + " is " + adjective + ".", "sentence", true, "start", day, "include",
                    List.of(noun));
        return item("Write a sentence about the " + noun + " that ends with the word " + adjective + ".",
                "On " + day + " the " + noun + " is " + adjective + ".", "sentence", true, "end", adjective, "include",
                List.of(noun));
    }

    private static Item cased(Draw draw) {
        String noun = draw.pick(Words.NOUNS);
        boolean upper = draw.chance(50);
        String question = "Write a sentence about the " + draw.pick(Words.ADJECTIVES) + " " + noun + " in "
                + (upper ? "capital" : "small") + " letters only.";
        String sentence = sentence(draw, noun, draw.between(4, 7));
        return item(question, upper ? sentence.toUpperCase(Locale.ROOT) : sentence.toLowerCase(Locale.ROOT), "sentence",
                true, "case", upper ? "upper" : "lower", "include", List.of(noun));
    }

    private static Item list(Draw draw) {
        String kind = draw.pick(List.of("animals", "fruits", "colours", "foods"));
        List<String> all = category(kind);
        List<String> shuffled = draw.shuffled(all);
        int count = draw.between(2, 5);
        boolean bullets = draw.chance(50);
        boolean first = draw.chance(70);
        List<String> chosen = shuffled.subList(0, count);
        String question = "List exactly " + count + " " + kind
                + (bullets ? ", one per line with a dash" : " with commas")
                + (first ? ". Start with " + chosen.getFirst() + "." : ". Do not list " + shuffled.getLast() + ".");
        String solution = bullets ? "- " + String.join("\n- ", chosen) : String.join(", ", chosen);
        Map<String, Object> truth = Answers.fields("list", bullets ? "dashes" : "commas", "count", count, "of", kind);
        truth.put(first ? "first" : "not", first ? chosen.getFirst() : shuffled.getLast());
        return Item.text(Draw.half("constraints " + question), question, solution, truth);
    }

    private static List<String> category(String kind) {
        return switch (kind) {
            case "animals" -> Words.ANIMALS;
            case "fruits" -> Words.FRUITS;
            case "colours" -> Words.COLOURS;
            case "foods" -> Words.FOODS;
            default -> throw new IllegalArgumentException("no list of " + kind);
        };
    }

    private static Item repeat(Draw draw) {
        String phrase = draw.chance(50)
                ? draw.pick(Words.NOUNS)
                : draw.pick(Words.ADJECTIVES) + " " + draw.pick(Words.NOUNS);
        int times = draw.between(2, 6);
        String question = draw.chance(50)
                ? "Write \"" + phrase + "\" " + times + " times with commas."
                : "Repeat " + times + " times with commas: " + phrase;
        return item(question, String.join(", ", Collections.nCopies(times, phrase)), "exact",
                String.join(", ", Collections.nCopies(times, phrase)));
    }

    private static Item copy(Draw draw) {
        String sentence = Words.filler(draw);
        String bare = sentence.substring(0, sentence.length() - 1);
        return switch (draw.below(3)) {
            case 0 -> item("Write in capital letters: " + bare, bare.toUpperCase(Locale.ROOT), "exact",
                    bare.toUpperCase(Locale.ROOT));
            case 1 -> item("Put in quotation marks: " + bare, '"' + bare + '"', "exact", '"' + bare + '"');
            default -> item("Copy and add the word END: " + bare, bare + " END", "exact", bare + " END");
        };
    }

    private static Item without(Draw draw) {
        List<String> nouns = draw.several(Words.NOUNS, 2);
        String question = "Write a sentence with the word " + nouns.get(0) + " but without the words "
                + nouns.get(1) + " and is.";
        return item(question, draw.pick(Words.NAMES) + " likes the " + draw.pick(Words.ADJECTIVES) + " " + nouns.get(0)
                + ".", "sentence", true, "include", List.of(nouns.get(0)), "exclude", List.of(nouns.get(1), "is"));
    }

    static Grade grade(Sample sample, String answer) {
        Map<String, Object> truth = sample.truth();
        String text = answer.strip();
        if (truth.get("exact") instanceof String exact)
            return text.equals(exact)
                    ? Grade.RIGHT
                    : Grade.wrong("expected " + exact + ", found " + Answers.shortened(text));
        String reason = truth.containsKey("list") ? listFault(truth, text) : sentenceFault(truth, text);
        return reason.isEmpty() ? Grade.RIGHT : Grade.wrong(reason);
    }

    private static String listFault(Map<String, Object> truth, String text) {
        List<String> items = new ArrayList<>();
        boolean dashes = "dashes".equals(truth.get("list"));
        for (String part : text.split(dashes ? "\n" : ",", -1)) {
            if (dashes && !part.startsWith("- "))
                return "a line does not start with a dash";
            items.add((dashes ? part.substring(2) : part).strip());
        }
        if (items.size() != (int) truth.get("count"))
            return items.size() + " items, not " + truth.get("count");
        if (!category((String) truth.get("of")).containsAll(items))
            return "not all are " + truth.get("of");
        if (items.stream().distinct().count() < items.size())
            return "an item is listed twice";
        if (truth.get("first") instanceof String first && !items.getFirst().equals(first))
            return "does not start with " + first;
        if (truth.get("not") instanceof String not && items.contains(not))
            return "lists " + not;
        return "";
    }

    /** What is wrong with a sentence, empty if nothing; a word three times is no sentence, only a way to count. */
    private static String sentenceFault(Map<String, Object> truth, String text) {
        if (!text.endsWith(".") || text.indexOf('.') < text.length() - 1 || text.contains("\n"))
            return "not one sentence with a period";
        List<String> words = List.of(text.substring(0, text.length() - 1).split("\\s+"));
        List<String> small = words.stream().map(w -> w.toLowerCase(Locale.ROOT)).toList();
        for (String word : small)
            if (word.isEmpty() || Collections.frequency(small, word) > 2)
                return "not a sentence";
        if (words.size() < 3)
            return "too short for a sentence";
        if (truth.get("words") instanceof Integer count && words.size() != count)
            return words.size() + " words, not " + count;
        if (truth.get("include") instanceof List<?> include && !small.containsAll(include))
            return "lacks " + include;
        if (truth.get("exclude") instanceof List<?> exclude && exclude.stream().anyMatch(small::contains))
            return "has one of " + exclude;
        if (truth.get("start") instanceof String start && !words.getFirst().equals(start))
            return "does not start with " + start;
        if (truth.get("end") instanceof String end && !words.getLast().equals(end))
            return "does not end with " + end;
        if ("upper".equals(truth.get("case")) && !text.equals(text.toUpperCase(Locale.ROOT)))
            return "not all capital letters";
        if ("lower".equals(truth.get("case")) && !text.equals(text.toLowerCase(Locale.ROOT)))
            return "not all small letters";
        return "";
    }
}
