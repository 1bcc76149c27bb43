package io.quarry.hub;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.junit.jupiter.api.Test;

/** Which files a name means. */
class ChoiceTest {
    private static final List<String> SHARDED = List.of(".gitattributes", "LICENSE", "README.md", "config.json",
            "consolidated.safetensors", "generation_config.json", "model-00001-of-00002.safetensors",
            "model-00002-of-00002.safetensors", "model.safetensors.index.json", "onnx/model.onnx", "pytorch_model.bin",
            "tokenizer.json", "tokenizer_config.json", "chat_template.jinja", "vocab.json", "merges.txt");
    private static final List<String> GGUF = List.of("README.md", "tiny-BF16.gguf", "tiny-Q4_K_M.gguf",
            "tiny-Q8_0.gguf", "UD/tiny-UD-Q4_K_XL.gguf", "mmproj-tiny-F16.gguf", "tiny.imatrix.gguf",
            "F16/tiny-F16-00001-of-00002.gguf", "F16/tiny-F16-00002-of-00002.gguf", "config.json");

    private static Choice choice(String name, List<String> files) {
        return Choice.of(ModelName.parse(name).orElseThrow(), files);
    }

    @Test
    void ofSafetensorsAllShardsAndWhatBelongsToThem() {
        assertThat(choice("a/b", SHARDED).files()).containsExactlyInAnyOrder("LICENSE", "README.md", "config.json",
                "generation_config.json", "model-00001-of-00002.safetensors", "model-00002-of-00002.safetensors",
                "model.safetensors.index.json", "tokenizer.json", "tokenizer_config.json", "chat_template.jinja",
                "vocab.json", "merges.txt");
    }

    @Test
    void ofSafetensorsAllTemplates() {
        List<String> files = List.of("model.safetensors", "chat_template.jinja", "chat_template.json",
                "additional_chat_templates/tool_use.jinja", "additional_chat_templates/rag.jinja");
        assertThat(choice("a/b", files).files()).containsExactlyInAnyOrderElementsOf(files);
        List<String> more = List.of("model.safetensors", "x-Q4_0.gguf", "additional_chat_templates/tool_use.jinja",
                "additional_chat_templates/run.py", "old/additional_chat_templates/tool_use.jinja");
        assertThat(choice("a/b", more).files()).containsExactly("model.safetensors",
                "additional_chat_templates/tool_use.jinja");
        assertThat(choice("a/b:Q4_0", more).files()).as("a GGUF file has its own").containsExactly("x-Q4_0.gguf");
    }

    @Test
    void ofGgufTheTypeThatIsAskedFor() {
        assertThat(choice("a/b:Q4_K_M", GGUF).files()).containsExactly("tiny-Q4_K_M.gguf", "README.md");
        assertThat(choice("a/b:q8_0", GGUF).files()).containsExactly("tiny-Q8_0.gguf", "README.md");
        assertThat(choice("a/b:Q4_K_XL", GGUF).files()).containsExactly("UD/tiny-UD-Q4_K_XL.gguf", "README.md");
        assertThat(choice("a/b:F16", GGUF).files()).containsExactly("F16/tiny-F16-00001-of-00002.gguf",
                "F16/tiny-F16-00002-of-00002.gguf", "README.md");
        assertThat(choice("a/b/F16/tiny-F16-00002-of-00002.gguf", GGUF).variant().first())
                .isEqualTo("F16/tiny-F16-00001-of-00002.gguf");
        assertThat(choice("a/b", List.of("x.gguf")).files()).containsExactly("x.gguf");
    }

    @Test
    void safetensorsComeFirstWhereBothAreThere() {
        List<String> both = List.of("model.safetensors", "config.json", "x-Q4_0.gguf");
        assertThat(choice("a/b", both).files()).containsExactly("model.safetensors", "config.json");
        assertThat(choice("a/b:Q4_0", both).files()).containsExactly("x-Q4_0.gguf");
    }

    @Test
    void anyFileByItsName() {
        assertThat(choice("a/b/onnx/model.onnx", SHARDED).files()).contains("onnx/model.onnx", "README.md");
        assertThat(choice("a/b/mmproj-tiny-F16.gguf", GGUF).files()).contains("mmproj-tiny-F16.gguf");
    }

    @Test
    void saysWhatThereIsWhereNothingOrTooMuchFits() {
        assertThatThrownBy(() -> choice("a/b", GGUF)).hasMessageContaining("a/b has 5 GGUF files")
                .hasMessageContaining("BF16, Q4_K_M, Q8_0").hasMessageContaining("for instance a/b:");
        assertThatThrownBy(() -> choice("a/b:Q2_K", GGUF)).hasMessageContaining("no GGUF file of type Q2_K")
                .hasMessageContaining("Q4_K_M");
        assertThatThrownBy(() -> choice("a/b:Q4_0", List.of("x-Q4_0.gguf", "y-Q4_0.gguf")))
                .hasMessageContaining("may be x-Q4_0.gguf, y-Q4_0.gguf").hasMessageContaining("a/b/x-Q4_0.gguf");
        assertThatThrownBy(() -> choice("a/b:Q4_0", SHARDED)).hasMessageContaining("no other GGUF file");
        assertThatThrownBy(() -> choice("a/b/c.gguf", GGUF)).hasMessageContaining("no file c.gguf");
        assertThatThrownBy(() -> choice("a/b", List.of("pytorch_model.bin")))
                .hasMessageContaining("opening them runs code");
        assertThatThrownBy(() -> choice("a/b", List.of())).hasMessageContaining("neither safetensors nor GGUF");
    }

    @Test
    void knowsWhichShardsAreMissing() {
        assertThat(choice("a/b", List.of("model-00001-of-00003.safetensors", "model-00003-of-00003.safetensors"))
                .variant().lacks()).containsExactly("model.safetensors.index.json", "model-00002-of-00003.safetensors");
        assertThat(choice("a/b", List.of("model.safetensors.index.json")).variant().lacks()).hasSize(1);
        assertThat(choice("a/b", List.of("x-00002-of-00002.gguf")).variant().lacks())
                .containsExactly("x-00001-of-00002.gguf");
        assertThat(choice("a/b", List.of("x-00001-of-99999.gguf")).variant().lacks()).hasSizeLessThan(10_000);
    }
}
