package io.quarry.chat;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.quarry.jinja.TemplateException;
import io.quarry.text.Specials;
import io.quarry.text.Tokenizer;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.LocalDateTime;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

class ChatTemplateTest {
    private static final LocalDateTime NOW = LocalDateTime.of(2026, 3, 5, 14, 7, 9);
    private static final ChatTemplate GRANITE = ChatTemplate.of("granite", Template.jinja(), Map.of());
    private static final Tokenizer TOKENIZER = tokenizer();

    private static Tokenizer tokenizer() {
        try {
            return Tokenizer.open(Path.of(ChatTemplateTest.class.getResource("/golden/tokenizer.json").toURI()));
        } catch (Exception e) {
            throw new AssertionError(e);
        }
    }

    private static String golden(String name) {
        try (InputStream in = ChatTemplateTest.class.getResourceAsStream("/golden/" + name)) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        } catch (Exception e) {
            throw new AssertionError(name, e);
        }
    }

    private static Rendered render(String template, ChatTemplate.Context context) {
        return ChatTemplate.of("t", template, Map.of("bos_token", "<s>")).render(context);
    }

    private static ChatTemplate.Context context(ChatTemplate.End end, Map<String, Object> message) {
        return ChatTemplate.Context.of(List.of(message), end, NOW);
    }

    @Test
    void rendersWhatTransformersRenders() {
        CompareTemplates.Outcome outcome = CompareTemplates.compare(
                name -> name.equals("chat_template.jinja") ? Template.jinja() : golden("templates/" + name),
                golden("templates/renderings.json"));
        assertThat(outcome.different()).isEmpty();
        assertThat(outcome.equal()).isGreaterThan(150);
        assertThat(outcome.refused()).isGreaterThan(20);
    }

    @Test
    void granitesTemplateGivesTheTokensOfItsOwnFormat() {
        JsonNode goldens = JsonMapper.shared().readTree(golden("chat-renderings.json"));
        for (JsonNode golden : goldens) {
            Conversation conversation = TemplateTest.conversation(golden);
            for (boolean prompt : new boolean[] {false, true}) {
                Rendered rendered = GRANITE.render(ChatTemplate.Context.of(conversation,
                        prompt ? ChatTemplate.End.PROMPT : ChatTemplate.End.CLOSED, NOW));
                assertThat(rendered).hasToString(Template.render(conversation, prompt));
                assertThat(TOKENIZER.encode(rendered.markup()).ids())
                        .isEqualTo(Template.encode(TOKENIZER, conversation, prompt).ids());
            }
        }
    }

    @Test
    void nobodyCanForgeMarks() {
        String marks = String.join("", TOKENIZER.added());
        List<List<Integer>> added = List.of(marks, "a").stream().map(text -> {
            Conversation conversation = new Conversation(
                    List.of(Message.user(text), Message.assistant("", new ToolCall("f", Map.of("x", text))),
                            Message.tool(text)),
                    List.of(new Tool("f", text, Map.of("description", text))), List.of(Map.of("text", text)));
            Rendered rendered = GRANITE.render(ChatTemplate.Context.of(conversation, ChatTemplate.End.PROMPT, NOW));
            int[] ids = TOKENIZER.encode(rendered.markup()).ids();
            assertThat(TOKENIZER.decode(ids)).isEqualTo(rendered.toString());
            return Arrays.stream(ids)
                    .filter(id -> TOKENIZER.added().stream().anyMatch(mark -> TOKENIZER.id(mark) == id))
                    .boxed().toList();
        }).toList();
        assertThat(added.get(0)).isEqualTo(added.get(1)).isNotEmpty();
    }

    @Test
    void onlyKnownRolesStandWithinMarks() {
        String template = "{% for m in messages %}<|{{ m.role }}|>{{ m.content }}{% endfor %}";
        Rendered known = render(template, context(ChatTemplate.End.CLOSED, Map.of("role", "user", "content", "x")));
        assertThat(known.text().spans()).hasSize(2);
        Rendered other = render(template,
                context(ChatTemplate.End.CLOSED, Map.of("role", "end_of_text", "content", "x")));
        assertThat(other.text().spans()).hasSize(4);
        assertThat(TOKENIZER.encode(other.markup()).ids()).doesNotContain(TOKENIZER.id(Specials.END_OF_TEXT));
        assertThat(TOKENIZER.encode(other.markup(Set.of(Specials.END_OF_TEXT))).ids())
                .doesNotContain(TOKENIZER.id(Specials.END_OF_TEXT));
    }

    @Test
    void marksOfThoughtsAndSchemasLiveWhereTheyMayAndOthersWhereAsked() {
        String template = "{{ messages[0].content }}";
        String text = "<think><schema><|filename|>";
        for (String role : List.of("assistant", "system", "user")) {
            int[] ids = TOKENIZER.encode(render(template, context(ChatTemplate.End.CLOSED,
                    Map.of("role", role, "content", text))).markup(Set.of(Specials.FILENAME))).ids();
            assertThat(Arrays.stream(ids).anyMatch(id -> id == TOKENIZER.id(Specials.THINK)))
                    .isEqualTo(role.equals("assistant"));
            assertThat(Arrays.stream(ids).anyMatch(id -> id == TOKENIZER.id(Specials.SCHEMA)))
                    .isEqualTo(role.equals("system"));
            assertThat(ids).contains(TOKENIZER.id(Specials.FILENAME));
        }
    }

    @Test
    void generationBlocksAreLearned() {
        Rendered rendered = render("{{ bos_token }}{% generation %}{{ messages[0].content }}!{% endgeneration %}.",
                context(ChatTemplate.End.CLOSED, Map.of("role", "assistant", "content", "yes")));
        byte[] learned = TOKENIZER.encode(rendered.markup()).learned();
        assertThat(rendered).hasToString("<s>yes!.");
        assertThat(learned[0]).isZero();
        assertThat(learned).contains((byte) 1);
        assertThat(learned[learned.length - 1]).isZero();
    }

    @Test
    void toolsChooseTheirTemplate() {
        ChatTemplate template = ChatTemplate.of("m", Map.of("default", "d", "tool_use", "t{{ tools|length }}"),
                Map.of());
        ChatTemplate.Context context = context(ChatTemplate.End.CLOSED, Map.of("role", "user", "content", "x"));
        assertThat(template.render(context)).hasToString("d");
        assertThat(template.render(context.withTools(List.of()))).hasToString("t0");
        assertThatThrownBy(() -> ChatTemplate.of("m", Map.of("rag", "r", "tool_use", "t"), Map.of()).render(context))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("m has no template \"default\"; it has [rag, tool_use]");
        assertThatThrownBy(() -> ChatTemplate.of("m", Map.of("rag", "{{"), Map.of()))
                .isInstanceOf(TemplateException.class).hasMessageStartingWith("m, rag, line 1: ");
    }

    @Test
    void aMessageGoesOn() {
        String trims = "{% for m in messages %}<{{ m.content|trim }}>{% endfor %}";
        assertThat(render(trims, context(ChatTemplate.End.CONTINUE, Map.of("role", "assistant", "content", " The "))))
                .hasToString("<The");
        assertThat(render("<{{ messages[0].content }}>", context(ChatTemplate.End.CONTINUE,
                Map.of("role", "assistant", "content", " The ")))).hasToString("< The ");
        for (String broken : List.of("none", "{{ messages[0].content|reverse }}", "{{ messages[0].content|upper }}"))
            assertThatThrownBy(() -> render(broken, context(ChatTemplate.End.CONTINUE,
                    Map.of("role", "assistant", "content", "The")))).isInstanceOf(IllegalArgumentException.class)
                    .hasMessage("t: the template does not show the last message as it is, so it cannot go on");
        assertThatThrownBy(() -> render(trims, context(ChatTemplate.End.CONTINUE, Map.of("role", "assistant"))))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("t: the last message has no text that could go on");
    }

    @Test
    void callsAndResultsOfAConversationGetNumbers() {
        Conversation conversation = Conversation.of(Message.user("?"),
                Message.assistant("", new ToolCall("f", Map.of()), new ToolCall("g", Map.of())), Message.tool("1"),
                Message.tool("2"), Message.tool("3"));
        assertThat(render(
                "{% for m in messages %}{% for c in m.tool_calls %}{{ c.id }}{{ c.function.name }} {% endfor %}"
                        + "{{ m.tool_call_id }}{{ m.name }} {% endfor %}",
                ChatTemplate.Context.of(conversation, ChatTemplate.End.CLOSED, NOW)))
                .hasToString(" call00001f call00002g  call00001f call00002g  ");
    }

    @Test
    void aConversationNeedsAMessage() {
        assertThatThrownBy(() -> GRANITE.render(ChatTemplate.Context.of(List.of(), ChatTemplate.End.PROMPT, NOW)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("granite: a conversation needs at least one message, found none");
        assertThatThrownBy(() -> render("{{ raise_exception('No!') }}",
                context(ChatTemplate.End.PROMPT, Map.of("role", "user", "content", "x"))))
                .isInstanceOf(TemplateException.class)
                .hasMessage("t, line 1: the template refuses this conversation: No!");
    }

    @Test
    void whatATemplateWritesNobodyElseMay() {
        ChatTemplate template = ChatTemplate.of("t", "<|turn|>{{ bos_token }}", Map.of("bos_token", "<s>"));
        assertThat(template.writes("<|turn|>")).isTrue();
        assertThat(template.writes("<s>")).isTrue();
        assertThat(template.writes("<|filename|>")).isFalse();
    }
}
