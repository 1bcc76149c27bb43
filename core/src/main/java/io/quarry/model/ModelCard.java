package io.quarry.model;

import io.quarry.ledger.Licence;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;
import tools.jackson.dataformat.yaml.YAMLMapper;

/**
 * Under which licence a model may be used: the {@code README.md} of a folder says it in YAML between lines of dashes at its
 * front, a GGUF file in its keys.
 */
public final class ModelCard {
    /** The card's name in a folder. */
    public static final String FILE = "README.md";
    /** Cards with long lists of languages and results have some 100 KB of front matter. */
    private static final int MAX_BYTES = 1 << 20;
    private static final int MAX_SHOWN = 120;
    private static final Pattern FRONT = Pattern.compile("\\A\\uFEFF?---[ \\t]*\\R(.*?\\R)---[ \\t]*(?:\\R|\\z)",
            Pattern.DOTALL);
    /** What a card calls it, and the key of a GGUF file for the same. */
    private static final String[][] SAID = {{"license", "general.license"}, {"license_name", "general.license.name"},
        {"license_link", "general.license.link"}};

    private ModelCard() {}

    /** The licence a card names, in SPDX's spelling where that is known; empty if there is no card, or none that says. */
    public static Optional<String> licence(Path card) throws IOException {
        return front(card)
                .flatMap(front -> licence(names(front.path(SAID[0][0])), front.path(SAID[1][0]).asString("")));
    }

    /** The same of a GGUF file; empty if it does not say. */
    public static Optional<String> licence(GgufMetadata keys) throws IOException {
        List<String> names = new ArrayList<>();
        if (keys.has(SAID[0][1]) && !keys.string(SAID[0][1]).isBlank())
            names.addAll(List.of(keys.string(SAID[0][1]).split(", ")));
        return licence(names, keys.has(SAID[1][1]) ? keys.string(SAID[1][1]) : "");
    }

    private static Optional<String> licence(List<String> said, String name) {
        List<String> names = said.equals(List.of("other")) && !name.isBlank() ? List.of(name) : said;
        return names.isEmpty()
                ? Optional.empty()
                : Optional.of(shown(String.join(", ", names.stream().map(ModelCard::spelled).toList())));
    }

    /** What a stranger wrote, fit for a terminal. */
    private static String shown(String text) {
        String plain = text.replaceAll("\\p{Cntrl}", "?");
        return plain.length() <= MAX_SHOWN ? plain : plain.substring(0, MAX_SHOWN) + "...";
    }

    /** In SPDX's spelling where that is known. */
    private static String spelled(String licence) {
        return Licence.normalise(licence).orElse(licence);
    }

    private static List<String> names(JsonNode said) {
        List<String> names = new ArrayList<>();
        for (JsonNode one : said.isArray() ? said.values() : List.of(said))
            if (one.isString() && !one.asString().isBlank())
                names.add(one.asString());
        return names;
    }

    private static Optional<JsonNode> front(Path card) throws IOException {
        if (!Files.isRegularFile(card))
            return Optional.empty();
        String text;
        try (InputStream in = Files.newInputStream(card)) {
            text = new String(in.readNBytes(MAX_BYTES), StandardCharsets.UTF_8);
        }
        Matcher front = FRONT.matcher(text);
        if (!front.find())
            return Optional.empty();
        try {
            return Optional.of(YAMLMapper.builder().build().readTree(front.group(1)));
        } catch (JacksonException e) {
            return Optional.empty(); // a card that cannot be read says nothing
        }
    }

    /** Adds what the card of a folder says of its licence to the keys of a GGUF file, as it is written there. */
    static void toGguf(Path dir, SequencedMap<String, GgufValue> metadata) throws IOException {
        Optional<JsonNode> front = front(dir.resolve(FILE));
        if (front.isEmpty())
            return;
        for (String[] key : SAID) {
            String said = String.join(", ", names(front.get().path(key[0])));
            if (!said.isEmpty())
                metadata.put(key[1], GgufValue.of(said));
        }
    }

    /** Writes a card with what a GGUF file says of its licence; none if it says nothing. */
    static void toHf(GgufMetadata keys, Path dir) throws IOException {
        YAMLMapper yaml = YAMLMapper.builder().build();
        ObjectNode front = yaml.createObjectNode();
        for (String[] key : SAID)
            if (keys.has(key[1]))
                front.put(key[0], keys.string(key[1]));
        if (!front.isEmpty())
            Files.writeString(dir.resolve(FILE), yaml.writeValueAsString(front) + "---\n");
    }
}
