package io.quarry.recipe;

import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.stream.Collectors;
import tools.jackson.core.JacksonException;
import tools.jackson.core.StreamReadFeature;
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
    /** A recipe is written by hand; whatever is larger is something else. */
    private static final long MAX_BYTES = 1 << 20;
    private static final YAMLMapper YAML = YAMLMapper.builder().enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS).build();
    private static final JsonMapper JSON = JsonMapper.builder().enable(SerializationFeature.ORDER_MAP_ENTRIES_BY_KEYS)
            .build();

    private RecipeFile() {}

    /** A file that was read: where it is, its tree, and the lines of its keys. */
    private record Source(Path file, ObjectNode tree, KeyLines lines) {}

    /**
     * Reads, merges and binds.
     *
     * @throws IllegalArgumentException if something is wrong; one line per problem, with file, line and path of the key
     */
    public static Recipe read(Path file) throws IOException {
        Source own = source(file);
        JsonNode base = own.tree().remove("base");
        if (base == null)
            return bind(List.of(own), own.tree());
        if (!base.isString())
            throw new IllegalArgumentException(file + ": base must name a recipe file, was " + base);
        Path family = file.resolveSibling(base.asString());
        if (!Files.exists(family))
            throw new IllegalArgumentException(file + ": base names " + family + ", which does not exist");
        Source whole = source(family);
        if (whole.tree().has("base"))
            throw new IllegalArgumentException(family + " has a base of its own; one base, one patch, no chains");
        return bind(List.of(own, whole), merge(whole.tree(), own.tree()));
    }

    /** The resolved recipe, or a part of it, as JSON with sorted keys: what is hashed and stored. */
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

    private static Source source(Path file) throws IOException {
        if (!Files.isRegularFile(file))
            throw new IllegalArgumentException("there is no recipe " + file);
        if (Files.size(file) > MAX_BYTES)
            throw new IllegalArgumentException(file + " is no recipe: it has " + Files.size(file)
                    + " bytes, a recipe at most " + MAX_BYTES);
        try {
            String text = Files.readString(file);
            if (!(YAML.readTree(text) instanceof ObjectNode tree))
                throw new IllegalArgumentException(file + " is no recipe: it must be a map of keys");
            return new Source(file, tree, keyLines(file, text));
        } catch (CharacterCodingException e) {
            throw new IllegalArgumentException(file + " is no recipe: it is not UTF-8 text", e);
        } catch (JacksonException e) {
            String where = e.getLocation() == null ? "" : ":" + e.getLocation().getLineNr();
            throw new IllegalArgumentException(file + where + ": this is no YAML: " + firstLine(e), e);
        }
    }

    private static KeyLines keyLines(Path file, String text) {
        try {
            return KeyLines.of(YAML, text);
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException(file + ": " + e.getMessage(), e);
        }
    }

    private static String firstLine(JacksonException e) {
        return e.getOriginalMessage().lines().findFirst().orElse("unreadable");
    }

    private static Recipe bind(List<Source> sources, JsonNode tree) {
        Binder binder = new Binder();
        Recipe recipe = binder.bind(tree, Recipe.class);
        if (binder.problems().isEmpty())
            binder.check(() -> Whole.check(recipe));
        if (!binder.problems().isEmpty())
            throw new IllegalArgumentException(binder.problems().stream().map(p -> sentence(sources, p))
                    .collect(Collectors.joining("\n")));
        return recipe;
    }

    private static String sentence(List<Source> sources, Binder.Problem problem) {
        String path = problem.path().isEmpty() ? problem.sentence().split(" ")[0] : problem.path();
        String what = problem.path().isEmpty() ? problem.sentence() : problem.path() + " " + problem.sentence();
        for (String at = path; !at.isEmpty(); at = parent(at))
            for (Source source : sources) {
                OptionalInt line = source.lines().at(at);
                if (line.isPresent())
                    return source.file() + ":" + line.getAsInt() + ": " + what;
            }
        return sources.getFirst().file() + ": " + what;
    }

    /** {@code a (name).b[1]} has the parents {@code a (name).b}, {@code a (name)} and {@code a}. */
    private static String parent(String path) {
        int end = Math.max(path.lastIndexOf('.'), Math.max(path.lastIndexOf('['), path.lastIndexOf(" (")));
        return path.substring(0, Math.max(0, end));
    }
}
