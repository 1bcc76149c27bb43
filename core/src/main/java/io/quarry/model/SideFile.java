package io.quarry.model;

import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Files;
import java.nio.file.Path;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** A file beside the weights of a model folder: a template, or what it says of its tokens. */
public final class SideFile {
    private static final long LONGEST = 1L << 27;

    private SideFile() {}

    /**
     * A file of text.
     *
     * @throws IOException with a sentence, if it is longer than any such file or no UTF-8
     */
    public static String text(Path file) throws IOException {
        long size = Files.size(file);
        if (size > LONGEST)
            throw new IOException(file + " has " + size + " bytes, expected at most " + LONGEST);
        try {
            return Files.readString(file);
        } catch (CharacterCodingException e) {
            throw new IOException(file + " has bytes that are no UTF-8", e);
        }
    }

    /**
     * A file of JSON; an empty object if there is none.
     *
     * @throws IOException with a sentence, if it is something else
     */
    public static JsonNode json(Path file) throws IOException {
        if (!Files.isRegularFile(file))
            return JsonMapper.shared().createObjectNode();
        try {
            return JsonMapper.shared().readTree(text(file));
        } catch (JacksonException e) {
            throw new IOException(file + " is no JSON: " + e.getOriginalMessage(), e);
        }
    }
}
