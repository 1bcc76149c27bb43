package io.quarry.jinja;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.LocalDateTime;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.StringLength;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** However strange a template, it ends with a text or with a sentence. */
class JinjaFuzzTest {
    private static final LocalDateTime NOW = LocalDateTime.of(2026, 3, 5, 14, 7, 9);
    private static final Limits LIMITS = new Limits(100_000, 1_000_000, 300);
    private static final List<String> TEMPLATES = new ArrayList<>();
    private static final Variables VARIABLES = new Variables();

    static {
        try {
            JsonNode golden = JsonMapper.shared().readTree(JinjaTest.golden("jinja.json"));
            golden.get("cases").forEach(each -> TEMPLATES.add(each.get(0).asString()));
            for (String name : List.of("headers", "schema", "simple", "strict", "tags", "thoughts"))
                TEMPLATES.add(JinjaTest.golden("templates/" + name + ".jinja"));
            golden.get("variables").propertyStream().forEach(each -> VARIABLES.put(each.getKey(),
                    JsonMapper.shared().treeToValue(each.getValue(), Object.class), Origin.OTHER));
            VARIABLES.put("messages", List.of(java.util.Map.of("role", "user", "content", "Hi")), Origin.OTHER);
        } catch (Exception e) {
            throw new AssertionError(e);
        }
    }

    /** A rendering, or a sentence that names the template. */
    static String outcome(String template) {
        try {
            return Jinja.of("t", template).render(VARIABLES, NOW, LIMITS).toString();
        } catch (TemplateException e) {
            assertThat(e.getMessage()).startsWith("t").contains(": ");
            return e.getMessage();
        }
    }

    @Property(tries = 2000)
    void anyString(@ForAll @StringLength(max = 200) String text) {
        assertThat(outcome(text)).isNotNull();
        assertThat(outcome("{{ " + text + " }}")).isNotNull();
        assertThat(outcome("{% " + text + " %}")).isNotNull();
    }

    @Property(tries = 5000)
    void changedTemplates(@ForAll long seed) {
        assertThat(outcome(changed(new Random(seed)))).isNotNull();
    }

    /** A template with pieces of others in it, or without pieces of its own. */
    static String changed(Random random) {
        StringBuilder text = new StringBuilder(TEMPLATES.get(random.nextInt(TEMPLATES.size())));
        for (int change = random.nextInt(5); change >= 0; change--) {
            String other = TEMPLATES.get(random.nextInt(TEMPLATES.size()));
            int from = random.nextInt(other.length() + 1);
            int to = Math.min(other.length(), from + random.nextInt(30));
            int at = random.nextInt(text.length() + 1);
            int end = Math.min(text.length(), at + random.nextInt(20));
            switch (random.nextInt(4)) {
                case 0 -> text.insert(at, other, from, to);
                case 1 -> text.replace(at, end, other.substring(from, to));
                case 2 -> text.delete(at, end);
                default -> text.insert(at, text.substring(at, end).repeat(random.nextInt(4)));
            }
        }
        return text.toString();
    }

    /** By hand: as many changed templates as asked for, with the longest time that one took. */
    public static void main(String[] arguments) {
        long count = Long.parseLong(arguments[0]);
        Random random = new Random(Long.parseLong(arguments[1]));
        long worst = 0;
        for (long i = 0; i < count; i++) {
            String template = changed(random);
            long start = System.nanoTime();
            outcome(template);
            long took = System.nanoTime() - start;
            if (took > worst) {
                worst = took;
                System.out.println(took / 1000 + " us: " + template.replace("\n", "\\n"));
            }
        }
        System.out.println(count + " templates");
    }
}
