package io.quarry.hub;

import io.quarry.ledger.Licence;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.dataformat.yaml.YAMLMapper;

/** The {@code README.md} of a model: a page with YAML between lines of dashes at its front. */
final class ModelCard {
    static final String FILE = "README.md";
    /** Cards with long lists of languages and results have some 100 KB of front matter. */
    private static final int MAX_BYTES = 1 << 20;
    private static final Pattern FRONT = Pattern.compile("\\A\\uFEFF?---[ \\t]*\\R(.*?\\R)---[ \\t]*(?:\\R|\\z)",
            Pattern.DOTALL);

    private ModelCard() {}

    /** The licence it names, in SPDX's spelling where that is known; empty if there is no card, or none that says. */
    static Optional<String> licence(Path card) throws IOException {
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
            return licence(YAMLMapper.builder().build().readTree(front.group(1)));
        } catch (JacksonException e) {
            return Optional.empty(); // a card that cannot be read says nothing
        }
    }

    private static Optional<String> licence(JsonNode front) {
        List<String> names = new ArrayList<>();
        JsonNode said = front.path("license");
        for (JsonNode one : said.isArray() ? said.values() : List.of(said))
            if (one.isString() && !one.asString().isBlank())
                names.add(one.asString());
        if (names.equals(List.of("other")) && front.path("license_name").isString())
            names.set(0, front.path("license_name").asString());
        return names.isEmpty()
                ? Optional.empty()
                : Optional.of(FilePath.shown(String.join(", ", names.stream().map(ModelCard::spelled).toList())));
    }

    /** In SPDX's spelling where that is known. */
    static String spelled(String licence) {
        return Licence.normalise(licence).orElse(licence);
    }
}
