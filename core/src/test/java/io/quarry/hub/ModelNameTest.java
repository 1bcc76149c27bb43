package io.quarry.hub;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.URI;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Names of models, as people write and copy them. */
class ModelNameTest {
    private static final URI HUB = URI.create("https://huggingface.co");

    @ParameterizedTest
    @CsvSource({"org/name, org/name, main, '', ''", "hf://org/name, org/name, main, '', ''",
        "org/name:Q4_K_M, org/name, main, Q4_K_M, ''", "org/name/a/b.gguf, org/name, main, '', a/b.gguf",
        "org/name@v1.0, org/name, v1.0, '', ''", "org/name@v1:q8_0, org/name, v1, q8_0, ''",
        "org/name@refs/pr/1/x.gguf, org/name, refs/pr/1, '', x.gguf", "gpt2, gpt2, main, '', ''",
        "a_b.c-d/E.f_0, a_b.c-d/E.f_0, main, '', ''"})
    void areRead(String text, String repo, String revision, String quant, String file) {
        ModelName name = ModelName.parse(text).orElseThrow();
        assertThat(name).isEqualTo(new ModelName(repo, revision, quant, file));
        assertThat(ModelName.parse(name.toString())).contains(name);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "/", "a/", "/a", "../x", "./x", "a--b/c", "a/b..c", "-a/b", "a/b-", "a b/c", "~/models",
        "https://x.org/a", "org/name:", "org/name@", "C:\\models"})
    void areNot(String text) {
        assertThat(ModelName.parse(text)).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"org/name@..", "org/name/../x", "org/name/a//b", "org/name@a\\b"})
    void mustNotLeaveTheirFolder(String text) {
        assertThatThrownBy(() -> ModelName.parse(text)).isInstanceOf(IllegalArgumentException.class);
    }

    @ParameterizedTest
    @CsvSource({"https://huggingface.co/org/name, org/name", "https://huggingface.co/org/name/, org/name",
        "https://huggingface.co/org/name/tree/main, org/name", "https://hf.co/org/name/tree/v1, org/name@v1",
        "https://huggingface.co/org/name/blob/main/x.gguf, org/name/x.gguf",
        "https://huggingface.co/org/name/resolve/main/a/x%20y.gguf?download=true, org/name/a/x y.gguf"})
    void areFoundInAddressesOfTheHub(URI address, String name) {
        assertThat(ModelName.ofAddress(address, HUB).orElseThrow()).hasToString(name);
    }

    @Test
    void areNotFoundInOtherAddresses() {
        assertThat(ModelName.ofAddress(URI.create("https://example.org/a/b"), HUB)).isEmpty();
        assertThat(ModelName.ofAddress(URI.create("https://huggingface.co/"), HUB)).isEmpty();
        assertThat(ModelName.ofAddress(URI.create("https://huggingface.co/org"), HUB)).isEmpty();
        assertThat(ModelName.ofAddress(URI.create("https://huggingface.co/org/name/discussions/1"), HUB)).isEmpty();
        URI mirror = URI.create("http://mirror:8080/hf");
        assertThat(ModelName.ofAddress(URI.create("http://mirror:8080/hf/org/name"), mirror)).isPresent();
        assertThat(ModelName.ofAddress(URI.create("http://mirror:8081/hf/org/name"), mirror)).isEmpty();
    }
}
