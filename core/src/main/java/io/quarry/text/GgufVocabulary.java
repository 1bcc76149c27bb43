package io.quarry.text;

import io.quarry.model.GgufMetadata;
import java.io.IOException;

/**
 * The vocabulary of a GGUF file: its keys {@code tokenizer.ggml.*} as they stand there, null where the file has none.
 *
 * @param model          {@code gpt2} (byte-level BPE) or {@code llama} (SentencePiece)
 * @param pre            which pre-tokenizer a {@code gpt2} vocabulary has
 * @param name           {@code general.name}: llama.cpp knows Phi-3 by it
 * @param tokens         text of each id
 * @param types          kind of each id: 1 normal, 2 unknown, 3 control, 4 user-defined, 5 unused, 6 byte; null means all
 *                       normal
 * @param scores         of each id, for {@code llama}
 * @param merges         two entries with a space between, in order of rank, for {@code gpt2}
 * @param bos            id of the beginning of a text
 * @param eos            id of the end of a text
 * @param unknown        id of what is not in the vocabulary
 * @param addBos         whether a text begins with {@code bos}
 * @param addEos         whether a text ends with {@code eos}
 * @param addSpacePrefix whether a text begins with a space, for {@code llama}
 */
public record GgufVocabulary(String model, String pre, String name, String[] tokens, int[] types, float[] scores,
        String[] merges, Integer bos, Integer eos, Integer unknown, Boolean addBos, Boolean addEos,
        Boolean addSpacePrefix) {
    static final int NORMAL = 1;
    static final int UNKNOWN = 2;
    static final int CONTROL = 3;
    static final int USER_DEFINED = 4;
    static final int BYTE = 6;

    /** Reads the keys {@code tokenizer.ggml.*} of a file. */
    public static GgufVocabulary of(GgufMetadata keys) throws IOException {
        String at = "tokenizer.ggml.";
        return new GgufVocabulary(keys.string(at + "model"), keys.has(at + "pre") ? keys.string(at + "pre") : null,
                keys.has("general.name") ? keys.string("general.name") : "",
                keys.strings(at + "tokens").toArray(String[]::new),
                keys.has(at + "token_type") ? keys.wholes(at + "token_type") : null,
                keys.has(at + "scores") ? keys.numbers(at + "scores") : null,
                keys.has(at + "merges") ? keys.strings(at + "merges").toArray(String[]::new) : null,
                id(keys, "bos"), id(keys, "eos"), id(keys, "unknown"), flag(keys, "add_bos_token"),
                flag(keys, "add_eos_token"), flag(keys, "add_space_prefix"));
    }

    private static Integer id(GgufMetadata keys, String token) throws IOException {
        String key = "tokenizer.ggml." + token + "_token_id";
        return keys.has(key) ? keys.whole(key) : null;
    }

    private static Boolean flag(GgufMetadata keys, String name) throws IOException {
        String key = "tokenizer.ggml." + name;
        return keys.has(key) ? keys.flag(key) : null;
    }

    int type(int id) {
        return types == null ? NORMAL : types[id];
    }
}
