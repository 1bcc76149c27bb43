package io.quarry.text;

import static io.quarry.text.TokenizerJson.require;

import java.util.stream.IntStream;
import tools.jackson.databind.JsonNode;

/**
 * What the {@code post_processor} of a {@code tokenizer.json} puts before and behind one sequence.
 *
 * @param before ids
 * @param after  ids
 */
record JsonBounds(int[] before, int[] after) {
    static JsonBounds of(JsonNode node, Vocabulary vocabulary) {
        return of(node, vocabulary, new JsonBounds(new int[0], new int[0]));
    }

    private static JsonBounds of(JsonNode node, Vocabulary vocabulary, JsonBounds inner) {
        if (node.isMissingNode() || node.isNull())
            return inner;
        switch (JsonPipeline.type(node)) {
            case "ByteLevel" -> {
                return inner; // changes offsets, which nobody asks for here
            }
            case "Sequence" -> {
                JsonBounds bounds = inner;
                for (JsonNode processor : node.path("processors"))
                    bounds = of(processor, vocabulary, bounds);
                return bounds;
            }
            case "TemplateProcessing" -> {
                return template(node, vocabulary, inner);
            }
            case "RobertaProcessing", "BertProcessing" -> {
                return inner.within(new int[] {id(node.path("cls").path(1), vocabulary)},
                        new int[] {id(node.path("sep").path(1), vocabulary)});
            }
            default -> throw new IllegalArgumentException("post_processor " + node + " is not known; known are "
                    + "TemplateProcessing, ByteLevel, RobertaProcessing, BertProcessing and Sequence");
        }
    }

    private static JsonBounds template(JsonNode node, Vocabulary vocabulary, JsonBounds inner) {
        JsonNode single = node.path("single");
        int sequence = -1;
        for (int i = 0; i < single.size(); i++)
            if (single.get(i).path("Sequence").path("id").asString("").equals("A")) {
                require(sequence < 0, "post_processor.single has its sequence twice");
                sequence = i;
            }
        require(sequence >= 0, "post_processor.single must have the sequence A, was " + single);
        return inner.within(ids(node, single, 0, sequence, vocabulary),
                ids(node, single, sequence + 1, single.size(), vocabulary));
    }

    private static int[] ids(JsonNode node, JsonNode single, int from, int to, Vocabulary vocabulary) {
        return IntStream.range(from, to).boxed().flatMapToInt(i -> {
            String name = single.get(i).path("SpecialToken").path("id").asString("");
            JsonNode ids = node.path("special_tokens").path(name).path("ids");
            require(ids.isArray() && !ids.isEmpty(),
                    "post_processor.special_tokens has no ids for " + single.get(i));
            return ids.valueStream().toList().stream().mapToInt(id -> id(id, vocabulary));
        }).toArray();
    }

    private static int id(JsonNode id, Vocabulary vocabulary) {
        require(id.isInt() && vocabulary.bytes(id.intValue()) != null,
                "post_processor names " + id + ", which is no id of the vocabulary");
        return id.intValue();
    }

    private JsonBounds within(int[] outerBefore, int[] outerAfter) {
        return new JsonBounds(joined(outerBefore, before), joined(after, outerAfter));
    }

    private static int[] joined(int[] one, int[] other) {
        return IntStream.concat(IntStream.of(one), IntStream.of(other)).toArray();
    }
}
