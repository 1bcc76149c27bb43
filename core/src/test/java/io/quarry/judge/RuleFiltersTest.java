package io.quarry.judge;

import static org.assertj.core.api.Assertions.assertThat;

import io.quarry.chat.Conversation;
import io.quarry.chat.Message;
import io.quarry.chat.Tool;
import io.quarry.chat.ToolCall;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RuleFiltersTest {
    private static final Conversation QUESTION = Conversation.of(Message.user("Say something."));
    private static final RuleFilters FILTERS = new RuleFilters(Set.of(), 100);

    static Candidate candidate(String response) {
        Message message = Message.assistant(response);
        return new Candidate("", "1", QUESTION, message, message, Map.of());
    }

    @ParameterizedTest
    @CsvSource(delimiter = ';', value = {"empty;''", "markup leaked;Hello <|end_of_text|>",
        "markup leaked;so <tool_call>",
        "markup leaked;Yes <think>no</think>", "markup leaked;<think>a</think>b</think>",
        "truncated;<think>I will add", "truncated;3 + 4 =", "truncated;Answer:", "truncated;{\"a\": 3",
        "truncated;He said \"yes", "'';Fine.", "'';<think>hm</think> Fine.", "'';a < b and c > d"})
    void saysWhy(String reason, String response) {
        assertThat(FILTERS.fault(RuleFilters.normalised(candidate(response)))).isEqualTo(reason);
    }

    @Test
    void measuresLengthAfterNormalising() {
        assertThat(FILTERS.fault(RuleFilters.normalised(candidate("a".repeat(101))))).isEqualTo("too long");
        assertThat(FILTERS.fault(RuleFilters.normalised(candidate(" ".repeat(500) + "a".repeat(100))))).isEmpty();
    }

    @Test
    void normalisesUnicodeLineEndsAndControlCharacters() {
        assertThat(RuleFilters.normalised(candidate(" e\u0301\u0007 one  \r\ntwo\t ")).response().content())
                .isEqualTo("\u00e9 one\ntwo");
    }

    @Test
    void checksCallsAgainstTheirSchema() {
        Tool tool = new Tool("heat", "Heats.", Map.of("type", "object", "properties",
                Map.of("degrees", Map.of("type", "integer")), "required", List.of("degrees")));
        Conversation prompt = new Conversation(List.of(Message.user("Heat!")), List.of(tool), List.of());
        assertThat(FILTERS.fault(call(prompt, "heat", Map.of("degrees", 20)))).isEmpty();
        for (Map<String, Object> wrong : List.<Map<String, Object>>of(Map.of(), Map.of("degrees", "20"),
                Map.of("degrees", 20, "room", "hall")))
            assertThat(FILTERS.fault(call(prompt, "heat", wrong))).isEqualTo("tool call breaks its schema");
        assertThat(FILTERS.fault(call(prompt, "cool", Map.of("degrees", 20)))).isEqualTo("tool call breaks its schema");
    }

    private static Candidate call(Conversation prompt, String name, Map<String, Object> arguments) {
        Message message = Message.assistant("", new ToolCall(name, arguments));
        return new Candidate("", "1", prompt, message, message, Map.of());
    }

    @Test
    void fingerprintsIgnoreCaseAndSpacesButNotWords() {
        long one = RuleFilters.fingerprint(QUESTION);
        assertThat(RuleFilters.fingerprint(Conversation.of(Message.user("say  Something.")))).isEqualTo(one);
        assertThat(RuleFilters.fingerprint(Conversation.of(Message.user("Say anything.")))).isNotEqualTo(one);
    }
}
