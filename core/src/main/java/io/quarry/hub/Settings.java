package io.quarry.hub;

import java.io.IOException;
import java.net.ProxySelector;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/**
 * Where the hub is and where models lie, as the environment says. Names and defaults are those of Python's
 * {@code huggingface_hub}, so that both find what the other has pulled.
 *
 * @param endpoint the hub, without a slash at its end
 * @param cache    the folder of {@code models--org--name}
 * @param own      the folder of models that did not come from a hub, a name each
 * @param token    sent to the endpoint, and to no other host
 * @param offline  whether no request may be made
 * @param proxies  the way to other hosts
 */
public record Settings(URI endpoint, Path cache, Path own, Optional<Token> token, boolean offline,
        ProxySelector proxies) {
    private static final List<String> TRUE = List.of("1", "ON", "YES", "TRUE");
    /** Tokens have some 40 characters; whatever is longer is another file. */
    private static final int MAX_TOKEN = 4096;

    /**
     * A secret, and where it was found.
     *
     * @param value  never printed
     * @param origin {@code HF_TOKEN}, or the path of a file
     */
    public record Token(String value, String origin) {
        public Token {
            if (!value.matches("[!-~]+"))
                throw new IllegalArgumentException("the token of " + origin
                        + " has characters that no token has (spaces, line breaks or letters outside ASCII)");
        }

        @Override
        public String toString() {
            return "the token of " + origin;
        }
    }

    /**
     * Reads {@code HF_ENDPOINT}, {@code HF_TOKEN} (else the token file), {@code HF_HUB_CACHE}, {@code HF_HOME},
     * {@code XDG_CACHE_HOME}, {@code HF_HUB_OFFLINE}, {@code HTTPS_PROXY} and our {@code QUARRY_HOME}.
     *
     * @param userHome what {@code ~} stands for
     * @throws IllegalArgumentException if one of them has a value that cannot be meant
     */
    public static Settings of(Map<String, String> environment, Path userHome) throws IOException {
        Environment env = new Environment(environment, userHome);
        Path cacheHome = env.folder("XDG_CACHE_HOME").orElse(userHome.resolve(".cache"));
        Path home = env.folder("HF_HOME").orElse(cacheHome.resolve("huggingface"));
        Path cache = env.folder("HF_HUB_CACHE").or(() -> env.folder("HUGGINGFACE_HUB_CACHE"))
                .orElse(home.resolve("hub"));
        Path own = env.folder("QUARRY_HOME").orElse(userHome.resolve(".quarry")).resolve("models");
        return new Settings(endpoint(env.text("HF_ENDPOINT").orElse("https://huggingface.co")),
                cache.toAbsolutePath().normalize(), own.toAbsolutePath().normalize(), token(env, home),
                env.isTrue("HF_HUB_OFFLINE") || env.isTrue("TRANSFORMERS_OFFLINE"), new Proxies(environment));
    }

    private static URI endpoint(String text) {
        try {
            URI uri = URI.create(text.strip().replaceFirst("/+$", ""));
            if (!Transport.isWeb(uri) || uri.getRawQuery() != null || uri.getRawFragment() != null)
                throw new IllegalArgumentException("it has no host, or more than host and path");
            return uri;
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException("HF_ENDPOINT must be an http or https address, for instance "
                    + "https://huggingface.co, was \"" + text + "\": " + e.getMessage(), e);
        }
    }

    private static Optional<Token> token(Environment env, Path home) throws IOException {
        if (env.isTrue("HF_HUB_DISABLE_IMPLICIT_TOKEN"))
            return Optional.empty();
        for (String name : List.of("HF_TOKEN", "HUGGING_FACE_HUB_TOKEN"))
            if (env.text(name).isPresent())
                return Optional.of(new Token(env.text(name).get().strip(), name));
        Path file = env.folder("HF_TOKEN_PATH").orElse(home.resolve("token"));
        if (!Files.isReadable(file) || Files.size(file) > MAX_TOKEN)
            return Optional.empty();
        String text = Files.readString(file).strip();
        return text.isEmpty() ? Optional.empty() : Optional.of(new Token(text, file.toString()));
    }

    /** Variables that are set to nothing count as not set. */
    private record Environment(Map<String, String> variables, Path userHome) {
        Optional<String> text(String name) {
            return Optional.ofNullable(variables.get(name)).filter(value -> !value.isBlank());
        }

        Optional<Path> folder(String name) {
            return text(name).map(value -> value.equals("~") || value.startsWith("~/")
                    ? userHome.resolve(value.substring(1).replaceFirst("^/+", ""))
                    : Path.of(value));
        }

        boolean isTrue(String name) {
            return text(name).map(value -> TRUE.contains(value.strip().toUpperCase(Locale.ROOT))).orElse(false);
        }
    }
}
