package io.quarry.hub;

import java.io.IOException;
import java.io.InputStream;
import java.net.ProxySelector;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpHeaders;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpTimeoutException;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * HTTP with the rules of a hub: the token goes to the endpoint and nowhere else, also not by a redirect; never from
 * https to http; a connection that says nothing is given up.
 */
final class Transport implements AutoCloseable {
    private static final int MAX_REDIRECTS = 10;
    private static final Set<Integer> REDIRECTS = Set.of(301, 302, 303, 307, 308);

    private final URI endpoint;
    private final Optional<Settings.Token> token;
    private final Patience patience;
    private final HttpClient client;

    /** @param endpoint who gets the token */
    Transport(URI endpoint, Optional<Settings.Token> token, Patience patience, ProxySelector proxies) {
        this.endpoint = endpoint;
        this.token = token;
        this.patience = patience;
        // HTTP/1.1: files that come side by side each have a connection, and so a window, of their own
        client = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).proxy(proxies)
                .connectTimeout(patience.connect()).followRedirects(HttpClient.Redirect.NEVER).build();
    }

    /** An answer; whoever has it closes it. */
    record Answer(URI from, int status, HttpHeaders headers, InputStream body) implements AutoCloseable {
        Optional<String> header(String name) {
            return headers.firstValue(name).map(String::strip);
        }

        /** Bytes of the body as the headers say; -1 where they do not. */
        long length() {
            return header("Content-Length").filter(text -> text.matches("\\d{1,18}")).map(Long::parseLong).orElse(-1L);
        }

        boolean isPage() {
            return header("Content-Type").map(type -> type.toLowerCase(Locale.ROOT).startsWith("text/html"))
                    .orElse(false);
        }

        @Override
        public void close() {
            try {
                body.close();
            } catch (IOException e) {
                return; // what was wanted of it has been read
            }
        }
    }

    static boolean isWeb(URI uri) {
        return ("http".equals(uri.getScheme()) || "https".equals(uri.getScheme())) && uri.getHost() != null
                && uri.getRawUserInfo() == null;
    }

    static boolean sameOrigin(URI a, URI b) {
        return a.getScheme().equals(b.getScheme()) && a.getHost().equalsIgnoreCase(b.getHost()) && port(a) == port(b);
    }

    private static int port(URI uri) {
        return uri.getPort() >= 0 ? uri.getPort() : uri.getScheme().equals("https") ? 443 : 80;
    }

    /** Asks for a body, behind all redirects. */
    Answer get(URI uri, Map<String, String> headers) throws IOException, InterruptedException {
        return follow("GET", uri, headers, false);
    }

    /** Asks for the headers; a redirect that tells what is behind it ({@code X-Linked-Etag}) is not followed. */
    Answer head(URI uri) throws IOException, InterruptedException {
        return follow("HEAD", uri, Map.of(), true);
    }

    private Answer follow(String method, URI uri, Map<String, String> headers, boolean untilLinked)
            throws IOException, InterruptedException {
        URI at = uri;
        for (int i = 0; i <= MAX_REDIRECTS; i++) {
            Answer answer = send(method, at, headers);
            Optional<String> location = answer.header("Location");
            if (!REDIRECTS.contains(answer.status()) || location.isEmpty()
                    || untilLinked && answer.header("X-Linked-Etag").isPresent())
                return answer;
            answer.close();
            at = next(at, location.get());
        }
        throw new Refused(uri.getHost() + " answered with more than " + MAX_REDIRECTS + " redirects for "
                + shown(uri));
    }

    private static URI next(URI at, String location) throws Refused {
        try {
            URI to = at.resolve(location);
            if (!isWeb(to) || at.getScheme().equals("https") && to.getScheme().equals("http"))
                throw new IllegalArgumentException("only https may follow https, only http or https follow http");
            return to;
        } catch (IllegalArgumentException e) {
            throw new Refused(at.getHost() + " redirects to \"" + FilePath.shown(location)
                    + "\", which is not followed: " + e.getMessage(), e);
        }
    }

    private Answer send(String method, URI uri, Map<String, String> headers) throws IOException, InterruptedException {
        HttpRequest.Builder request = HttpRequest.newBuilder(uri).method(method, HttpRequest.BodyPublishers.noBody())
                .header("Accept-Encoding", "identity").header("User-Agent", "quarry");
        headers.forEach(request::header);
        if (token.isPresent() && sameOrigin(uri, endpoint))
            request.header("Authorization", "Bearer " + token.get().value());
        CompletableFuture<HttpResponse<InputStream>> coming = client.sendAsync(request.build(),
                HttpResponse.BodyHandlers.ofInputStream());
        try {
            HttpResponse<InputStream> response = coming.get(patience.connect().plus(patience.silence()).toMillis(),
                    TimeUnit.MILLISECONDS);
            return new Answer(uri, response.statusCode(), response.headers(),
                    new ImpatientStream(response.body(), patience.silence()));
        } catch (TimeoutException e) {
            throw new HttpTimeoutException(uri.getHost() + " did not answer within " + patience.silence().toSeconds()
                    + " s");
        } catch (ExecutionException e) {
            throw broken(uri, e.getCause());
        } finally {
            coming.cancel(true);
        }
    }

    private static IOException broken(URI uri, Throwable cause) {
        String why = cause.getMessage() != null ? cause.getMessage() : switch (cause) {
            case java.net.ConnectException e when e
                    .getCause() instanceof java.nio.channels.UnresolvedAddressException ->
                "the name is not known (is there a network?)";
            case java.net.ConnectException _ -> "it refuses connections";
            default -> cause.getClass().getSimpleName();
        };
        return new IOException(uri.getHost() + " cannot be reached: " + why, cause);
    }

    /** Without query, which may hold a signature. */
    static String shown(URI uri) {
        return FilePath.shown(uri.getScheme() + "://" + uri.getRawAuthority() + uri.getRawPath());
    }

    @Override
    public void close() {
        client.shutdownNow();
    }
}
