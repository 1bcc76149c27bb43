package io.quarry.chat;

import io.quarry.jinja.TemplateException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDateTime;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * Compares renderings of chat templates with those that {@code tools/golden/chat_templates.py} had transformers make.
 * By hand, over a folder of templates: {@code CompareTemplates FOLDER RENDERINGS.json}.
 */
final class CompareTemplates {
    private static final JsonMapper JSON = JsonMapper.shared();

    /**
     * What came out.
     *
     * @param equal     renderings that are the same to the letter
     * @param refused   conversations that both refuse
     * @param different what differs, one paragraph each
     */
    record Outcome(int equal, int refused, List<String> different) {}

    private CompareTemplates() {}

    public static void main(String[] arguments) {
        Outcome outcome = compare(name -> read(Path.of(arguments[0], name)), read(Path.of(arguments[1])));
        outcome.different().forEach(System.out::println);
        System.out.println(outcome.equal() + " equal, " + outcome.refused() + " refused by both, "
                + outcome.different().size() + " different");
    }

    private static String read(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Compares the renderings of templates whose text is found by name. */
    static Outcome compare(UnaryOperator<String> sources, String renderings) {
        JsonNode golden = JSON.readTree(renderings);
        LocalDateTime now = LocalDateTime.parse(golden.get("now").asString());
        Map<String, String> tokens = JSON.treeToValue(golden.get("tokens"), JSON.getTypeFactory()
                .constructMapType(Map.class, String.class, String.class));
        int equal = 0;
        int refused = 0;
        List<String> different = new ArrayList<>();
        for (JsonNode row : golden.get("templates")) {
            String name = row.get("template").asString();
            String source = sources.apply(name);
            for (int i = 0; i < golden.get("cases").size(); i++) {
                JsonNode asked = golden.get("cases").get(i);
                for (Map.Entry<String, JsonNode> made : row.get("renderings").get(i).properties()) {
                    String wanted = made.getValue().isNull() ? "!" : "=" + made.getValue().asString();
                    String got = render(name, source, tokens,
                            context(asked, ChatTemplate.End.valueOf(made.getKey()), now));
                    if (wanted.equals("!") && got.startsWith("!"))
                        refused++;
                    else if (got.equals(wanted))
                        equal++;
                    else
                        different.add(name + ", " + asked.get("name").asString() + ", " + made.getKey() + "\n  wanted: "
                                + shown(wanted, got) + "\n  got:    " + shown(got, wanted));
                }
            }
        }
        return new Outcome(equal, refused, different);
    }

    /** The text behind "=", or a refusal behind "!". */
    private static String render(String name, String source, Map<String, String> tokens, ChatTemplate.Context context) {
        try {
            return "=" + ChatTemplate.of(name, source, tokens).render(context);
        } catch (TemplateException | IllegalArgumentException e) {
            return "!" + e.getMessage();
        }
    }

    /** A conversation of the golden file. */
    @SuppressWarnings("unchecked")
    static ChatTemplate.Context context(JsonNode asked, ChatTemplate.End end, LocalDateTime now) {
        return new ChatTemplate.Context(JSON.treeToValue(asked.get("messages"), List.class),
                asked.get("tools").isNull() ? null : JSON.treeToValue(asked.get("tools"), List.class),
                asked.get("documents").isNull() ? null : JSON.treeToValue(asked.get("documents"), List.class), end,
                JSON.treeToValue(asked.get("variables"), Map.class), now);
    }

    /** The surroundings of the first difference. */
    private static String shown(String text, String other) {
        int at = 0;
        while (at < Math.min(text.length(), other.length()) && text.charAt(at) == other.charAt(at))
            at++;
        int from = Math.max(0, at - 60);
        return (from + ": " + text.substring(from, Math.min(text.length(), at + 120))).replace("\n", "\\n");
    }
}
