package io.quarry.recipe;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.Map;
import java.util.OptionalInt;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.dataformat.yaml.YAMLMapper;
import tools.jackson.dataformat.yaml.YAMLParser;

/** The line of every key of a YAML text, by path: {@code pretraining[1].mix} is in line 41. */
final class KeyLines {
    private final Map<String, Integer> lines = new HashMap<>();

    /** A map or list that is being read: its path, and in a list the place of the next element. */
    private static final class Level {
        private final String path;
        private final boolean isList;
        private int next;

        Level(String path, boolean isList) {
            this.path = path;
            this.isList = isList;
        }
    }

    private KeyLines() {}

    /** @throws IllegalArgumentException if the text uses aliases, which a recipe does not have */
    static KeyLines of(YAMLMapper yaml, String text) {
        KeyLines all = new KeyLines();
        Deque<Level> levels = new ArrayDeque<>();
        String key = "";
        try (JsonParser parser = yaml.createParser(text)) {
            for (JsonToken token; (token = parser.nextToken()) != null;) {
                int line = parser.currentTokenLocation().getLineNr();
                if (parser instanceof YAMLParser p && p.isCurrentAlias())
                    throw new IllegalArgumentException("line " + line + " uses an alias (*); a recipe says values out");
                if (token == JsonToken.PROPERTY_NAME) {
                    key = Binder.join(levels.peek().path, parser.currentName());
                    all.lines.put(key, line);
                } else if (token == JsonToken.END_OBJECT || token == JsonToken.END_ARRAY) {
                    levels.pop();
                } else {
                    Level in = levels.peek();
                    String path = in == null ? "" : in.isList ? in.path + "[" + in.next++ + "]" : key;
                    all.lines.putIfAbsent(path, line);
                    if (token == JsonToken.START_OBJECT || token == JsonToken.START_ARRAY)
                        levels.push(new Level(path, token == JsonToken.START_ARRAY));
                }
            }
        }
        return all;
    }

    /** The line of exactly this path. */
    OptionalInt at(String path) {
        Integer line = lines.get(path);
        return line == null ? OptionalInt.empty() : OptionalInt.of(line);
    }
}
