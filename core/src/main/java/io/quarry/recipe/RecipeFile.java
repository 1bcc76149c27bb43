package io.quarry.recipe;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.SerializationFeature;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;
import tools.jackson.dataformat.yaml.YAMLMapper;

/**
 * Reads a recipe from YAML: the size file is a JSON Merge Patch (RFC 7396) on the family file that its key {@code base}
 * names. One base, one patch, no chains.
 */
public final class RecipeFile {
    private static final YAMLMapper YAML = YAMLMapper.builder()
            .enable(tools.jackson.core.StreamReadFeature.STRICT_DUPLICATE_DETECTION).build();
    private static final JsonMapper JSON = JsonMapper.builder()
            .enable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
            .enable(DeserializationFeature.FAIL_ON_MISSING_CREATOR_PROPERTIES)
            .enable(DeserializationFeature.FAIL_ON_NULL_FOR_PRIMITIVES)
            .disable(DeserializationFeature.ACCEPT_FLOAT_AS_INT)
            .enable(SerializationFeature.ORDER_MAP_ENTRIES_BY_KEYS).build();

    private RecipeFile() {}

    /** Reads, merges and binds; an {@link IllegalArgumentException} says what is wrong, with file and path of the key. */
    public static Recipe read(Path file) throws IOException {
        JsonNode patch = tree(file);
        JsonNode base = patch.get("base");
        if (base == null)
            return bind(file, patch);
        Path family = file.resolveSibling(base.asString());
        if (!Files.exists(family))
            throw new IllegalArgumentException(file + ": base names " + family + ", which does not exist");
        JsonNode whole = tree(family);
        if (whole.has("base"))
            throw new IllegalArgumentException(family + " has a base of its own; one base, one patch, no chains");
        ObjectNode own = ((ObjectNode) patch).deepCopy();
        own.remove("base");
        return bind(file, merge(whole, own));
    }

    /** The resolved recipe as JSON with sorted keys: what is hashed and stored. */
    public static String json(Object part) {
        return JSON.writeValueAsString(part);
    }

    /** RFC 7396: objects merge, null removes, anything else replaces. */
    static JsonNode merge(JsonNode target, JsonNode patch) {
        if (!(patch instanceof ObjectNode changes))
            return patch;
        ObjectNode merged = target instanceof ObjectNode object ? object.deepCopy() : JSON.createObjectNode();
        for (Map.Entry<String, JsonNode> change : changes.properties()) {
            if (change.getValue().isNull())
                merged.remove(change.getKey());
            else
                merged.set(change.getKey(), merge(merged.path(change.getKey()), change.getValue()));
        }
        return merged;
    }

    private static JsonNode tree(Path file) throws IOException {
        if (!Files.isRegularFile(file))
            throw new IllegalArgumentException("there is no recipe " + file);
        try {
            JsonNode tree = YAML.readTree(Files.readString(file));
            if (!(tree instanceof ObjectNode))
                throw new IllegalArgumentException(file + " is no recipe: it must be a map of keys");
            return tree;
        } catch (JacksonException e) {
            throw new IllegalArgumentException(file + " is no YAML: " + e.getOriginalMessage() + " at line "
                    + e.getLocation().getLineNr(), e);
        }
    }

    private static Recipe bind(Path file, JsonNode tree) {
        try {
            return JSON.treeToValue(tree, Recipe.class);
        } catch (JacksonException e) {
            throw new IllegalArgumentException(file + ": " + e.getPathReference() + ": " + e.getOriginalMessage(), e);
        }
    }
}
