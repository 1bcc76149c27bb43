package io.quarry.text;

import static io.quarry.text.TokenizerJson.flag;
import static io.quarry.text.TokenizerJson.require;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;
import java.util.Locale;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/**
 * The {@code model} of a {@code tokenizer.json}: BPE or Unigram.
 *
 * @param scores  of the pieces of a unigram model, else null
 * @param merges  left and right entries of a BPE in turn, in order of rank
 * @param options all that is not vocabulary or merges
 */
record JsonModel(Vocabulary vocabulary, double[] scores, List<String> merges, ObjectNode options) {
    static JsonModel parse(JsonParser parser) {
        require(parser.currentToken() == JsonToken.START_OBJECT, "model must be an object");
        Vocabulary vocabulary = new Vocabulary();
        double[] scores = null;
        List<String> merges = null;
        ObjectNode options = JsonMapper.shared().createObjectNode();
        while (parser.nextToken() == JsonToken.PROPERTY_NAME) {
            String key = parser.currentName();
            JsonToken value = parser.nextToken();
            if (key.equals("vocab") && value == JsonToken.START_OBJECT)
                entries(parser, vocabulary);
            else if (key.equals("vocab") && value == JsonToken.START_ARRAY)
                scores = pieces(parser, vocabulary);
            else if (key.equals("merges") && value == JsonToken.START_ARRAY)
                merges = merges(parser);
            else
                options.set(key, (JsonNode) parser.readValueAsTree());
        }
        require(vocabulary.count() > 0, "model.vocab must have tokens");
        JsonModel model = new JsonModel(vocabulary, scores, merges, options);
        String type = options.path("type").asString(scores == null ? "BPE" : "Unigram");
        boolean known = type.equals("BPE") && scores == null || type.equals("Unigram") && scores != null;
        require(known, "model.type is \"" + type + "\"; BPE with an object of ids and Unigram with an array of scores "
                + "are known");
        require(scores != null || merges != null, "model.merges must be an array; a BPE without merges is not whole");
        return model;
    }

    private static void entries(JsonParser parser, Vocabulary vocabulary) {
        while (parser.nextToken() == JsonToken.PROPERTY_NAME) {
            String entry = parser.currentName();
            require(parser.nextToken() == JsonToken.VALUE_NUMBER_INT,
                    "model.vocab." + entry + " must be an id, was " + parser.getString());
            String wrong = vocabulary.add(entry, parser.getIntValue());
            require(wrong == null, "model.vocab: " + wrong);
        }
    }

    private static double[] pieces(JsonParser parser, Vocabulary vocabulary) {
        double[] scores = new double[256];
        int n = 0;
        while (parser.nextToken() != JsonToken.END_ARRAY) {
            String where = "model.vocab[" + n + "]";
            require(parser.currentToken() == JsonToken.START_ARRAY && parser.nextToken() == JsonToken.VALUE_STRING,
                    where + " must be a piece and its score");
            String wrong = vocabulary.add(parser.getString(), n);
            require(wrong == null, "model.vocab: " + wrong);
            require(parser.nextToken().isNumeric(), where + " must be a piece and its score");
            if (n == scores.length)
                scores = Arrays.copyOf(scores, 2 * n);
            scores[n] = parser.getDoubleValue();
            require(Double.isFinite(scores[n++]), where + " has a score that is no number");
            require(parser.nextToken() == JsonToken.END_ARRAY, where + " must be a piece and its score");
        }
        return Arrays.copyOf(scores, n);
    }

    private static List<String> merges(JsonParser parser) {
        List<String> merges = new ArrayList<>();
        while (parser.nextToken() != JsonToken.END_ARRAY) {
            String where = "model.merges[" + merges.size() / 2 + "]";
            if (parser.currentToken() == JsonToken.VALUE_STRING) {
                String[] pair = parser.getString().split(" ", -1);
                require(pair.length == 2, where + " must be two entries, was \"" + parser.getString() + "\"");
                merges.addAll(List.of(pair));
                continue;
            }
            boolean pair = parser.currentToken() == JsonToken.START_ARRAY;
            for (int i = 0; i < 2 && pair; i++) {
                pair = parser.nextToken() == JsonToken.VALUE_STRING;
                merges.add(pair ? parser.getString() : "");
            }
            require(pair && parser.nextToken() == JsonToken.END_ARRAY, where + " must be two entries");
        }
        return merges;
    }

    /**
     * The model that splits words.
     *
     * @param byteLevel whether its entries are bytes in GPT-2's alphabet
     * @param spaces    whether a space in the text is looked up as {@link Bpe#SPACE}
     */
    Model model(boolean byteLevel, boolean spaces) {
        int unknown = unknown();
        if (scores == null)
            return new Bpe(vocabulary, symbols(byteLevel, spaces), table());
        require(!byteLevel, "a ByteLevel pre_tokenizer with a Unigram model is not known");
        require(unknown >= 0, "model.unk_id is null; a character that is no piece could not be encoded");
        return new Unigram(vocabulary, scores, unknown, fallback(), spaces);
    }

    Bpe.Symbols symbols(boolean byteLevel, boolean spaces) {
        for (String key : List.of("continuing_subword_prefix", "end_of_word_suffix"))
            require(options.path(key).asString("").isEmpty(),
                    "model." + key + " is " + options.path(key) + "; only BPE without is known");
        require(options.path("dropout").asDouble(0) == 0, "model.dropout is not known: encoding is exact");
        return new Bpe.Symbols(byteLevel ? ByteAlphabet.ids(vocabulary) : null, byteLevel ? null : fallback(),
                unknown(), flag(options, "fuse_unk"), flag(options, "ignore_merges"), spaces);
    }

    private int unknown() {
        JsonNode node = options.path(scores == null ? "unk_token" : "unk_id");
        if (node.isMissingNode() || node.isNull())
            return -1;
        if (scores != null) {
            require(node.isInt() && node.intValue() >= 0 && node.intValue() < scores.length,
                    "model.unk_id must be an id of the vocabulary, was " + node);
            return node.intValue();
        }
        int id = vocabulary.id(node.asString(""));
        require(id >= 0, "model.unk_token is " + node + ", which is not in the vocabulary");
        return id;
    }

    /** Ids of the tokens that stand for single bytes, or null where they are not used. */
    private int[] fallback() {
        return flag(options, "byte_fallback") ? fallback(vocabulary) : null;
    }

    static int[] fallback(Vocabulary vocabulary) {
        int[] ids = new int[256];
        for (int b = 0; b < 256; b++)
            ids[b] = vocabulary.id(String.format(Locale.ROOT, "<0x%02X>", b));
        return ids;
    }

    private Merges table() {
        int count = merges.size() / 2;
        require(count < Merges.MOST, "model.merges has " + count + " merges; at most " + (Merges.MOST - 1)
                + " are known");
        int[] ids = new int[count];
        Merges table = new Merges(count, ids, null);
        for (int rank = 0; rank < count; rank++) {
            String left = merges.get(2 * rank);
            String right = merges.get(2 * rank + 1);
            ids[rank] = entry(left + right, rank);
            table.put(entry(left, rank), entry(right, rank), rank);
        }
        return table.whole();
    }

    private int entry(String entry, int rank) {
        int id = vocabulary.id(entry);
        require(id >= 0, "merge " + rank + " needs the entry \"" + entry
                + "\", which is not in the vocabulary; the file is not whole");
        return id;
    }

    /**
     * Where the tokens of a BPE reach over; null where that cannot be said.
     *
     * @param symbols as for {@link #model}
     */
    Joins joins(Bpe.Symbols symbols) {
        if (!symbols.local())
            return null;
        // What stands for something else than its own text is not found by looking at the text.
        BitSet others = new BitSet();
        if (symbols.unknown() >= 0)
            others.set(symbols.unknown());
        if (symbols.fallback() != null)
            Arrays.stream(symbols.fallback()).filter(id -> id >= 0).forEach(others::set);
        Joins joins = new Joins();
        for (int i = 0; i < merges.size(); i += 2) {
            if (others.get(entry(merges.get(i), i / 2)) || others.get(entry(merges.get(i + 1), i / 2)))
                return null;
            joins.add(merges.get(i) + merges.get(i + 1), symbols);
        }
        return joins;
    }
}
