package io.quarry.eval;

import io.quarry.chat.Conversation;
import io.quarry.chat.Message;
import io.quarry.eval.Seeded.Item;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import tools.jackson.core.JacksonException;
import tools.jackson.core.StreamReadFeature;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * Facts of a sentence written as JSON that fits the schema in the system message (Granite's convention). The answer must
 * be exactly that object; the order of its keys does not count.
 */
final class Structured {
    /** Strict: what a model writes is right only when nothing has to be guessed. */
    private static final JsonMapper JSON = JsonMapper.builder().enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS).build();

    /** A key with its schema and its values. */
    private record Field(String name, Map<String, Object> schema, Function<Draw, Object> value) {
        static Field from(String name, List<String> values) {
            return new Field(name, Answers.fields("type", "string"), draw -> draw.pick(values));
        }

        static Field oneOf(String name, String... values) {
            return new Field(name, Answers.fields("type", "string", "enum", List.of(values)),
                    draw -> draw.pick(List.of(values)));
        }

        static Field number(String name, int low, int high) {
            return new Field(name, Answers.fields("type", "integer"), draw -> draw.between(low, high));
        }
    }

    /** A form with sentences that fill it. */
    private record Form(List<Field> fields, List<String> texts) {}

    private static final List<Form> FORMS = List.of(
            new Form(List.of(Field.from("name", Words.NAMES), Field.number("age", 2, 99),
                    Field.from("city", Words.CITIES)),
                    List.of("{name} is {age} years old and lives in {city}.",
                            "In {city} lives {name}, who is {age} years old.")),
            new Form(List.of(Field.from("item", Words.THINGS), Field.number("count", 2, 99),
                    Field.number("price", 2, 99)),
                    List.of("I buy {count} {item} for {price} coins.",
                            "The price of {count} {item} is {price} coins.")),
            new Form(List.of(Field.from("pet", Words.ANIMALS), Field.from("owner", Words.NAMES),
                    Field.from("colour", Words.COLOURS)),
                    List.of("{owner} has a {colour} {pet}.", "The {colour} {pet} belongs to {owner}.")),
            new Form(List.of(Field.from("city", Words.CITIES), Field.number("degrees", 2, 40),
                    Field.oneOf("sky", "sunny", "cloudy", "rainy")),
                    List.of("It is {sky} in {city} with {degrees} degrees.",
                            "{city} has {degrees} degrees and is {sky}.")),
            new Form(List.of(Field.from("guest", Words.NAMES), Field.from("day", Words.DAYS),
                    Field.number("hour", 8, 22)),
                    List.of("{guest} comes on {day} at {hour}.", "On {day} at {hour} we meet {guest}.")),
            new Form(List.of(Field.from("from", Words.CITIES), Field.from("to", Words.CITIES),
                    Field.number("hours", 2, 40)),
                    List.of("From {from} to {to} it takes {hours} hours.",
                            "We go from {from} to {to} in {hours} hours.")),
            new Form(List.of(Field.from("food", Words.FOODS), Field.from("person", Words.NAMES)),
                    List.of("{person} likes to eat {food}.", "The favourite food of {person} is {food}.")));

    private Structured() {}

    static Task task() {
        return new Seeded("structured", Structured::make, Structured::grade);
    }

    private static Item make(Draw draw) {
        Form form = draw.pick(FORMS);
        String text = draw.pick(form.texts());
        Map<String, Object> properties = new LinkedHashMap<>();
        Map<String, Object> values = new LinkedHashMap<>();
        for (Field field : form.fields()) {
            properties.put(field.name(), field.schema());
            values.put(field.name(), field.value().apply(draw));
            text = text.replace("{" + field.name() + "}", values.get(field.name()).toString());
        }
        Map<String, Object> schema = Answers.fields("type", "object", "properties", properties, "required",
                form.fields().stream().map(Field::name).toList());
        String system = "You are a helpful assistant that answers in JSON. Here's the json schema you must adhere to:\n"
                + "<schema>\n" + spaced(schema) + "\n</schema>\n";
        return new Item(Draw.half("structured " + values), Conversation.of(Message.system(system), Message.user(text)),
                Message.assistant(spaced(values)), Answers.truth(values));
    }

    /** JSON on one line with a space behind commas and colons, as the tool calls of Granite's template are written. */
    static String spaced(Object value) {
        return switch (value) {
            case Map<?, ?> map -> {
                StringBuilder out = new StringBuilder("{");
                map.forEach((key, v) -> out.append(out.length() > 1 ? ", " : "").append(JSON.writeValueAsString(key))
                        .append(": ").append(spaced(v)));
                yield out.append('}').toString();
            }
            case List<?> list -> "[" + String.join(", ", list.stream().map(Structured::spaced).toList()) + "]";
            default -> JSON.writeValueAsString(value);
        };
    }

    private static Grade grade(Sample sample, String answer) {
        JsonNode json;
        try {
            json = JSON.readTree(answer);
        } catch (JacksonException e) {
            return Grade.wrong("not JSON: " + Answers.shortened(e.getOriginalMessage()));
        }
        JsonNode truth = JSON.valueToTree(sample.truth().get("answer"));
        return json.equals(truth)
                ? Grade.RIGHT
                : Grade.wrong("expected " + truth + ", found " + Answers.shortened(json.toString()));
    }
}
