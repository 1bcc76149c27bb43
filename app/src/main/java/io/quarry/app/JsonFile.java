package io.quarry.app;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** A JSON file of a model, as far as a person wants to know what is in it. */
record JsonFile(JsonNode root) {
    /** Tokenizers of large vocabularies have some 30 MB. */
    private static final long MOST = 1L << 27;

    static JsonFile read(Path file) throws IOException {
        if (!Files.isRegularFile(file))
            throw new IOException(file.getParent() + " is no model: it has no " + file.getFileName());
        if (Files.size(file) > MOST)
            throw new IOException(file + " has " + Files.size(file) + " bytes, expected at most " + MOST);
        try {
            return new JsonFile(JsonMapper.shared().readTree(Files.readAllBytes(file)));
        } catch (JacksonException e) {
            throw new IOException(file + " is no JSON: " + e.getOriginalMessage(), e);
        }
    }

    static JsonFile orEmpty(Path file) throws IOException {
        return Files.isRegularFile(file) ? read(file) : new JsonFile(JsonMapper.shared().createObjectNode());
    }
}
