package io.quarry.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.SequencedMap;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Where files have chat templates; which of them come first is told by ChatFormatTest. */
class TemplateSourcesTest {
    @TempDir
    private Path dir;

    private static TemplateSources of(Map<String, String> byName) {
        return new TemplateSources("it", new TreeMap<>(byName));
    }

    @Test
    void aFolderGivesWhatWasWritten() throws IOException {
        TemplateSources two = of(Map.of("default", "a", "tool_use", "b"));
        two.write(dir);
        assertThat(dir.resolve("chat_template.jinja")).hasContent("a");
        assertThat(dir.resolve("additional_chat_templates/tool_use.jinja")).hasContent("b");
        Files.writeString(dir.resolve("additional_chat_templates/notes.txt"), "no template");
        assertThat(TemplateSources.ofFolder(dir).byName()).isEqualTo(two.byName());
        SequencedMap<String, GgufValue> keys = new LinkedHashMap<>();
        two.addTo(keys);
        assertThat(keys.keySet()).containsExactly("tokenizer.chat_template", "tokenizer.chat_template.tool_use");
        assertThat(TemplateSources.ofFolder(dir.resolve("none")).byName()).isEmpty();
    }

    /** A name in a GGUF file is a stranger's, and would become that of a file. */
    @ParameterizedTest
    @ValueSource(strings = {"../../x", "a/b", "", ".", "a.b", "\u0000"})
    void aNameThatIsNoFilesIsRefused(String name) throws IOException {
        TemplateSources bad = of(Map.of(name, "x"));
        assertThatThrownBy(() -> bad.write(dir)).isInstanceOf(IOException.class)
                .hasMessageStartingWith("it." + name + ": a template cannot be called '" + name);
        assertThatThrownBy(() -> bad.addTo(new LinkedHashMap<>())).isInstanceOf(IOException.class);
        try (var list = Files.list(dir)) {
            assertThat(list.toList().stream().filter(Files::isRegularFile)).isEmpty();
        }
    }

    @Test
    void knowsItsFiles() {
        for (String path : new String[] {"chat_template.jinja", "chat_template.json",
            "additional_chat_templates/tool_use.jinja"})
            assertThat(TemplateSources.isFile(path)).as(path).isTrue();
        for (String path : new String[] {"chat_templateXjinja", "x/chat_template.jinja",
            "additional_chat_templates/a.py",
            "additional_chat_templates/deep/a.jinja", "x/additional_chat_templates/a.jinja", "tokenizer_config.json"})
            assertThat(TemplateSources.isFile(path)).as(path).isFalse();
    }
}
