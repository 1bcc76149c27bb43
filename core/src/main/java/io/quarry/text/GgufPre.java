package io.quarry.text;

import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * The pre-tokenizers that {@code tokenizer.ggml.pre} names, as llama.cpp's {@code llama-vocab.cpp} and the
 * {@code tokenizer.json} they were made from have them.
 *
 * @param cut          how text is cut into words
 * @param splits       patterns, one after the other: each cuts what those before it have left
 * @param digits       whether every number is a word, before all else
 * @param gpt2         whether GPT-2's pattern cuts what is left
 * @param ignoreMerges whether a word that is an entry is taken whole
 * @param addBos       whether a text begins with the token of its beginning, where the file does not say
 */
record GgufPre(Cut cut, List<String> splits, boolean digits, boolean gpt2, boolean ignoreMerges, boolean addBos) {
    private static final String CASED = "[^\\r\\n\\p{L}\\p{N}]?[\\p{Lu}\\p{Lt}\\p{Lm}\\p{Lo}\\p{M}]*"
            + "[\\p{Ll}\\p{Lm}\\p{Lo}\\p{M}]+%1$s|[^\\r\\n\\p{L}\\p{N}]?[\\p{Lu}\\p{Lt}\\p{Lm}\\p{Lo}\\p{M}]+"
            + "[\\p{Ll}\\p{Lm}\\p{Lo}\\p{M}]*%1$s|%2$s| ?[^\\s\\p{L}\\p{N}]+[\\r\\n/]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+";
    private static final String TEKKEN = CASED.formatted("", "\\p{N}");
    private static final String GPT_4O = CASED.formatted("(?i:'s|'t|'re|'ve|'m|'ll|'d)?", "\\p{N}{1,3}");

    private static final Map<String, GgufPre> NAMED = new TreeMap<>();

    static {
        put(split(true, Llama3Cut.THREES.pattern()), "llama3", "llama-v3", "llama-bpe", "falcon3", "pixtral");
        put(split(false, Llama3Cut.THREES.pattern()), "dbrx", "smaug-bpe");
        put(split(false, Llama3Cut.ONES.pattern()), "qwen2", "deepseek-r1-qwen", "stablelm2", "megrez");
        put(split(true, TEKKEN), "tekken");
        put(split(false, GPT_4O), "gpt-4o", "llama4");
        put(split(false, "[\\p{P}\\$\\+<=>\\^~\\|]+", Gpt2Cut.PATTERN, "\\p{N}+", "[0-9][0-9][0-9]"), "default");
        put(new GgufPre(new Gpt2Cut(Gpt2Cut.Numbers.ALONE), List.of(), true, true, false, false), "refact",
                "starcoder", "smollm", "command-r", "codeshell");
        put(new GgufPre(new Gpt2Cut(Gpt2Cut.Numbers.WITH_SPACE), List.of(), false, true, false, false), "gpt-2",
                "phi-2", "mpt", "olmo", "granite-docling");
    }

    private static void put(GgufPre pre, String... names) {
        for (String name : names)
            NAMED.put(name, pre);
    }

    private static GgufPre split(boolean likeLlama3, String... patterns) {
        Cut known = patterns.length == 1 ? JsonSteps.KNOWN.get(patterns[0]) : null;
        Cut cut = known != null ? known : new PieceCut(List.of(patterns).stream().map(pattern -> {
            Splits.Pattern compiled = new Oniguruma(pattern);
            PieceCut.Step step = piece -> Splits.ISOLATED.pieces(piece, compiled, false);
            return step;
        }).toList());
        return new GgufPre(cut, List.of(patterns), false, false, likeLlama3, likeLlama3);
    }

    static GgufPre named(String name) {
        GgufPre pre = name == null ? null : NAMED.get(name);
        if (pre == null)
            throw new IllegalArgumentException(
                    "tokenizer.ggml.pre is " + (name == null ? "missing" : "\"" + name + "\"")
                            + ", so it is not known how text is cut into words; known are " + NAMED.keySet());
        return pre;
    }

    /** Writes the steps as a {@code tokenizer.json} has them. */
    void write(ArrayNode steps) {
        for (String pattern : splits) {
            ObjectNode split = steps.addObject().put("type", "Split");
            split.putObject("pattern").put("Regex", pattern);
            split.put("behavior", "Isolated").put("invert", false);
        }
        if (digits)
            steps.addObject().put("type", "Digits").put("individual_digits", true);
        GraniteJson.byteLevel(steps.addObject(), gpt2);
    }
}
