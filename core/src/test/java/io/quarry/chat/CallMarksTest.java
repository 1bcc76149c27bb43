package io.quarry.chat;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class CallMarksTest {
    private static final CallMarks BARE = new CallMarks(List.of());
    private static final ToolCall F = new ToolCall("f", Map.of("x", 1));
    private static final ToolCall G = new ToolCall("g", Map.of());

    @ParameterizedTest
    @CsvSource(delimiter = ';', quoteCharacter = '`', value = {
        "<tool_call>; <tool_call>\\n{\"name\": \"f\", \"arguments\": {\"x\": 1}}\\n</tool_call>\\n<tool_call>\\n{\"name\": \"g\", \"arguments\": {}}\\n</tool_call>",
        "<tool_call>; <tool_call>[{\"name\": \"f\", \"arguments\": {\"x\": 1}}, {\"name\": \"g\", \"arguments\": {}}]</tool_call>",
        "<|tool_call|>; <|tool_call|>[{\"name\": \"f\", \"arguments\": {\"x\": 1}}, {\"name\": \"g\", \"arguments\": {}}]",
        "[TOOL_CALLS]; [TOOL_CALLS] [{\"name\": \"f\", \"arguments\": {\"x\": 1}, \"id\": \"abcdefghi\"}, {\"name\": \"g\", \"arguments\": {}}]",
        "[TOOL_CALLS]; [TOOL_CALLS][{\"name\": \"f\", \"arguments\": \"{\\\"x\\\": 1}\"}, {\"function\": {\"name\": \"g\", \"arguments\": {}}}]"})
    void familiesWriteCallsInTheirWays(String mark, String calls) {
        CallMarks marks = new CallMarks(List.of(mark));
        calls = calls.replace("\\n", "\n");
        assertThat(marks.read(calls)).isEqualTo(Message.assistant("", F, G));
        assertThat(marks.read("Let me see.\n" + calls)).isEqualTo(Message.assistant("Let me see.", F, G));
        assertThat(BARE.read("Let me see.\n" + calls).toolCalls()).isEmpty();
    }

    @Test
    void llamaWritesNothingButJson() {
        String f = "{\"name\": \"f\", \"parameters\": {\"x\": 1}}";
        assertThat(BARE.read(f)).isEqualTo(Message.assistant("", F));
        assertThat(BARE.read("<|python_tag|>" + f + "; {\"name\": \"g\", \"parameters\": {}}"))
                .isEqualTo(Message.assistant("", F, G));
        assertThat(BARE.read("It is " + f)).isEqualTo(Message.assistant("It is " + f));
        assertThat(BARE.read("{\"city\": \"Paris\"}")).isEqualTo(Message.assistant("{\"city\": \"Paris\"}"));
    }

    @Test
    void whatIsNoCallStaysText() {
        CallMarks marks = new CallMarks(List.of("<tool_call>"));
        for (String text : List.of("", "Hi", "<tool_call>", "<tool_call>{", "<tool_call>[]</tool_call>",
                "<tool_call>{\"name\": \"\", \"arguments\": {}}</tool_call>", "<tool_call>null",
                "<tool_call>{\"name\": \"f\", \"arguments\": 5}</tool_call>",
                "<tool_call>{\"name\": \"f\", \"arguments\": \"no JSON\"}</tool_call>",
                "<tool_call>" + "[".repeat(5000)))
            assertThat(marks.read(text)).isEqualTo(Message.assistant(text));
        assertThat(marks.read("<tool_call>{\"name\": \"g\", \"arguments\": {}}</tool_call>\nDone."))
                .isEqualTo(Message.assistant("Done.", G));
    }

    @Test
    void holdsBackNoMoreThanAMarkMayNeed() {
        CallMarks marks = new CallMarks(List.of("<tool_call>", "<|tool_call|>"));
        assertThat(marks.held("a <tool")).isEqualTo(5);
        assertThat(marks.held("a <|")).isEqualTo(2);
        assertThat(marks.held("a <tool_calm")).isZero();
        assertThat(marks.begin("a <tool_call>")).contains(2);
        assertThat(marks.begin("a <tool_cal")).isEmpty();
        assertThat(BARE.held(" ")).isEqualTo(1);
        assertThat(BARE.held("a")).isZero();
        assertThat(BARE.begin(" {")).contains(0);
    }
}
