package io.quarry.text;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.SerializationFeature;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** Writes a trained vocabulary as Granite 4 has it, in the files of Hugging Face. */
final class GraniteJson {
    private static final JsonMapper JSON = JsonMapper.builder().enable(SerializationFeature.INDENT_OUTPUT).build();

    /** Two entries that become one. */
    record Pair(String left, String right) {}

    private GraniteJson() {}

    /**
     * A {@code tokenizer.json}.
     *
     * @param entries of the vocabulary, in {@link ByteAlphabet} and in order of their ids; the special tokens come behind
     * @param merges  in order of rank
     */
    static byte[] write(List<String> entries, List<Pair> merges) {
        ObjectNode root = JSON.createObjectNode();
        root.put("version", "1.0").putNull("truncation").putNull("padding");
        ArrayNode tokens = root.putArray("added_tokens");
        for (AddedTokens.Token token : Specials.GRANITE)
            tokens.addObject().put("id", entries.size() + tokens.size() - 1).put("content", token.content())
                    .put("single_word", false).put("lstrip", false).put("rstrip", false).put("normalized", false)
                    .put("special", token.special());
        root.putNull("normalizer");
        ArrayNode steps = root.putObject("pre_tokenizer").put("type", "Sequence").putArray("pretokenizers");
        ObjectNode split = steps.addObject().put("type", "Split");
        split.putObject("pattern").put("Regex", Llama3Cut.THREES.pattern());
        split.put("behavior", "Isolated").put("invert", false);
        byteLevel(steps.addObject(), false);
        byteLevel(root.putObject("post_processor"), false);
        byteLevel(root.putObject("decoder"), false);
        ObjectNode model = root.putObject("model").put("type", "BPE").putNull("dropout").putNull("unk_token")
                .putNull("continuing_subword_prefix").putNull("end_of_word_suffix").put("fuse_unk", false)
                .put("byte_fallback", false).put("ignore_merges", false);
        ObjectNode vocab = model.putObject("vocab");
        entries.forEach(entry -> vocab.put(entry, vocab.size()));
        ArrayNode pairs = model.putArray("merges");
        for (Pair merge : merges)
            pairs.add(merge.left() + " " + merge.right());
        return (JSON.writeValueAsString(root) + "\n").getBytes(UTF_8);
    }

    static void byteLevel(ObjectNode node, boolean regex) {
        node.put("type", "ByteLevel").put("add_prefix_space", false).put("trim_offsets", true).put("use_regex",
                regex);
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
