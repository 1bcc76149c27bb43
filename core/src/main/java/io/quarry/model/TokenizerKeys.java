package io.quarry.model;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import java.util.TreeSet;
import tools.jackson.databind.JsonNode;

/**
 * The vocabulary, merges, roles of tokens and chat template of a Hugging Face folder as keys of a GGUF file: a byte-level BPE
 * becomes the model {@code gpt2}, a BPE with byte fallback (SentencePiece's) {@code llama}.
 */
final class TokenizerKeys {
    private static final String KEY = "tokenizer.ggml.";
    private static final int NORMAL = 1;
    private static final int UNKNOWN = 2;
    private static final int CONTROL = 3;
    private static final int USER_DEFINED = 4;
    private static final int UNUSED = 5;
    private static final int BYTE = 6;
    private static final String BYTE_TOKEN = "<0x[0-9A-F]{2}>";

    private final Path dir;
    private final int rows;
    private final JsonNode root;
    private final JsonNode config;
    private final String[] tokens;
    private final int[] types;
    private final Map<String, Integer> ids = new HashMap<>();

    private TokenizerKeys(Path dir, int rows, JsonNode root, JsonNode config) {
        this.dir = dir;
        this.rows = rows;
        this.root = root;
        this.config = config;
        this.tokens = new String[rows];
        this.types = new int[rows];
    }

    /**
     * Adds the keys of the tokenizer of a folder; of one that has none, that there is none.
     *
     * @param rows rows of the embedding: the vocabulary of the file has as many, unused ones where the tokenizer has less
     */
    static void add(Path dir, int rows, SequencedMap<String, GgufValue> metadata) throws IOException {
        Path file = dir.resolve("tokenizer.json");
        if (Files.isRegularFile(file))
            new TokenizerKeys(dir, rows, SideFile.json(file), SideFile.json(dir.resolve("tokenizer_config.json")))
                    .add(metadata);
        else
            metadata.put(KEY + "model", GgufValue.of("no_vocab"));
        TemplateSources.ofFolder(dir).addTo(metadata);
    }

    private IOException wrong(String what) {
        return new IOException(dir.resolve("tokenizer.json") + ": " + what);
    }

    private void add(SequencedMap<String, GgufValue> metadata) throws IOException {
        JsonNode model = root.path("model");
        if (!model.path("type").asString("").equals("BPE"))
            throw wrong("model.type is '" + model.path("type").asString("") + "', converted is BPE");
        boolean sentencePiece = model.path("byte_fallback").asBoolean(false);
        vocabulary(model, sentencePiece);
        List<String> merges = merges(model);
        metadata.put(KEY + "model", GgufValue.of(sentencePiece ? "llama" : "gpt2"));
        metadata.put(KEY + "pre", GgufValue.of(sentencePiece ? "default" : pre(model)));
        metadata.put(KEY + "tokens", GgufValue.of(Arrays.asList(tokens)));
        metadata.put(KEY + "token_type", GgufValue.of(types));
        if (sentencePiece)
            metadata.put(KEY + "scores", GgufValue.of(scores(merges)));
        else
            metadata.put(KEY + "merges", GgufValue.of(merges));
        roles(metadata);
        boolean begins = config.has("add_bos_token")
                ? config.path("add_bos_token").asBoolean(false)
                : root.path("post_processor").toString().contains("\"" + role("bos") + "\"");
        metadata.put(KEY + "add_bos_token", GgufValue.of(begins));
        if (config.path("add_eos_token").isBoolean())
            metadata.put(KEY + "add_eos_token", GgufValue.of(config.path("add_eos_token").asBoolean(false)));
        metadata.put(KEY + "add_space_prefix", GgufValue.of(sentencePiece && prefix()));
    }

    private void vocabulary(JsonNode model, boolean sentencePiece) throws IOException {
        String unknown = model.path("unk_token").asString("");
        for (Map.Entry<String, JsonNode> entry : model.path("vocab").properties()) {
            int type = sentencePiece && entry.getKey().matches(BYTE_TOKEN)
                    ? BYTE
                    : sentencePiece && entry.getKey().equals(unknown) ? UNKNOWN : NORMAL;
            token(entry.getKey(), entry.getValue(), type);
        }
        for (JsonNode added : root.path("added_tokens").values()) {
            String content = added.path("content").asString("");
            boolean isUnknown = sentencePiece && content.equals(unknown);
            token(content, added.path("id"),
                    isUnknown ? UNKNOWN : added.path("special").asBoolean(false) ? CONTROL : USER_DEFINED);
        }
        for (int id = 0; id < rows; id++)
            if (tokens[id] == null) {
                tokens[id] = "[PAD" + id + "]";
                types[id] = UNUSED;
            }
    }

    private void token(String text, JsonNode id, int type) throws IOException {
        if (!id.isIntegralNumber() || !id.canConvertToInt() || id.intValue() < 0 || id.intValue() >= rows)
            throw wrong("the token '" + text + "' has the id " + id + ", the model has " + rows + " rows");
        tokens[id.intValue()] = text;
        types[id.intValue()] = type;
        ids.put(text, id.intValue());
    }

    private List<String> merges(JsonNode model) throws IOException {
        List<String> merges = new ArrayList<>();
        for (JsonNode merge : model.path("merges").values()) {
            boolean pair = merge.isArray() && merge.size() == 2;
            String text = pair ? merge.get(0).asString("") + " " + merge.get(1).asString("") : merge.asString("");
            if (text.indexOf(' ', 1) < 0 || pair && text.indexOf(' ', 1) != text.lastIndexOf(' '))
                throw wrong("merge " + merges.size() + " is " + merge + ", expected two entries without spaces");
            merges.add(text);
        }
        if (merges.isEmpty())
            throw wrong("model.merges is missing or empty; a BPE without merges is not whole");
        return merges;
    }

    /** The earlier a token can be made by merging, the higher its score: SentencePiece merges by score, not by rank. */
    private float[] scores(List<String> merges) {
        float[] scores = new float[rows];
        Arrays.fill(scores, -1 - merges.size());
        int made = 0;
        for (String merge : merges) {
            Integer id = ids.get(merge.replace(" ", ""));
            if (id != null && scores[id] < -merges.size())
                scores[id] = -made++;
        }
        for (int id = 0; id < rows; id++)
            if (types[id] != NORMAL)
                scores[id] = types[id] == UNUSED ? -10_000 : 0;
        return scores;
    }

    /** The name llama.cpp has for the way text is cut into words. */
    private String pre(JsonNode model) throws IOException {
        JsonNode node = root.path("pre_tokenizer");
        List<String> types = new ArrayList<>();
        TreeSet<String> patterns = new TreeSet<>();
        for (JsonNode step : node.has("pretokenizers") ? node.get("pretokenizers").values() : List.of(node)) {
            types.add(step.path("type").asString(""));
            if (step.path("pattern").path("Regex").isString())
                patterns.add(step.path("pattern").path("Regex").asString());
        }
        boolean letters = patterns.size() == 1 && patterns.first().contains("[^\\r\\n\\p{L}\\p{N}]?\\p{L}+");
        if (letters && patterns.first().contains("|\\p{N}{1,3}|"))
            return model.path("ignore_merges").asBoolean(false) ? "llama-bpe" : "dbrx";
        if (letters && patterns.first().contains("|\\p{N}|"))
            return "qwen2";
        if (patterns.isEmpty() && types.equals(List.of("Digits", "ByteLevel")))
            return "refact";
        if (patterns.isEmpty() && types.equals(List.of("ByteLevel")))
            return "gpt-2";
        throw wrong("pre_tokenizer is " + types + " with the patterns " + patterns
                + "; GGUF files have a name for those of Granite, Llama 3, Qwen, SmolLM and GPT-2");
    }

    private void roles(SequencedMap<String, GgufValue> metadata) {
        for (String[] pair : new String[][] {{"bos", "bos"}, {"eos", "eos"}, {"unk", "unknown"}, {"pad", "padding"}}) {
            Integer id = ids.get(role(pair[0]));
            if (id != null)
                metadata.put(KEY + pair[1] + "_token_id", GgufValue.of(id));
        }
    }

    /** The text of the token that has a role: said plainly or as an object with its content. */
    private String role(String name) {
        JsonNode node = config.path(name + "_token");
        return node.isObject() ? node.path("content").asString("") : node.asString("");
    }

    /** Whether a space is put before a text: by the normalizer, or by the pre-tokenizer of newer files. */
    private boolean prefix() {
        String steps = root.path("normalizer") + " " + root.path("pre_tokenizer");
        return steps.contains("\"Prepend\"") || steps.contains("\"prepend_scheme\":\"first\"")
                || steps.contains("\"prepend_scheme\":\"always\"");
    }
}
