package io.quarry.model;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import tools.jackson.databind.JsonNode;

/** The token ids at which a text of a model ends, as its files say; several models have more than one. */
public final class EndTokens {
    /** The end of a text, of a turn, and of a message that waits for a tool. */
    private static final List<String> GGUF = List.of("eos", "eot", "eom");

    private EndTokens() {}

    /**
     * Reads them: {@code eos_token_id} of {@code config.json} and {@code generation_config.json}, one number or a list;
     * or the keys {@code tokenizer.ggml.eos_token_id}, {@code eot_token_id} and {@code eom_token_id} of a GGUF file.
     *
     * @param model a model folder or a GGUF file
     * @return ids, not checked against a vocabulary; empty if nothing is said
     */
    public static Set<Integer> of(Path model) throws IOException {
        Set<Integer> ends = new TreeSet<>();
        if (Files.isRegularFile(model))
            try (Gguf gguf = Gguf.open(model)) {
                for (String end : GGUF) {
                    String key = "tokenizer.ggml." + end + "_token_id";
                    if (gguf.metadata().has(key))
                        ends.add(gguf.metadata().whole(key));
                }
            }
        else
            for (String name : List.of(Config.FILE, Config.GENERATION_FILE))
                if (Files.isRegularFile(model.resolve(name)))
                    add(Config.keys(model.resolve(name)), ends);
        return ends;
    }

    private static void add(Keys keys, Set<Integer> ends) throws IOException {
        String key = "eos_token_id";
        Keys from = keys.has(key) || !keys.has("text_config") ? keys : keys.inside("text_config");
        JsonNode said = from.root().path(key);
        if (said.isArray())
            ends.addAll(from.wholes(key));
        else if (from.has(key))
            ends.add(from.whole(key));
    }
}
