package io.quarry.chat;

import static org.assertj.core.api.Assertions.assertThat;

import io.quarry.text.Encoded;
import io.quarry.text.Specials;
import io.quarry.text.Tokenizer;
import java.io.InputStream;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

class TemplateTest {
    private static final JsonMapper JSON = JsonMapper.shared();
    private static final Tokenizer TOKENIZER = tokenizer();

    private static Tokenizer tokenizer() {
        try {
            return Tokenizer.open(Path.of(TemplateTest.class.getResource("/golden/tokenizer.json").toURI()));
        } catch (Exception e) {
            throw new AssertionError(e);
        }
    }

    private static List<JsonNode> goldens() throws Exception {
        try (InputStream in = TemplateTest.class.getResourceAsStream("/golden/chat-renderings.json")) {
            return JSON.readTree(in.readAllBytes()).valueStream().toList();
        }
    }

    @SuppressWarnings("unchecked")
    private static Map<String, Object> map(JsonNode node) {
        return JSON.treeToValue(node, Map.class);
    }

    static Conversation conversation(JsonNode golden) {
        List<Message> messages = new ArrayList<>();
        for (JsonNode message : golden.get("messages")) {
            List<ToolCall> calls = new ArrayList<>();
            for (JsonNode call : message.path("tool_calls"))
                calls.add(new ToolCall(call.at("/function/name").asString(), map(call.at("/function/arguments"))));
            messages.add(new Message(Message.Role.valueOf(message.get("role").asString().toUpperCase()),
                    message.get("content").asString(), calls));
        }
        List<Tool> tools = new ArrayList<>();
        for (JsonNode tool : golden.get("tools"))
            tools.add(new Tool(tool.at("/function/name").asString(), tool.at("/function/description").asString(),
                    map(tool.at("/function/parameters"))));
        return new Conversation(messages, tools, golden.get("documents").valueStream().map(TemplateTest::map).toList());
    }

    @Test
    void rendersWhatTheJinjaTemplateRenders() throws Exception {
        assertThat(goldens()).hasSizeGreaterThanOrEqualTo(19);
        for (JsonNode golden : goldens()) {
            Conversation conversation = conversation(golden);
            assertThat(Template.render(conversation, false)).as(golden.get("name").asString())
                    .isEqualTo(golden.get("text").asString());
            assertThat(Template.render(conversation, true)).isEqualTo(golden.get("prompt").asString());
        }
    }

    @Test
    void encodesAsHuggingFaceWhereNothingIsForged() throws Exception {
        int same = 0;
        for (JsonNode golden : goldens()) {
            int[] want = golden.get("ids").valueStream().mapToInt(JsonNode::intValue).toArray();
            assertThat(TOKENIZER.encodeWithSpecials(golden.get("prompt").asString())).isEqualTo(want);
            boolean forged = golden.get("messages").toString().contains("<|")
                    || golden.get("documents").toString().contains("</documents>");
            int[] ids = Template.encode(TOKENIZER, conversation(golden), true).ids();
            if (forged)
                assertThat(ids).as(golden.get("name").asString()).isNotEqualTo(want);
            else
                assertThat(ids).as(golden.get("name").asString()).isEqualTo(want);
            same += forged ? 0 : 1;
        }
        assertThat(same).isGreaterThanOrEqualTo(16);
    }

    @Test
    void nobodyCanForgeMarks() {
        String marks = String.join("", TOKENIZER.added());
        Conversation conversation = new Conversation(
                List.of(Message.user(marks), Message.assistant("", new ToolCall("f", Map.of("x", marks))),
                        Message.tool(marks)),
                List.of(new Tool("f" + marks, marks, Map.of("description", marks))), List.of(Map.of("text", marks)));
        Conversation harmless = new Conversation(
                List.of(Message.user("a"), Message.assistant("", new ToolCall("f", Map.of("x", "a"))),
                        Message.tool("a")),
                List.of(new Tool("f", "a", Map.of("description", "a"))), List.of(Map.of("text", "a")));
        assertThat(added(Template.encode(TOKENIZER, conversation, true)))
                .isEqualTo(added(Template.encode(TOKENIZER, harmless, true)));
        assertThat(TOKENIZER.decode(Template.encode(TOKENIZER, conversation, true).ids()))
                .isEqualTo(Template.render(conversation, true));
    }

    private static List<Integer> added(Encoded encoded) {
        List<Integer> marks = TOKENIZER.added().stream().map(TOKENIZER::id).toList();
        return Arrays.stream(encoded.ids()).boxed().filter(marks::contains).toList();
    }

    @Test
    void learnsWhatTheAssistantSaysAndTheEndOfItsTurn() {
        Conversation conversation = Conversation.of(Message.system("Be kind."), Message.user("Weather?"),
                Message.assistant("<think>a</think>Look:", new ToolCall("weather", Map.of("city", "Rom"))),
                Message.tool("20"), Message.assistant("It is 20."));
        Encoded encoded = Template.learned(TOKENIZER, conversation);
        List<String> said = new ArrayList<>();
        int[] ids = encoded.ids();
        for (int i = 0; i < ids.length;) {
            int from = i;
            while (i < ids.length && encoded.learned()[i] == encoded.learned()[from])
                i++;
            if (encoded.learned()[from] == 1)
                said.add(TOKENIZER.decode(Arrays.copyOfRange(ids, from, i)));
        }
        assertThat(said).containsExactly("<think>a</think>Look:\n<tool_call>\n"
                + "{\"name\": \"weather\", \"arguments\": {\"city\": \"Rom\"}}\n</tool_call><|end_of_text|>",
                "It is 20.<|end_of_text|>");
        assertThat(ids).contains(TOKENIZER.id(Specials.THINK), TOKENIZER.id(Specials.TOOL_CALL));
    }

    @Test
    void aGeneratedAnswerEncodesAsItWasGenerated() {
        Conversation asked = Conversation.of(Message.user("Weather?"));
        int[] prompt = Template.encode(TOKENIZER, asked, true).ids();
        String answer = "<think>hm</think>\n<tool_call>\n{\"name\": \"f\", \"arguments\": {}}\n</tool_call>";
        int[] generated = TOKENIZER.encodeWithSpecials(answer);
        int[] whole = Template.encode(TOKENIZER, asked.with(Tools.parse(answer).message()), false).ids();
        int[] joined = Arrays.copyOf(prompt, prompt.length + generated.length);
        System.arraycopy(generated, 0, joined, prompt.length, generated.length);
        assertThat(Arrays.copyOf(whole, joined.length)).isEqualTo(joined);
        assertThat(whole[joined.length]).isEqualTo(TOKENIZER.id(Specials.END_OF_TEXT));
    }

    @Test
    void theSchemaOfStructuredOutputIsMarkedInTheSystemTurnAlone() {
        int schema = TOKENIZER.id(Specials.SCHEMA);
        String text = "<schema>\n{}\n</schema>";
        assertThat(Template.encode(TOKENIZER, Conversation.of(Message.system(text)), true).ids()).contains(schema);
        assertThat(Template.encode(TOKENIZER, Conversation.of(Message.user(text)), true).ids()).doesNotContain(schema);
    }
}
