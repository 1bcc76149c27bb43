package io.quarry.text;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.SerializationFeature;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * What stands in a {@code tokenizer.json} of Hugging Face for a byte-level BPE with Granite 4's pre-tokenizer. Anything in
 * a file that would change the encoding and is not known here stops the reading with a sentence.
 *
 * @param vocabulary   id by entry, entries in {@link ByteAlphabet}
 * @param merges       pairs of entries in order of rank
 * @param added        tokens outside the merges
 * @param ignoreMerges whether a pretoken that is an entry is taken whole
 */
record TokenizerJson(Map<String, Integer> vocabulary, List<Pair> merges, List<AddedTokens.Token> added,
        boolean ignoreMerges) {
    private static final JsonMapper JSON = JsonMapper.builder().enable(SerializationFeature.INDENT_OUTPUT).build();

    /** Two entries that become one. */
    record Pair(String left, String right) {}

    static TokenizerJson read(Path file) throws IOException {
        if (!Files.isRegularFile(file))
            throw new IOException("there is no tokenizer at " + file
                    + "; expected a tokenizer.json in the format of Hugging Face tokenizers");
        try {
            JsonNode root = JSON.readTree(Files.readAllBytes(file));
            requireNull(file, root, "normalizer");
            requirePretokens(file, root.path("pre_tokenizer"));
            JsonNode model = root.path("model");
            requireBpe(file, model);
            Map<String, Integer> vocabulary = vocabulary(file, model.path("vocab"));
            return new TokenizerJson(vocabulary, merges(file, model.path("merges")),
                    added(file, root.path("added_tokens")), model.path("ignore_merges").asBoolean(false));
        } catch (JacksonException e) {
            throw new IOException(file + " is no JSON: " + e.getOriginalMessage(), e);
        }
    }

    private static void require(boolean holds, Path file, String what) throws IOException {
        if (!holds)
            throw new IOException(file + ": " + what);
    }

    private static void requireNull(Path file, JsonNode in, String key) throws IOException {
        JsonNode value = in.path(key);
        require(value.isMissingNode() || value.isNull(), file,
                key + " is " + value + "; only null is known (as in Granite 4)");
    }

    private static void requirePretokens(Path file, JsonNode node) throws IOException {
        JsonNode steps = node.path("pretokenizers");
        JsonNode split = steps.path(0);
        JsonNode bytes = steps.path(1);
        boolean known = node.path("type").asString("").equals("Sequence") && steps.size() == 2
                && split.path("type").asString("").equals("Split")
                && split.path("pattern").path("Regex").asString("").equals(Pretokens.PATTERN)
                && split.path("behavior").asString("").equals("Isolated") && !split.path("invert").asBoolean(false)
                && bytes.path("type").asString("").equals("ByteLevel")
                && !bytes.path("add_prefix_space").asBoolean(true) && !bytes.path("use_regex").asBoolean(true);
        require(known, file, "pre_tokenizer is " + node + "; only Granite 4's is known: a Split by "
                + Pretokens.PATTERN + ", then ByteLevel without regex and prefix space");
    }

    private static void requireBpe(Path file, JsonNode model) throws IOException {
        String type = model.path("type").asString("");
        require(type.equals("BPE"), file, "model.type is \"" + type + "\"; only BPE is known");
        for (String key : List.of("continuing_subword_prefix", "end_of_word_suffix")) {
            JsonNode value = model.path(key);
            require(value.isMissingNode() || value.isNull() || value.asString("?").isEmpty(), file,
                    "model." + key + " is " + value + "; a byte-level BPE has none");
        }
        require(!model.path("byte_fallback").asBoolean(false), file, "model.byte_fallback is not known");
        require(model.path("dropout").asDouble(0) == 0, file, "model.dropout is not known: encoding is exact");
    }

    private static Map<String, Integer> vocabulary(Path file, JsonNode node) throws IOException {
        require(node.isObject() && !node.isEmpty(), file, "model.vocab must be an object of ids by entry");
        Map<String, Integer> ids = LinkedHashMap.newLinkedHashMap(node.size());
        for (Map.Entry<String, JsonNode> entry : node.properties())
            ids.put(entry.getKey(), id(file, entry.getValue(), "model.vocab." + entry.getKey()));
        return ids;
    }

    private static int id(Path file, JsonNode node, String where) throws IOException {
        // A bound on ids keeps a hostile file from asking for a table of two billion rows.
        require(node.isInt() && node.intValue() >= 0 && node.intValue() < 1 << 24, file,
                where + " must be an id from 0 to 16777215, was " + node);
        return node.intValue();
    }

    private static List<Pair> merges(Path file, JsonNode node) throws IOException {
        require(node.isArray(), file, "model.merges must be an array");
        List<Pair> merges = new ArrayList<>(node.size());
        for (JsonNode merge : node) {
            String[] pair = merge.isArray() && merge.size() == 2
                    ? new String[] {merge.get(0).asString(), merge.get(1).asString()}
                    : merge.asString("").split(" ");
            require(pair.length == 2, file,
                    "model.merges[" + merges.size() + "] must be two entries, was " + merge);
            merges.add(new Pair(pair[0], pair[1]));
        }
        return merges;
    }

    private static List<AddedTokens.Token> added(Path file, JsonNode node) throws IOException {
        List<AddedTokens.Token> added = new ArrayList<>(node.size());
        for (JsonNode token : node) {
            String content = token.path("content").asString("");
            require(!content.isEmpty(), file, "added_tokens[" + added.size() + "] has no content");
            for (String key : List.of("single_word", "lstrip", "rstrip"))
                require(!token.path(key).asBoolean(false), file,
                        "added token " + content + " has " + key + "; only plain added tokens are known");
            added.add(new AddedTokens.Token(id(file, token.path("id"), "id of added token " + content), content,
                    token.path("special").asBoolean(false), token.path("normalized").asBoolean(false)));
        }
        return added;
    }

    /** Writes {@code tokenizer.json}, as Hugging Face {@code tokenizers} reads it. */
    void write(Path file) throws IOException {
        ObjectNode root = JSON.createObjectNode();
        root.put("version", "1.0").putNull("truncation").putNull("padding");
        ArrayNode tokens = root.putArray("added_tokens");
        for (AddedTokens.Token token : added)
            tokens.addObject().put("id", token.id()).put("content", token.content()).put("single_word", false)
                    .put("lstrip", false).put("rstrip", false).put("normalized", token.normalized())
                    .put("special", token.special());
        root.putNull("normalizer");
        ArrayNode steps = root.putObject("pre_tokenizer").put("type", "Sequence").putArray("pretokenizers");
        ObjectNode split = steps.addObject().put("type", "Split");
        split.putObject("pattern").put("Regex", Pretokens.PATTERN);
        split.put("behavior", "Isolated").put("invert", false);
        byteLevel(steps.addObject());
        byteLevel(root.putObject("post_processor"));
        byteLevel(root.putObject("decoder"));
        ObjectNode model = root.putObject("model").put("type", "BPE").putNull("dropout").putNull("unk_token")
                .putNull("continuing_subword_prefix").putNull("end_of_word_suffix").put("fuse_unk", false)
                .put("byte_fallback", false).put("ignore_merges", ignoreMerges);
        ObjectNode vocab = model.putObject("vocab");
        vocabulary.forEach(vocab::put);
        ArrayNode pairs = model.putArray("merges");
        for (Pair merge : merges)
            pairs.add(merge.left() + " " + merge.right());
        write(file, root);
    }

    private static void byteLevel(ObjectNode node) {
        node.put("type", "ByteLevel").put("add_prefix_space", false).put("trim_offsets", true).put("use_regex",
                false);
    }

    /** Writes {@code tokenizer_config.json} and {@code special_tokens_map.json} with the roles of Granite's tokens. */
    static void writeRoles(Path folder, long maxLength) throws IOException {
        ObjectNode config = roles();
        config.put("add_bos_token", false).put("add_prefix_space", false).put("clean_up_tokenization_spaces", false)
                .put("model_max_length", maxLength).put("padding_side", "left")
                .put("tokenizer_class", "PreTrainedTokenizerFast");
        write(folder.resolve("tokenizer_config.json"), config);
        write(folder.resolve("special_tokens_map.json"), roles());
    }

    private static ObjectNode roles() {
        return JSON.createObjectNode().put("bos_token", Specials.END_OF_TEXT).put("eos_token", Specials.END_OF_TEXT)
                .put("pad_token", Specials.PAD).put("unk_token", Specials.UNK);
    }

    private static void write(Path file, JsonNode node) throws IOException {
        Files.writeString(file, JSON.writeValueAsString(node) + "\n");
    }
}
