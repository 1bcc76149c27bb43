package io.quarry.model;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/** What a GGUF file says of its tokens beside the vocabulary, as the files of a Hugging Face folder say it. */
final class HfRoles {
    private static final String KEY = "tokenizer.ggml.";
    private static final String[][] ROLES = {{"bos", "bos"}, {"eos", "eos"}, {"unk", "unknown"}, {"pad", "padding"}};

    private HfRoles() {}

    /** Adds the ids that a {@code config.json} has. */
    static void add(GgufMetadata m, ObjectNode config) throws IOException {
        for (String[] role : ROLES)
            if (!role[0].equals("unk") && m.has(KEY + role[1] + "_token_id"))
                config.put(role[0] + "_token_id", m.whole(KEY + role[1] + "_token_id"));
    }

    /** Writes {@code tokenizer_config.json}, where there is something to say. */
    static void write(GgufMetadata m, Path dir) throws IOException {
        if (!m.has(KEY + "tokens"))
            return;
        List<String> tokens = m.strings(KEY + "tokens");
        ObjectNode config = JsonMapper.shared().createObjectNode();
        for (String[] role : ROLES)
            if (m.has(KEY + role[1] + "_token_id")) {
                int id = m.whole(KEY + role[1] + "_token_id");
                if (id >= tokens.size())
                    throw new IOException("key " + KEY + role[1] + "_token_id: found " + id + ", the vocabulary has "
                            + tokens.size() + " tokens");
                config.put(role[0] + "_token", tokens.get(id));
            }
        for (String key : List.of("add_bos_token", "add_eos_token"))
            if (m.has(KEY + key))
                config.put(key, m.flag(KEY + key));
        config.put("clean_up_tokenization_spaces", false).put("tokenizer_class", "PreTrainedTokenizerFast");
        Files.writeString(dir.resolve("tokenizer_config.json"), config.toPrettyString() + "\n");
    }
}
