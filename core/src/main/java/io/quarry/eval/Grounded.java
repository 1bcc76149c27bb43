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
 * Questions that the documents of the conversation answer, or do not (retrieval-augmented generation): facts about
 * invented places, so that only the documents can know.
 */
final class Grounded {
    /** What the assistant says when the documents do not answer; the words of Granite's own template. */
    static final String UNANSWERED = "The question cannot be answered based on the available data.";
    private static final int UNANSWERED_PERCENT = 15;

    /** Something that a place has; {@code {p}} stands for the place, {@code {v}} for the value. */
    private record Fact(String statement, String question, Function<Draw, String> value) {}

    private static final List<Fact> FACTS = List.of(
            new Fact("The code of {p} is {v}.", "What is the code of {p}?",
                    draw -> Integer.toString(draw.between(1000, 9999))),
            new Fact("The colour of {p} is {v}.", "What is the colour of {p}?", draw -> draw.pick(Words.COLOURS)),
            new Fact("The owner of {p} is {v}.", "Who is the owner of {p}?", draw -> draw.pick(Words.NAMES)),
            new Fact("The price of {p} is {v} coins.", "What is the price of {p}?",
                    draw -> Integer.toString(draw.between(2, 99))),
            new Fact("The day of {p} is {v}.", "What is the day of {p}?", draw -> draw.pick(Words.DAYS)));

    private Grounded() {}

    static Task task() {
        return new Seeded("grounded", Grounded::make, Answers::named);
    }

    private static Item make(Draw draw) {
        int count = draw.between(2, 4);
        List<String> places = Places.names(draw, count);
        List<Fact> facts = new ArrayList<>();
        List<String> values = new ArrayList<>();
        List<String> texts = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            facts.add(draw.pick(FACTS));
            String value = facts.get(i).value().apply(draw);
            while (values.contains(value))
                value = facts.get(i).value().apply(draw);
            values.add(value);
            texts.add(facts.get(i).statement().replace("{p}", places.get(i)).replace("{v}", value));
        }
        int asked = draw.below(count);
        boolean unanswered = draw.chance(UNANSWERED_PERCENT);
        if (unanswered)
            texts.remove(asked);
        String value = values.remove(asked);
        Fact fact = facts.get(asked);
        List<Map<String, Object>> documents = new ArrayList<>();
        for (String text : texts)
            documents.add(Answers.fields("doc_id", Integer.toString(documents.size() + 1), "text", text));
        Conversation prompt = new Conversation(
                List.of(Message.user(fact.question().replace("{p}", places.get(asked)))), List.of(), documents);
        String solution = unanswered
                ? UNANSWERED
                : fact.statement().replace("{p}", places.get(asked)).replace("{v}", value);
        // the places belong to the half that is drawn, so the content does too
        Map<String, Object> truth = Answers.fields("answer", unanswered ? "cannot be answered" : value, "others",
                List.copyOf(values));
        if (unanswered)
            truth.put(Candidate.ANSWERABLE, false);
        return new Item(draw.split(), prompt, Message.assistant(solution), truth);
    }
}
