package io.quarry.chat;

import io.quarry.model.Gguf;
import io.quarry.model.GgufMetadata;
import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * What a model's files say about its chat template.
 *
 * @param name    where the template comes from, for messages
 * @param sources templates by name, {@code default} for the usual one; empty if there is none
 * @param tokens  special tokens by the name under which templates know them, such as {@code bos_token}
 */
record TemplateFiles(String name, Map<String, String> sources, Map<String, String> tokens) {
    private static final String OWN_FILE = "chat_template.jinja";
    private static final String MORE = "additional_chat_templates";
    private static final String CONFIG = "tokenizer_config.json";
    private static final String KEY = "chat_template";
    private static final String GGUF_KEY = "tokenizer.chat_template";
    /** Names of roles in templates, and in the keys of GGUF files. */
    private static final Map<String, String> ROLES = Map.of("bos_token", "bos", "eos_token", "eos", "unk_token",
            "unknown", "pad_token", "padding", "sep_token", "seperator", "cls_token", "cls", "mask_token", "mask");
    private static final long LONGEST = 64 << 20;
    private static final String DEFAULT = "default";

    /** Reads a model folder or a GGUF file. */
    static TemplateFiles read(Path model) throws IOException {
        if (Files.isRegularFile(model))
            try (Gguf gguf = Gguf.open(model)) {
                return gguf(model, gguf.metadata());
            }
        return folder(model);
    }

    private static TemplateFiles gguf(Path file, GgufMetadata keys) throws IOException {
        Map<String, String> sources = new TreeMap<>();
        for (String key : keys.values().keySet())
            if (key.equals(GGUF_KEY))
                sources.put(DEFAULT, keys.string(key));
            else if (key.startsWith(GGUF_KEY + "."))
                sources.put(key.substring(GGUF_KEY.length() + 1), keys.string(key));
        Map<String, String> tokens = new TreeMap<>();
        if (!sources.isEmpty() && keys.has("tokenizer.ggml.tokens")) {
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
        return new TemplateFiles(file + ", " + GGUF_KEY, sources, tokens);
    }

    /** As transformers looks for it: files of their own come before what {@code tokenizer_config.json} says. */
    private static TemplateFiles folder(Path dir) throws IOException {
        JsonNode config = json(dir.resolve(CONFIG));
        Map<String, String> sources = new TreeMap<>();
        String name = OWN_FILE;
        if (Files.isRegularFile(dir.resolve(OWN_FILE)))
            sources.put(DEFAULT, text(dir.resolve(OWN_FILE)));
        if (Files.isDirectory(dir.resolve(MORE)))
            try (DirectoryStream<Path> more = Files.newDirectoryStream(dir.resolve(MORE), "*.jinja")) {
                for (Path file : more)
                    sources.put(file.getFileName().toString().replaceFirst("\\.jinja$", ""), text(file));
            }
        if (sources.isEmpty()) {
            name = CONFIG;
            sources.putAll(named(dir.resolve(CONFIG), config.path(KEY)));
        }
        if (sources.isEmpty()) {
            name = "chat_template.json";
            sources.putAll(named(dir.resolve(name), json(dir.resolve(name)).path(KEY)));
        }
        Map<String, String> tokens = tokens(json(dir.resolve("special_tokens_map.json")));
        tokens.putAll(tokens(config));
        return new TemplateFiles(dir.resolve(name).toString(), sources, tokens);
    }

    /** One template, or a list of them with their names. */
    private static Map<String, String> named(Path file, JsonNode said) throws IOException {
        Map<String, String> sources = new TreeMap<>();
        if (said.isMissingNode() || said.isNull())
            return sources;
        if (said.isString())
            sources.put(DEFAULT, said.stringValue());
        else if (said.isArray())
            for (JsonNode each : said) {
                if (!each.path("name").isString() || !each.path("template").isString())
                    throw new IOException(file + ": " + KEY + "[" + sources.size()
                            + "] must have a name and a template, both strings");
                sources.put(each.path("name").stringValue(), each.path("template").stringValue());
            }
        else
            throw new IOException(file + ": " + KEY + " must be a string or a list of named templates");
        return sources;
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

    /** A file of JSON; an empty object if there is none. */
    private static JsonNode json(Path file) throws IOException {
        JsonMapper mapper = JsonMapper.shared();
        if (!Files.isRegularFile(file))
            return mapper.createObjectNode();
        try {
            return mapper.readTree(text(file));
        } catch (JacksonException e) {
            throw new IOException(file + " is no JSON: " + e.getOriginalMessage(), e);
        }
    }

    private static String text(Path file) throws IOException {
        long size = Files.size(file);
        if (size > LONGEST)
            throw new IOException(file + " has " + size + " bytes, at most " + LONGEST + " are read");
        try {
            return Files.readString(file);
        } catch (CharacterCodingException e) {
            throw new IOException(file + " has bytes that are no UTF-8", e);
        }
    }
}
