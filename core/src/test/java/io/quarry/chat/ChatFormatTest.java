package io.quarry.chat;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.quarry.jinja.TemplateException;
import io.quarry.kernel.DType;
import io.quarry.kernel.Workers;
import io.quarry.model.Convert;
import io.quarry.model.PicoGranite;
import io.quarry.text.Specials;
import io.quarry.text.Tokenizer;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDateTime;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Where a model's template and its ends come from. */
class ChatFormatTest {
    @TempDir
    private Path dir;

    private static String golden(String name) {
        try (InputStream in = ChatFormatTest.class.getResourceAsStream("/golden/" + name)) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new AssertionError(name, e);
        }
    }

    private void write(String name, String text) throws IOException {
        Files.createDirectories(dir.resolve(name).getParent());
        Files.writeString(dir.resolve(name), text);
    }

    private String rendered(Path model) throws IOException {
        return ChatFormat.template(model).orElseThrow().render(context(null)).toString();
    }

    private static ChatTemplate.Context context(List<Map<String, Object>> tools) {
        return ChatTemplate.Context.of(List.of(Map.of("role", "user", "content", "Hi")), ChatTemplate.End.PROMPT,
                LocalDateTime.of(2026, 3, 5, 14, 7)).withTools(tools);
    }

    @Test
    void aFileOfItsOwnComesFirst() throws IOException {
        assertThat(ChatFormat.template(dir)).isEmpty();
        write("chat_template.json", "{\"chat_template\": \"json\"}");
        assertThat(rendered(dir)).isEqualTo("json");
        write("tokenizer_config.json", "{\"chat_template\": \"config\", \"bos_token\": \"<s>\"}");
        assertThat(rendered(dir)).isEqualTo("config");
        write("chat_template.jinja", "file {{ bos_token }}");
        assertThat(rendered(dir)).isEqualTo("file <s>");
        write("additional_chat_templates/tool_use.jinja", "tools");
        assertThat(rendered(dir)).isEqualTo("file <s>");
        assertThat(ChatFormat.template(dir).orElseThrow().render(context(List.of()))).hasToString("tools");
    }

    @Test
    void templatesMayHaveNames() throws IOException {
        write("tokenizer_config.json", """
                {"chat_template": [{"name": "default", "template": "{{ eos_token }}{{ image_token }}"},
                                   {"name": "tool_use", "template": "tools"}],
                 "eos_token": {"content": "</s>", "special": true}, "image_token": "<i>", "add_bos_token": true}""");
        write("special_tokens_map.json", "{\"eos_token\": \"older\"}");
        assertThat(rendered(dir)).isEqualTo("</s><i>");
        assertThat(ChatFormat.template(dir).orElseThrow().render(context(List.of()))).hasToString("tools");
    }

    @Test
    void aGgufFileHasTheTemplateInItsKeys() throws IOException {
        int vocabulary = tokenizer(Map.of()).vocabulary();
        PicoGranite.write(dir, vocabulary, 3);
        Path bare = toGguf("bare.gguf");
        assertThat(ChatFormat.template(bare)).isEmpty();
        write("tokenizer_config.json", """
                {"chat_template": [{"name": "default", "template": "{{ bos_token }}{{ messages[0].content }}"},
                                   {"name": "tool_use", "template": "tools"}],
                 "bos_token": "<|end_of_text|>", "eos_token": "<|end_of_text|>"}""");
        Path gguf = toGguf("named.gguf");
        assertThat(rendered(gguf)).isEqualTo("<|end_of_text|>Hi");
        assertThat(ChatFormat.template(gguf).orElseThrow().render(context(List.of()))).hasToString("tools");
        Tokenizer tokenizer = Tokenizer.open(gguf);
        assertThat(ChatFormat.open(gguf, tokenizer).ends()).contains(tokenizer.id("<|end_of_text|>"));
        assertThatThrownBy(() -> ChatFormat.open(bare, tokenizer)).isInstanceOf(IOException.class)
                .hasMessageStartingWith(bare + " has no chat template").hasMessageContaining("--raw");
    }

    private Path toGguf(String name) throws IOException {
        Path out = dir.resolveSibling(dir.getFileName() + name);
        Convert.toGguf(dir, out, DType.F32, Workers.NONE, outcome -> {});
        return out;
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', value = {
        "chat_template.jinja | {% for | chat_template.jinja, line 1: ",
        "tokenizer_config.json | {\"chat_template\": | tokenizer_config.json is no JSON: ",
        "tokenizer_config.json | {\"chat_template\": 5} | chat_template must be a string or a list of named templates",
        "tokenizer_config.json | {\"chat_template\": [\"x\"]} | chat_template[0] must have a name and a template"})
    void whatCannotBeReadIsSaid(String file, String text, String sentence) throws IOException {
        write(file, text);
        assertThatThrownBy(() -> ChatFormat.template(dir)).isInstanceOf(IOException.class)
                .hasMessageContaining(dir.toString()).hasMessageContaining(sentence);
    }

    @Test
    void bytesThatAreNoTextAreSaid() throws IOException {
        Files.write(dir.resolve("chat_template.jinja"), new byte[] {'a', (byte) 0xff});
        assertThatThrownBy(() -> ChatFormat.template(dir)).hasMessageEndingWith("has bytes that are no UTF-8");
    }

    /** The golden tokenizer with some of its special tokens under other names. */
    private Tokenizer tokenizer(Map<String, String> names) throws IOException {
        String json = golden("tokenizer.json");
        for (Map.Entry<String, String> name : names.entrySet())
            json = json.replace('"' + name.getKey() + '"', '"' + name.getValue() + '"');
        write("tokenizer.json", json);
        return Tokenizer.open(dir);
    }

    private Set<String> ends(Tokenizer tokenizer) throws IOException {
        return ChatFormat.open(dir, tokenizer).ends().stream().map(id -> tokenizer.decode(new int[] {id}))
                .collect(Collectors.toSet());
    }

    @ParameterizedTest
    @CsvSource(delimiter = ';', quoteCharacter = '`', value = {
        "<|im_start|>; <|im_end|>; {{ '<|im_start|>' + m.role + '\\n' + m.content + '<|im_end|>' + '\\n' }}",
        "<|start_header_id|>; <|eot_id|>; {{ '<|start_header_id|>' + m.role + '\\n\\n' + m.content|trim + '<|eot_id|>' }}",
        "<start_of_turn>; <end_of_turn>; {{ '<start_of_turn>' + m.role + '\\n' + m.content + '<end_of_turn>\\n' }}",
        "<|user|>; <|end|>; {{ '<|' + m.role + '|>\\n' + m.content + '<|end|>\\n' }}",
        "[INST]; </s>; {% if m.role == 'user' %}{{ '[INST]' + m.content + '[/INST]' }}{% else %}{{ m.content + '</s>' }}{% endif %}",
        "<s>; </s>; {% if m.role == 'user' %}{{ '<s>[INST] ' + m.content }}{% else %}{{ m.content + ' </s>' }}{% endif %}"})
    void whatATemplateWritesBehindATurnEndsOne(String begin, String end, String turn) throws IOException {
        Tokenizer tokenizer = tokenizer(Map.of(Specials.START_OF_ROLE, begin, Specials.END_OF_TEXT, end));
        write("chat_template.jinja", "{% for m in messages %}" + turn + "{% endfor %}");
        assertThat(ends(tokenizer)).containsExactlyInAnyOrder(begin, end);
    }

    @Test
    void whatATemplateWritesLaterEndsNothing() throws IOException {
        Tokenizer tokenizer = tokenizer(Map.of());
        write("chat_template.jinja",
                "{% for m in messages %}{{ m.role }}: {{ m.content }}\n{% endfor %}Bye.<|end_of_text|>");
        assertThat(ends(tokenizer)).isEmpty();
        write("chat_template.jinja", "{{ raise_exception('Not so.') }}");
        assertThat(ends(tokenizer)).isEmpty();
        write("chat_template.jinja", "{{ messages[0].content }}<|end_of_text|>");
        assertThat(ends(tokenizer)).isEmpty();
    }

    @Test
    void theFilesSayMoreEnds() throws IOException {
        Tokenizer tokenizer = tokenizer(Map.of());
        write("chat_template.jinja", "{{ messages[0].content }}");
        write("config.json", "{\"text_config\": {\"eos_token_id\": 7}}");
        write("generation_config.json", "{\"eos_token_id\": [5, 6]}");
        write("tokenizer_config.json", "{\"eos_token\": \"<|fim_pad|>\"}");
        assertThat(ChatFormat.open(dir, tokenizer).ends()).containsExactlyInAnyOrder(5, 6, 7,
                tokenizer.id("<|fim_pad|>"));
        write("generation_config.json", "{\"eos_token_id\": [5, \"x\"]}");
        assertThatThrownBy(() -> ChatFormat.open(dir, tokenizer)).isInstanceOf(IOException.class)
                .hasMessageContaining("generation_config.json: eos_token_id[1] must be a whole number");
    }

    @Test
    void ourOwnArtifactsReadAndEndAsBefore() throws IOException {
        Tokenizer tokenizer = tokenizer(Map.of());
        tokenizer.save(dir, 256, Template.jinja());
        ChatFormat format = ChatFormat.open(dir, tokenizer);
        assertThat(ends(tokenizer)).containsExactlyInAnyOrder(Specials.END_OF_TEXT, Specials.START_OF_ROLE);
        assertThat(format.calls().open()).containsExactly(Specials.TOOL_CALL);
        assertThat(format.knowsTools()).isTrue();
        JsonNode conversations = JsonMapper.shared().readTree(golden("chat-renderings.json"));
        assertThat(conversations).hasSizeGreaterThan(10);
        for (JsonNode each : conversations) {
            Conversation conversation = TemplateTest.conversation(each);
            assertThat(format.prompt(conversation)).isEqualTo(Template.encode(tokenizer, conversation, true).ids());
        }
    }

    @Test
    void variablesReachTheTemplate() throws IOException {
        Tokenizer tokenizer = tokenizer(Map.of());
        write("chat_template.jinja", "{% if thinking %}think{% endif %}{{ messages[0].content }}");
        Conversation conversation = Conversation.of(Message.user("Hi"));
        assertThat(tokenizer.decode(ChatFormat.open(dir, tokenizer, Map.of("thinking", true)).prompt(conversation)))
                .isEqualTo("thinkHi");
        assertThat(tokenizer.decode(ChatFormat.open(dir, tokenizer).prompt(conversation))).isEqualTo("Hi");
        assertThat(ChatFormat.open(dir, tokenizer).knowsTools()).isFalse();
    }

    /** A template is a program from somewhere; what it must not do ends with a sentence, also while a model is opened. */
    @ParameterizedTest
    @CsvSource(delimiter = ';', quoteCharacter = '`', value = {
        "{% for i in range(100000) %}{% for j in range(100000) %}{% endfor %}{% endfor %}; loops too long",
        "{% macro f() %}{{ f() }}{% endmacro %}{{ f() }}; levels deep",
        "{{ 'a' * 10000000000 }}; characters of text",
        "{{ range(10000000000)|list|length }}; range",
        "{{ messages.__class__.__mro__ }}; has no attribute",
        "{{ cycler.__init__.__globals__.os.popen('id').read() }}; has no attribute",
        "{% include '/etc/passwd' %}; include"})
    void aHostileTemplateIsASentence(String template, String sentence) throws IOException {
        Tokenizer tokenizer = tokenizer(Map.of());
        write("chat_template.jinja", template);
        assertThatThrownBy(() -> ChatFormat.open(dir, tokenizer).prompt(Conversation.of(Message.user("Hi"))))
                .isInstanceOfAny(TemplateException.class, IOException.class).hasMessageContaining("chat_template.jinja")
                .hasMessageContaining(sentence);
    }
}
