package io.quarry.eval;

import io.quarry.chat.Conversation;
import io.quarry.chat.Message;
import io.quarry.chat.Tool;
import io.quarry.chat.ToolCall;
import io.quarry.chat.Tools;
import io.quarry.eval.Seeded.Item;
import io.quarry.judge.Candidate;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import tools.jackson.databind.json.JsonMapper;

/**
 * One to three tools and a request that one of them answers by exactly one call; sometimes none fits, and the answer is a
 * fixed sentence. A call is right when name and arguments are exactly right as JSON values. Held-out requests have
 * arguments that no training request of that tool has.
 */
final class ToolCalls {
    /** What the assistant says when no tool fits; the words of Granite's own template. */
    static final String REFUSAL = "I do not have the ability to fulfill the request.";

    private static final JsonMapper JSON = JsonMapper.builder().build();
    private static final int REFUSAL_PERCENT = 6;

    /**
     * An argument of a tool.
     *
     * @param schema its JSON Schema
     * @param value  draws one
     */
    private record Argument(String name, Map<String, Object> schema, Function<Draw, Object> value) {
        static Argument text(String name, Function<Draw, Object> value) {
            return new Argument(name, Answers.fields("type", "string"), value);
        }

        static Argument from(String name, List<String> values) {
            return text(name, draw -> draw.pick(values));
        }

        static Argument number(String name, int low, int high) {
            return new Argument(name, Answers.fields("type", "integer"), draw -> draw.between(low, high));
        }

        static Argument oneOf(String name, String... values) {
            return new Argument(name, Answers.fields("type", "string", "enum", List.of(values)),
                    draw -> draw.pick(List.of(values)));
        }
    }

    /**
     * A tool with the ways in which people ask for it.
     *
     * @param asks requests with {@code {name}} for each argument
     */
    private record Kind(Tool tool, List<Argument> arguments, List<String> asks) {
        static Kind of(String name, String description, List<Argument> arguments, String... asks) {
            Map<String, Object> properties = new LinkedHashMap<>();
            for (Argument argument : arguments)
                properties.put(argument.name(), argument.schema());
            Map<String, Object> parameters = Answers.fields("type", "object", "properties", properties, "required",
                    arguments.stream().map(Argument::name).toList());
            return new Kind(new Tool(name, description, parameters), arguments, List.of(asks));
        }
    }

    private static final Argument CITY = Argument.from("city", Words.CITIES);
    private static final Argument PERSON = Argument.from("name", Words.NAMES);
    private static final Argument ROOM = Argument.oneOf("room", "kitchen", "bedroom", "office", "garage", "hall");
    private static final Argument DAY = Argument.from("day", Words.DAYS);
    private static final Argument TITLE = Argument.text("title", draw -> capital(draw.pick(Words.ADJECTIVES)) + " "
            + capital(draw.pick(Words.NOUNS)));
    private static final Argument TEXT = Argument.text("text", draw -> "the " + draw.pick(Words.ADJECTIVES) + " "
            + draw.pick(Words.NOUNS) + " is " + draw.pick(List.of("here", "ready", "gone", "late", "open", "yours")));

    private static final List<Kind> KINDS = List.of(
            Kind.of("get_weather", "Weather of a city.", List.of(CITY), "What is the weather in {city}?",
                    "How is the weather in {city} today?", "Tell me the weather in {city}."),
            Kind.of("get_time", "Time in a city.", List.of(CITY), "What time is it in {city}?",
                    "Tell me the time in {city}.", "How late is it in {city} now?"),
            Kind.of("set_timer", "Starts a timer.", List.of(Argument.number("minutes", 2, 99)),
                    "Set a timer for {minutes} minutes.", "Start a timer of {minutes} minutes.",
                    "Wake me in {minutes} minutes with a timer."),
            Kind.of("set_alarm", "Sets an alarm.", List.of(Argument.number("hour", 0, 23), DAY),
                    "Set an alarm for {hour} on {day}.", "I need an alarm on {day} at {hour}."),
            Kind.of("send_message", "Sends a message.", List.of(PERSON, TEXT), "Send {name} a message: {text}",
                    "Write to {name}: {text}", "Tell {name} this: {text}"),
            Kind.of("call_person", "Calls a person.", List.of(PERSON), "Call {name}.", "Please call {name} now.",
                    "I want to talk to {name}."),
            Kind.of("play_song", "Plays a song.", List.of(TITLE), "Play {title}.", "Play the song {title}.",
                    "I want to hear {title}."),
            Kind.of("find_book", "Finds a book.", List.of(TITLE), "Find the book {title}.",
                    "Do you have the book {title}?", "I look for the book {title}."),
            Kind.of("add_note", "Saves a note.", List.of(TEXT), "Note this: {text}", "Save a note: {text}",
                    "Write down: {text}"),
            Kind.of("book_table", "Books a table.", List.of(Argument.number("people", 2, 20), DAY),
                    "Book a table for {people} people on {day}.", "I need a table on {day} for {people} people."),
            Kind.of("find_train", "Finds a train.", List.of(Argument.from("from", Words.CITIES),
                    Argument.from("to", Words.CITIES)), "Find a train from {from} to {to}.",
                    "I go from {from} to {to} by train.", "When is the train from {from} to {to}?"),
            Kind.of("get_distance", "Distance of two cities.", List.of(Argument.from("from", Words.CITIES),
                    Argument.from("to", Words.CITIES)), "How far is it from {from} to {to}?",
                    "Give me the distance from {from} to {to}."),
            Kind.of("set_light", "Turns a light on or off.", List.of(ROOM, Argument.oneOf("state", "on", "off")),
                    "Turn the light in the {room} {state}.", "Light in the {room} {state}, please."),
            Kind.of("set_heating", "Heats a room.", List.of(ROOM, Argument.number("degrees", 10, 30)),
                    "Heat the {room} to {degrees} degrees.", "Make it {degrees} degrees in the {room}."),
            Kind.of("buy_item", "Buys things.", List.of(Argument.from("item", Words.THINGS),
                    Argument.number("count", 2, 99)), "Buy {count} {item}.", "Order {count} {item} for me.",
                    "I want to buy {count} {item}."),
            Kind.of("convert_money", "Converts euros.", List.of(Argument.number("amount", 2, 999),
                    Argument.oneOf("to", "dollars", "pounds", "yen", "francs")), "Convert {amount} euros to {to}.",
                    "How many {to} are {amount} euros?"),
            Kind.of("translate", "Translates a word.", List.of(Argument.from("word", Words.NOUNS),
                    Argument.oneOf("language", "German", "French", "Spanish", "Italian", "Dutch")),
                    "Translate {word} to {language}.", "What is {word} in {language}?"),
            Kind.of("book_room", "Books a hotel.", List.of(CITY, Argument.number("nights", 2, 14), DAY),
                    "Book a hotel in {city} for {nights} nights from {day}.",
                    "I need a hotel in {city} from {day}, {nights} nights."));

    private ToolCalls() {}

    static Task task() {
        return new Seeded("tool-calls", ToolCalls::make, ToolCalls::grade);
    }

    private static String capital(String word) {
        return Character.toUpperCase(word.charAt(0)) + word.substring(1);
    }

    private static Item make(Draw draw) {
        List<Kind> kinds = draw.several(KINDS, 4);
        Kind asked = kinds.getFirst();
        Map<String, Object> arguments = new LinkedHashMap<>();
        String request = draw.pick(asked.asks());
        for (Argument argument : asked.arguments()) {
            Object value = argument.value().apply(draw);
            arguments.put(argument.name(), value);
            request = request.replace("{" + argument.name() + "}", value.toString());
        }
        int others = draw.below(3);
        boolean refuse = draw.chance(REFUSAL_PERCENT);
        List<Tool> tools = new ArrayList<>();
        for (Kind kind : refuse ? kinds.subList(1, 2 + others) : kinds.subList(0, 1 + others))
            tools.add(kind.tool());
        Conversation prompt = new Conversation(List.of(Message.user(request)), draw.shuffled(tools), List.of());
        String name = asked.tool().name();
        Split half = Draw.half("tool-calls " + name + " " + arguments);
        return refuse
                ? new Item(half, prompt, Message.assistant(REFUSAL), Answers.fields(Candidate.ANSWERABLE, false))
                : new Item(half, prompt, Message.assistant("", new ToolCall(name, arguments)),
                        Answers.fields("name", name, "arguments", arguments));
    }

    static Grade grade(Sample sample, String answer) {
        Map<String, Object> truth = sample.truth();
        if (truth.containsKey(Candidate.ANSWERABLE))
            return answer.strip().equals(REFUSAL) ? Grade.RIGHT : Grade.wrong("no tool fits, but did not say so");
        Tools.Parsed parsed = Tools.parse(answer);
        if (parsed.message().toolCalls().size() != 1 || !parsed.problems().isEmpty()
                || !parsed.message().content().isBlank())
            return Grade.wrong("not exactly one tool call");
        ToolCall call = parsed.message().toolCalls().getFirst();
        if (!call.name().equals(truth.get("name")))
            return Grade.wrong("called " + Answers.shortened(call.name()) + ", not " + truth.get("name"));
        if (!JSON.valueToTree(call.arguments()).equals(JSON.valueToTree(truth.get("arguments"))))
            return Grade.wrong("arguments " + Answers.shortened(call.arguments().toString()) + ", not "
                    + truth.get("arguments"));
        return Grade.RIGHT;
    }
}
