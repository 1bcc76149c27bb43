package io.quarry.eval;

import io.quarry.chat.Conversation;
import io.quarry.chat.Message;
import io.quarry.eval.Seeded.Item;
import io.quarry.judge.Candidate;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Function;

/**
 * Conversations of two to five turns: greetings, who the assistant is, what the user told earlier, and what the user never
 * told.
 */
final class Dialogues {
    static final String IDENTITY = "I am Quarry, a small language model.";
    private static final String ABILITIES = "I can calculate, call tools, write JSON and find facts in texts.";
    static final String UNTOLD = "You did not tell me.";
    private static final int SMALL_TALK_PERCENT = 8;
    private static final int IDENTITY_PERCENT = 15;
    private static final int UNTOLD_PERCENT = 10;

    /**
     * Something a user tells and asks for later; {@code {v}} stands for the value.
     *
     * @param value draws one
     */
    private record Fact(List<String> statements, String reply, List<String> questions, String answer,
            Function<Draw, String> value) {}

    private static final List<Fact> FACTS = List.of(
            new Fact(List.of("My name is {v}.", "Hello, I am {v}.", "Hi! I am {v}."),
                    "Hello {v}! How can I help you?", List.of("What is my name?", "Who am I?"), "Your name is {v}.",
                    draw -> draw.pick(Words.NAMES)),
            new Fact(List.of("I live in {v}.", "My home is in {v}."), "{v} is a nice place.",
                    List.of("Where do I live?", "In which city do I live?"), "You live in {v}.",
                    draw -> draw.pick(Words.CITIES)),
            new Fact(List.of("My favourite colour is {v}.", "I like the colour {v}."), "I will remember that.",
                    List.of("What is my favourite colour?", "Which colour do I like?"), "Your favourite colour is {v}.",
                    draw -> draw.pick(Words.COLOURS)),
            new Fact(List.of("My lucky number is {v}.", "Please remember the number {v}."), "I will remember {v}.",
                    List.of("What is my number?", "Which number did I say?"), "Your number is {v}.",
                    draw -> Integer.toString(draw.between(10, 99))),
            new Fact(List.of("I like to eat {v}.", "My favourite food is {v}."), "That tastes good.",
                    List.of("What do I like to eat?", "What is my favourite food?"), "You like to eat {v}.",
                    draw -> draw.pick(Words.FOODS)),
            new Fact(List.of("I have a {v} at home.", "My pet is a {v}."), "A {v} is a good friend.",
                    List.of("What pet do I have?", "Which animal is my pet?"), "You have a {v}.",
                    draw -> draw.pick(Words.ANIMALS)),
            new Fact(List.of("My birthday is in {v}.", "I was born in {v}."), "I will think of it.",
                    List.of("When is my birthday?", "In which month was I born?"), "Your birthday is in {v}.",
                    draw -> draw.pick(Words.MONTHS)));

    private static final List<String> WHO = List.of("Who are you?", "What is your name?", "What are you?",
            "Tell me who you are.");

    private static final List<String> GREETINGS = List.of("Hello!", "Hello.", "Hi!", "Hi.", "Hey!", "Good morning!",
            "Good evening!", "Good day!", "Hello there!", "Hi there!", "Hey there!", "Dear assistant,");

    /** What chats begin or end with, and the answer. */
    private static final List<List<String>> SMALL_TALK = List.of(List.of("", "Hello! How can I help you?"),
            List.of("How are you?", "I am well. How can I help you?"),
            List.of("How is it going?", "I am well. How can I help you?"), List.of("Who are you?", IDENTITY),
            List.of("What is your name?", IDENTITY), List.of("What are you?", IDENTITY),
            List.of("Tell me who you are.", IDENTITY), List.of("Are you a person?", "No. " + IDENTITY),
            List.of("Are you human?", "No. " + IDENTITY), List.of("What can you do?", ABILITIES),
            List.of("How can you help me?", ABILITIES), List.of("What do you know?", ABILITIES),
            List.of("Can you help me?", "Yes. What do you need?"), List.of("I need help.", "Yes. What do you need?"),
            List.of("Thank you!", "You are welcome!"), List.of("Thanks a lot!", "You are welcome!"),
            List.of("Thanks!", "You are welcome!"), List.of("Goodbye!", "Goodbye!"), List.of("See you!", "Goodbye!"));

    private Dialogues() {}

    static Task task() {
        return new Seeded("dialogues", Dialogues::make, Answers::named);
    }

    private static Item make(Draw draw) {
        if (draw.split() == Split.TRAIN && draw.chance(SMALL_TALK_PERCENT)) {
            // so few and so common that they belong to the training half alone
            List<String> talk = draw.pick(SMALL_TALK);
            String greeting = talk.getFirst().isEmpty() || draw.chance(60) ? draw.pick(GREETINGS) : "";
            return Item.text(Split.TRAIN, (greeting + " " + talk.getFirst()).strip(), talk.getLast(),
                    Answers.truth(talk.getLast()));
        }
        List<Fact> facts = draw.several(FACTS, draw.between(1, 3) + 1);
        Fact untold = facts.removeLast();
        List<Message> turns = new ArrayList<>();
        List<String> values = new ArrayList<>();
        for (Fact fact : facts) {
            String value = fact.value().apply(draw);
            values.add(value);
            turns.add(Message.user(draw.pick(fact.statements()).replace("{v}", value)));
            turns.add(Message.assistant(fact.reply().replace("{v}", value)));
        }
        int asked = draw.below(facts.size());
        if (draw.chance(IDENTITY_PERCENT))
            return item(turns, draw.pick(WHO), IDENTITY, "Quarry", values);
        if (draw.chance(UNTOLD_PERCENT))
            return item(turns, draw.pick(untold.questions()), UNTOLD, "You did not tell me", values);
        String value = values.remove(asked);
        Fact fact = facts.get(asked);
        return item(turns, draw.pick(fact.questions()), fact.answer().replace("{v}", value), value, values);
    }

    private static Item item(List<Message> turns, String question, String solution, String truth,
            List<String> others) {
        List<Message> all = new ArrayList<>(turns);
        all.add(Message.user(question));
        String content = String.join("\n", all.stream().map(Message::content).toList());
        Map<String, Object> fields = Answers.fields("answer", truth, "others", List.copyOf(others));
        if (solution.equals(UNTOLD))
            fields.put(Candidate.ANSWERABLE, false);
        return new Item(Draw.half("dialogues " + content), Conversation.of(all.toArray(Message[]::new)),
                Message.assistant(solution), fields);
    }
}
