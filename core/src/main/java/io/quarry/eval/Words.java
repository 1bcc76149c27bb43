package io.quarry.eval;

import java.util.List;

/** The small world that all generators speak of: few words, so that a very small model can learn them. */
final class Words {
    /** A person's name with its pronoun. */
    record Person(String name, String pronoun) {
        String capitalPronoun() {
            return Character.toUpperCase(pronoun.charAt(0)) + pronoun.substring(1);
        }
    }

    static final List<String> WOMEN = List.of("Anna", "Clara", "Emma", "Grace", "Ida", "Lena", "Nora", "Paula", "Rosa",
            "Vera");
    static final List<String> MEN = List.of("Ben", "David", "Felix", "Henry", "Jack", "Max", "Oscar", "Paul", "Sam",
            "Tom");
    static final List<String> NAMES = List.of("Anna", "Clara", "Emma", "Grace", "Ida", "Lena", "Nora", "Paula", "Rosa",
            "Vera", "Ben", "David", "Felix", "Henry", "Jack", "Max", "Oscar", "Paul", "Sam", "Tom");
    static final List<String> THINGS = List.of("apples", "books", "coins", "pens", "eggs", "stones", "cards", "cakes",
            "shells", "plums", "keys", "toys");
    static final List<String> NOUNS = List.of("cat", "dog", "fox", "bird", "horse", "lamp", "tree", "house", "river",
            "boat", "garden", "door", "stone", "book", "bridge", "star");
    static final List<String> ADJECTIVES = List.of("small", "big", "red", "blue", "green", "old", "new", "quiet",
            "warm",
            "cold", "bright", "dark");
    static final List<String> COLOURS = List.of("red", "blue", "green", "yellow", "black", "white", "brown", "purple",
            "pink", "grey");
    static final List<String> FOODS = List.of("bread", "soup", "rice", "cheese", "fish", "cake", "pasta", "salad",
            "pizza", "honey");
    static final List<String> ANIMALS = List.of("cat", "dog", "fox", "bird", "horse", "cow", "duck", "wolf", "bear",
            "mouse");
    static final List<String> FRUITS = List.of("apple", "pear", "plum", "lemon", "cherry", "melon", "peach", "fig");
    static final List<String> DAYS = List.of("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday",
            "Sunday");
    static final List<String> MONTHS = List.of("January", "February", "March", "April", "May", "June", "July", "August",
            "September", "October", "November", "December");
    static final List<String> CITIES = List.of("Oslo", "Paris", "Rome", "Berlin", "Madrid", "London", "Vienna",
            "Prague",
            "Lisbon", "Dublin", "Athens", "Warsaw", "Cairo", "Tokyo", "Delhi", "Lima", "Quito", "Boston", "Chicago",
            "Denver", "Dallas", "Seattle", "Toronto", "Sydney", "Zurich", "Geneva", "Milan", "Naples", "Porto", "Lyon",
            "Munich", "Hamburg", "Bremen", "Kyoto", "Osaka", "Seoul", "Nairobi", "Tunis", "Riga", "Sofia");

    /**
     * Code words. No question or answer of retrieval says them otherwise, so finding one in an answer means that it is
     * meant; all are common in program text, so that a small tokenizer has them whole.
     */
    static final List<String> CODES = List.of("access", "base", "bed", "call", "cap", "class", "disk", "element",
            "example", "file", "form", "function", "hand", "input", "land", "message", "method", "mind", "object",
            "order", "person", "plan", "point", "problem", "process", "program", "query", "region", "request", "result",
            "sign", "state", "stream", "string", "system", "union", "vector", "word");

    private Words() {}

    static Person person(Draw draw) {
        return draw.chance(50) ? new Person(draw.pick(WOMEN), "she") : new Person(draw.pick(MEN), "he");
    }

    /** A short sentence about nothing that is ever asked: what long documents are filled with. */
    static String filler(Draw draw) {
        return switch (draw.below(8)) {
            case 0 -> draw.pick(NAMES) + " has " + draw.between(2, 99) + " " + draw.pick(THINGS) + ".";
            case 1 ->
                "The " + draw.pick(NOUNS) + " is near the " + draw.pick(ADJECTIVES) + " " + draw.pick(NOUNS) + ".";
            case 2 -> draw.pick(NAMES) + " lives in " + draw.pick(CITIES) + ".";
            case 3 -> "The " + draw.pick(ADJECTIVES) + " " + draw.pick(NOUNS) + " is " + draw.pick(ADJECTIVES) + ".";
            case 4 -> "On " + draw.pick(DAYS) + " " + draw.pick(NAMES) + " eats " + draw.pick(FOODS) + ".";
            case 5 -> draw.pick(NAMES) + " likes the " + draw.pick(COLOURS) + " " + draw.pick(NOUNS) + ".";
            case 6 -> "In " + draw.pick(MONTHS) + " the " + draw.pick(NOUNS) + " is " + draw.pick(ADJECTIVES) + ".";
            default -> draw.pick(NAMES) + " gives " + draw.pick(NAMES) + " some " + draw.pick(THINGS) + ".";
        };
    }
}
