package io.quarry.chat;

import io.quarry.model.Gguf;
import io.quarry.model.GgufMetadata;
import io.quarry.model.SideFile;
import io.quarry.model.TemplateSources;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import tools.jackson.databind.JsonNode;

/**
 * What a model's files say about its chat template.
 *
 * @param name    where the template comes from, for messages
 * @param sources templates by name, {@code default} for the usual one; empty if there is none
 * @param tokens  special tokens by the name under which templates know them, such as {@code bos_token}
 */
record TemplateFiles(String name, Map<String, String> sources, Map<String, String> tokens) {
    /** Names of roles in templates, and in the keys of GGUF files. */
    private static final Map<String, String> ROLES = Map.of("bos_token", "bos", "eos_token", "eos", "unk_token",
            "unknown", "pad_token", "padding", "sep_token", "seperator", "cls_token", "cls", "mask_token", "mask");

    /** Reads a model folder or a GGUF file. */
    static TemplateFiles read(Path model) throws IOException {
        if (Files.isRegularFile(model))
            try (Gguf gguf = Gguf.open(model)) {
                return gguf(model, gguf.metadata());
            }
        return folder(model);
    }

    private static TemplateFiles gguf(Path file, GgufMetadata keys) throws IOException {
        TemplateSources sources = TemplateSources.ofGguf(file, keys);
        Map<String, String> tokens = new TreeMap<>();
        if (!sources.byName().isEmpty() && keys.has("tokenizer.ggml.tokens")) {
            List<String> vocabulary = keys.strings("tokenizer.ggml.tokens");
            for (Map.Entry<String, String> role : ROLES.entrySet()) {
                String key = "tokenizer.ggml." + role.getValue() + "_token_id";
                if (!keys.has(key))
                    continue;
                int id = keys.whole(key);
                if (id >= vocabulary.size())
                    throw new IOException(file + ", key " + key + ": found " + id + ", the vocabulary has "
                            + vocabulary.size() + " tokens");
                tokens.put(role.getKey(), vocabulary.get(id));
            }
        }
        return new TemplateFiles(sources.from(), sources.byName(), tokens);
    }

    private static TemplateFiles folder(Path dir) throws IOException {
        TemplateSources sources = TemplateSources.ofFolder(dir);
        Map<String, String> tokens = tokens(SideFile.json(dir.resolve("special_tokens_map.json")));
        tokens.putAll(tokens(SideFile.json(dir.resolve("tokenizer_config.json"))));
        return new TemplateFiles(sources.from(), sources.byName(), tokens);
    }

    /** All that is called a token: a string, or an object with the string as its content. */
    private static Map<String, String> tokens(JsonNode config) {
        Map<String, String> tokens = new LinkedHashMap<>();
        for (Map.Entry<String, JsonNode> entry : config.properties()) {
            JsonNode said = entry.getValue().isObject() ? entry.getValue().path("content") : entry.getValue();
            if (entry.getKey().endsWith("_token") && said.isString())
                tokens.put(entry.getKey(), said.stringValue());
        }
        return tokens;
    }
}
