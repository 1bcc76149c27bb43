package io.quarry.jinja;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDateTime;
import java.util.ArrayList;
import java.util.List;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * Compares small templates with what jinja2 made of them, as {@code tools/golden/jinja.py} wrote it down. By hand, over
 * random ones: {@code CompareSnippets CASES.json}.
 */
final class CompareSnippets {
    private static final JsonMapper JSON = JsonMapper.shared();

    /**
     * What came out.
     *
     * @param equal     texts that are the same to the letter
     * @param refused   templates that both refuse
     * @param different what differs
     */
    record Outcome(int equal, int refused, List<String> different) {}

    private CompareSnippets() {}

    public static void main(String[] arguments) throws IOException {
        Outcome outcome = compare(Files.readString(Path.of(arguments[0])));
        outcome.different().forEach(System.out::println);
        System.out.println(outcome.equal() + " equal, " + outcome.refused() + " refused by both, "
                + outcome.different().size() + " different");
    }

    static Outcome compare(String golden) {
        JsonNode file = JSON.readTree(golden);
        LocalDateTime now = LocalDateTime.parse(file.get("now").asString());
        Variables variables = new Variables();
        file.get("variables").propertyStream().forEach(each -> variables.put(each.getKey(),
                JSON.treeToValue(each.getValue(), Object.class), Origin.OTHER));
        int equal = 0;
        int refused = 0;
        List<String> different = new ArrayList<>();
        for (JsonNode row : file.get("cases")) {
            String wanted = row.get(1).isNull() ? "!" : "=" + row.get(1).asString();
            String got;
            try {
                got = "=" + Jinja.of("t", row.get(0).asString()).render(variables, now);
            } catch (TemplateException e) {
                got = "!" + e.sentence();
            }
            if (wanted.equals("!") && got.startsWith("!"))
                refused++;
            else if (got.equals(wanted))
                equal++;
            else
                different.add(row.get(0) + "\n  wanted " + JSON.writeValueAsString(wanted) + "\n  got    "
                        + JSON.writeValueAsString(got));
        }
        return new Outcome(equal, refused, different);
    }
}
