package io.quarry.hub;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Proxy;
import java.net.ProxySelector;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What the environment says, read as Python's huggingface_hub reads it. */
class SettingsTest {
    @TempDir
    private Path home;

    private Settings of(String... pairs) throws IOException {
        Map<String, String> environment = new java.util.HashMap<>();
        for (int i = 0; i < pairs.length; i += 2)
            environment.put(pairs[i], pairs[i + 1]);
        return Settings.of(environment, home);
    }

    @Test
    void haveTheUsualDefaults() throws IOException {
        Settings settings = of("HF_TOKEN", " ", "HF_HOME", "");
        assertThat(settings.endpoint()).hasToString("https://huggingface.co");
        assertThat(settings.cache()).isEqualTo(home.resolve(".cache/huggingface/hub"));
        assertThat(settings.own()).isEqualTo(home.resolve(".quarry/models"));
        assertThat(settings.token()).isEmpty();
        assertThat(settings.offline()).isFalse();
    }

    @Test
    void followTheVariables() throws IOException {
        assertThat(of("XDG_CACHE_HOME", "/x").cache()).isEqualTo(Path.of("/x/huggingface/hub"));
        assertThat(of("XDG_CACHE_HOME", "/x", "HF_HOME", "/h").cache()).isEqualTo(Path.of("/h/hub"));
        assertThat(of("HF_HOME", "~/h").cache()).isEqualTo(home.resolve("h/hub"));
        assertThat(of("HF_HOME", "/h", "HF_HUB_CACHE", "/c").cache()).isEqualTo(Path.of("/c"));
        assertThat(of("HUGGINGFACE_HUB_CACHE", "/c").cache()).isEqualTo(Path.of("/c"));
        assertThat(of("QUARRY_HOME", "/q").own()).isEqualTo(Path.of("/q/models"));
        assertThat(of("HF_ENDPOINT", "http://mirror:8080/hf/").endpoint()).hasToString("http://mirror:8080/hf");
        assertThat(of("HF_HUB_OFFLINE", "1").offline()).isTrue();
        assertThat(of("TRANSFORMERS_OFFLINE", "yes").offline()).isTrue();
        assertThat(of("HF_HUB_OFFLINE", "0").offline()).isFalse();
    }

    @Test
    void findTheToken() throws IOException {
        Files.createDirectories(home.resolve("h"));
        Files.writeString(home.resolve("h/token"), "from-file\n");
        assertThat(of("HF_HOME", home.resolve("h").toString()).token().orElseThrow().value()).isEqualTo("from-file");
        assertThat(of("HF_HOME", home.resolve("h").toString(), "HF_TOKEN", " from-env\n").token().orElseThrow().value())
                .isEqualTo("from-env");
        assertThat(of("HF_TOKEN_PATH", home.resolve("h/token").toString()).token()).isPresent();
        assertThat(of("HF_TOKEN", "x", "HF_HUB_DISABLE_IMPLICIT_TOKEN", "1").token()).isEmpty();
        assertThatThrownBy(() -> of("HF_TOKEN", "a\nb")).hasMessageContaining("HF_TOKEN")
                .hasMessageNotContaining("a\nb");
    }

    @ParameterizedTest
    @ValueSource(strings = {"huggingface.co", "ftp://x", "https://", "http://user:password@host", "https://x/?a=b",
        "a b"})
    void refuseAnEndpointThatIsNone(String endpoint) {
        assertThatThrownBy(() -> of("HF_ENDPOINT", endpoint)).isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("HF_ENDPOINT");
    }

    @ParameterizedTest
    @CsvSource({"https://huggingface.co/x, secure:3128", "http://huggingface.co/x, plain:80", "https://a.intern/x, ''",
        "https://intern/x, ''", "https://other.org:8443/x, ''", "http://localhost:8080/, ''", "http://127.0.0.1/, ''"})
    void knowTheWayToOtherHosts(URI uri, String proxy) throws IOException {
        List<Proxy> chosen = of("HTTPS_PROXY", "http://secure:3128", "http_proxy", "plain", "NO_PROXY",
                ".intern, other.org:8443").proxies().select(uri);
        assertThat(chosen).containsExactly(proxy.isEmpty()
                ? Proxy.NO_PROXY
                : new Proxy(Proxy.Type.HTTP, InetSocketAddress.createUnresolved(proxy.split(":")[0],
                        Integer.parseInt(proxy.split(":")[1]))));
    }

    @Test
    void leaveTheWayToTheJvmWhereTheySayNothing() throws IOException {
        URI uri = URI.create("https://huggingface.co/");
        assertThat(of().proxies().select(uri)).isEqualTo(ProxySelector.getDefault().select(uri));
        assertThatThrownBy(() -> of("HTTPS_PROXY", "http://user:pass@p:1").proxies().select(uri))
                .hasMessageContaining("HTTPS_PROXY").hasMessageNotContaining("pass@");
    }
}
