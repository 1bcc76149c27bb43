package io.quarry.model;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collections;
import java.util.Map;
import java.util.SequencedMap;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.regex.Pattern;
import tools.jackson.databind.JsonNode;

/**
 * The chat templates of a model as they are written, and where its files have them.
 *
 * @param from   the file they come from, for messages
 * @param byName {@link #DEFAULT} is the usual one; empty if there is none
 */
public record TemplateSources(String from, SortedMap<String, String> byName) {
    /** The usual template of a folder. */
    public static final String FILE = "chat_template.jinja";
    /** The name of the usual template among others, for instance {@code tool_use}. */
    public static final String DEFAULT = "default";
    /** The folder of those that have names. */
    private static final String MORE = "additional_chat_templates";
    private static final String ENDING = ".jinja";
    private static final String CONFIG = "tokenizer_config.json";
    private static final String JSON_FILE = "chat_template.json";
    private static final String KEY = "chat_template";
    private static final String GGUF_KEY = "tokenizer.chat_template";
    /** A name may become that of a file, and of a key. */
    private static final String NAME = "[A-Za-z0-9_-]{1,64}";
    private static final Pattern FILES = Pattern.compile(
            Pattern.quote(FILE) + "|" + Pattern.quote(JSON_FILE) + "|" + MORE + "/[^/]+" + Pattern.quote(ENDING));

    /** Takes the templates as they are. */
    public TemplateSources {
        byName = Collections.unmodifiableSortedMap(new TreeMap<>(byName));
    }

    /** Whether a path within a folder, with slashes, is that of a file with templates alone. */
    public static boolean isFile(String path) {
        return FILES.matcher(path).matches();
    }

    /** As transformers looks for them: files of their own come before what {@code tokenizer_config.json} says. */
    public static TemplateSources ofFolder(Path dir) throws IOException {
        SortedMap<String, String> files = new TreeMap<>();
        if (Files.isRegularFile(dir.resolve(FILE)))
            files.put(DEFAULT, SideFile.text(dir.resolve(FILE)));
        if (Files.isDirectory(dir.resolve(MORE)))
            try (DirectoryStream<Path> more = Files.newDirectoryStream(dir.resolve(MORE), "*" + ENDING)) {
                for (Path file : more) {
                    String name = file.getFileName().toString();
                    files.put(name.substring(0, name.length() - ENDING.length()), SideFile.text(file));
                }
            }
        if (!files.isEmpty())
            return new TemplateSources(dir.resolve(FILE).toString(), files);
        TemplateSources config = ofJson(dir.resolve(CONFIG));
        return config.byName.isEmpty() ? ofJson(dir.resolve(JSON_FILE)) : config;
    }

    /** One template, or a list of them with their names. */
    private static TemplateSources ofJson(Path file) throws IOException {
        JsonNode said = SideFile.json(file).path(KEY);
        SortedMap<String, String> sources = new TreeMap<>();
        if (said.isString())
            sources.put(DEFAULT, said.stringValue());
        else if (said.isArray())
            for (JsonNode each : said) {
                if (!each.path("name").isString() || !each.path("template").isString())
                    throw new IOException(file + ": " + KEY + "[" + sources.size()
                            + "] must have a name and a template, both strings");
                sources.put(each.path("name").stringValue(), each.path("template").stringValue());
            }
        else if (!said.isMissingNode() && !said.isNull())
            throw new IOException(file + ": " + KEY + " must be a string or a list of named templates");
        return new TemplateSources(file.toString(), sources);
    }

    /** Those of a GGUF file. */
    public static TemplateSources ofGguf(Path file, GgufMetadata keys) throws IOException {
        SortedMap<String, String> sources = new TreeMap<>();
        for (String key : keys.values().keySet())
            if (key.equals(GGUF_KEY))
                sources.put(DEFAULT, keys.string(key));
            else if (key.startsWith(GGUF_KEY + "."))
                sources.put(key.substring(GGUF_KEY.length() + 1), keys.string(key));
        return new TemplateSources(file + ", " + GGUF_KEY, sources);
    }

    /** Adds them to the keys of a GGUF file. */
    void addTo(SequencedMap<String, GgufValue> keys) throws IOException {
        for (Map.Entry<String, String> each : byName.entrySet()) {
            boolean usual = each.getKey().equals(DEFAULT);
            keys.put(usual ? GGUF_KEY : GGUF_KEY + "." + checked(each.getKey(), from),
                    GgufValue.of(each.getValue()));
        }
    }

    /** Writes those of a GGUF file into a folder. */
    void write(Path dir) throws IOException {
        for (Map.Entry<String, String> each : byName.entrySet()) {
            String name = each.getKey();
            Path file = name.equals(DEFAULT)
                    ? dir.resolve(FILE)
                    : dir.resolve(MORE).resolve(checked(name, from + "." + name) + ENDING);
            Files.createDirectories(file.getParent());
            Files.writeString(file, each.getValue());
        }
    }

    private static String checked(String name, String where) throws IOException {
        if (!name.matches(NAME))
            throw new IOException(where + ": a template cannot be called '" + name
                    + "', expected letters, digits, - and _");
        return name;
    }
}
