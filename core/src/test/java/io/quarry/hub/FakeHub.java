package io.quarry.hub;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.quarry.hub.Settings.Token;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ProxySelector;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.Predicate;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * A small hub on this machine: one model, large files (from {@link #LARGE} bytes) behind a redirect to another host, as
 * the real one has them. Tests put faults in its way.
 */
public final class FakeHub implements AutoCloseable {
    static final int LARGE = 1000;
    static final Patience IMPATIENT = new Patience(Duration.ofSeconds(20), Duration.ofSeconds(20),
            Duration.ofSeconds(60), 4, Duration.ofMillis(1), Duration.ofSeconds(3));

    /** What was asked: method, path, range and token. */
    public record Asked(String method, String path, String range, String token) {}

    /** Answers instead of the hub, or says that it does not. */
    public interface Fault {
        boolean answers(HttpExchange exchange) throws IOException;
    }

    public final String repo;
    public final Map<String, byte[]> files = new LinkedHashMap<>();
    public final List<Asked> asked = Collections.synchronizedList(new ArrayList<>());
    public final List<Fault> faults = Collections.synchronizedList(new ArrayList<>());
    /** Other names for the commit than {@code main}. */
    final List<String> refs = new ArrayList<>(List.of("main"));
    public String commit = "0123456789abcdef0123456789abcdef01234567";
    private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
    private final HttpServer hub = server(this::answer);
    /** Where large files are; the same machine under another name. */
    private final HttpServer store = server(this::answerFromStore);

    public FakeHub(String repo) throws IOException {
        this.repo = repo;
    }

    private interface Handler {
        void handle(HttpExchange exchange) throws IOException;
    }

    private HttpServer server(Handler handler) throws IOException {
        HttpServer server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext("/", exchange -> {
            try (exchange) {
                asked.add(new Asked(exchange.getRequestMethod(), exchange.getRequestURI().toString(),
                        String.valueOf(exchange.getRequestHeaders().getFirst("Range")),
                        String.valueOf(exchange.getRequestHeaders().getFirst("Authorization"))));
                for (Fault fault : List.copyOf(faults))
                    if (fault.answers(exchange))
                        return;
                handler.handle(exchange);
            }
        });
        server.setExecutor(threads);
        server.start();
        return server;
    }

    public URI endpoint() {
        return URI.create("http://localhost:" + hub.getAddress().getPort());
    }

    URI store() {
        return URI.create("http://127.0.0.1:" + store.getAddress().getPort());
    }

    Settings settings(Path folder, String token) {
        return new Settings(endpoint(), folder.resolve("hub"), folder.resolve("own"),
                token.isEmpty() ? Optional.empty() : Optional.of(new Token(token, "HF_TOKEN")), false,
                ProxySelector.of(null));
    }

    Hub client(Path folder) {
        return new Hub(settings(folder, ""), IMPATIENT);
    }

    public void file(String name, String content) {
        files.put(name, content.getBytes(StandardCharsets.UTF_8));
    }

    /** A file that begins as GGUF files do, of a size and with a content of its own. */
    public void gguf(String name, int bytes, int seed) {
        files.put(name, gguf(bytes, seed));
    }

    public static byte[] gguf(int bytes, int seed) {
        byte[] content = new byte[bytes];
        new java.util.Random(seed).nextBytes(content);
        System.arraycopy("GGUF".getBytes(StandardCharsets.US_ASCII), 0, content, 0, 4);
        return content;
    }

    /** The next request that fits is answered by a fault, once. */
    void once(Predicate<HttpExchange> which, Fault fault) {
        faults.add(new Fault() {
            @Override
            public boolean answers(HttpExchange exchange) throws IOException {
                return which.test(exchange) && faults.remove(this) && fault.answers(exchange);
            }
        });
    }

    public void always(Predicate<HttpExchange> which, Fault fault) {
        faults.add(exchange -> which.test(exchange) && fault.answers(exchange));
    }

    public static Predicate<HttpExchange> get(String end) {
        return exchange -> exchange.getRequestMethod().equals("GET")
                && exchange.getRequestURI().getPath().endsWith(end);
    }

    /** A status with headers and without a body. */
    public static Fault status(int status, String... headers) {
        return exchange -> {
            for (int i = 0; i < headers.length; i += 2)
                exchange.getResponseHeaders().set(headers[i], headers[i + 1]);
            exchange.sendResponseHeaders(status, -1);
            return true;
        };
    }

    static Fault body(String type, String text) {
        return exchange -> {
            byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
            exchange.getResponseHeaders().set("Content-Type", type);
            exchange.sendResponseHeaders(200, bytes.length);
            exchange.getResponseBody().write(bytes);
            return true;
        };
    }

    /** A file that breaks off behind so many bytes of what was asked. */
    Fault cut(byte[] content, int behind) {
        return exchange -> {
            int from = from(exchange);
            exchange.getResponseHeaders().set("Content-Range",
                    "bytes " + from + "-" + (content.length - 1) + "/" + content.length);
            exchange.sendResponseHeaders(from > 0 ? 206 : 200, content.length - from);
            OutputStream out = exchange.getResponseBody();
            out.write(content, from, Math.min(behind, content.length - from));
            out.flush();
            return true; // closing now breaks the promise of the length
        };
    }

    public static int from(HttpExchange exchange) {
        String range = exchange.getRequestHeaders().getFirst("Range");
        return range == null ? 0 : Integer.parseInt(range.replaceAll("bytes=(\\d+)-.*", "$1"));
    }

    static String sha256(byte[] content) {
        return hash(Checksum.Kind.SHA_256, content);
    }

    private static String hash(Checksum.Kind kind, byte[] content) {
        var digest = Checksum.begin(kind, content.length);
        digest.update(content);
        return Checksum.end(kind, digest).hex();
    }

    public static String tag(byte[] content) {
        return hash(content.length >= LARGE ? Checksum.Kind.SHA_256 : Checksum.Kind.GIT_SHA_1, content);
    }

    private void answer(HttpExchange exchange) throws IOException {
        String path = exchange.getRequestURI().getPath();
        String api = "/api/models/" + repo + "/revision/";
        String resolve = "/" + repo + "/resolve/" + commit + "/";
        if (path.startsWith(api)) {
            String revision = path.substring(api.length());
            if (refs.contains(revision) || revision.equals(commit))
                body("application/json", list()).answers(exchange);
            else
                status(404, "X-Error-Code", "RevisionNotFound").answers(exchange);
        } else if (path.startsWith("/api/models/"))
            status(401, "X-Error-Code", "RepoNotFound").answers(exchange);
        else if (path.startsWith(resolve) && files.containsKey(path.substring(resolve.length())))
            resolve(exchange, path.substring(resolve.length()));
        else
            status(404, "X-Error-Code", "EntryNotFound").answers(exchange);
    }

    private void resolve(HttpExchange exchange, String name) throws IOException {
        byte[] content = files.get(name);
        exchange.getResponseHeaders().set("X-Repo-Commit", commit);
        if (content.length < LARGE) {
            exchange.getResponseHeaders().set("ETag", "\"" + tag(content) + "\"");
            send(exchange, content);
            return;
        }
        exchange.getResponseHeaders().set("X-Linked-Etag", "\"" + tag(content) + "\"");
        exchange.getResponseHeaders().set("X-Linked-Size", String.valueOf(content.length));
        status(302, "Location", store() + "/" + tag(content)).answers(exchange);
    }

    private void answerFromStore(HttpExchange exchange) throws IOException {
        String tag = exchange.getRequestURI().getPath().substring(1);
        for (Map.Entry<String, byte[]> file : files.entrySet())
            if (tag(file.getValue()).equals(tag) || file.getKey().equals(tag)) {
                exchange.getResponseHeaders().set("ETag", "\"" + tag(file.getValue()) + "\"");
                send(exchange, file.getValue());
                return;
            }
        status(404).answers(exchange);
    }

    private static void send(HttpExchange exchange, byte[] content) throws IOException {
        if (exchange.getRequestMethod().equals("HEAD")) {
            exchange.getResponseHeaders().set("Content-Length", String.valueOf(content.length));
            exchange.sendResponseHeaders(200, -1);
            return;
        }
        String range = exchange.getRequestHeaders().getFirst("Range");
        int from = from(exchange);
        int to = range != null && range.matches("bytes=\\d+-\\d+")
                ? Integer.parseInt(range.substring(range.indexOf('-') + 1)) + 1
                : content.length;
        byte[] part = Arrays.copyOfRange(content, from, to);
        if (range != null)
            exchange.getResponseHeaders().set("Content-Range",
                    "bytes " + from + "-" + (to - 1) + "/" + content.length);
        exchange.sendResponseHeaders(range == null ? 200 : 206, part.length == 0 ? -1 : part.length);
        exchange.getResponseBody().write(part);
    }

    private String list() {
        JsonMapper json = JsonMapper.builder().build();
        ObjectNode root = json.createObjectNode().put("id", repo).put("sha", commit);
        ArrayNode siblings = root.putArray("siblings");
        files.forEach((name, content) -> {
            ObjectNode file = siblings.addObject().put("rfilename", name).put("size", content.length);
            if (content.length >= LARGE)
                file.putObject("lfs").put("sha256", tag(content)).put("size", content.length);
            else
                file.put("blobId", tag(content));
        });
        return json.writeValueAsString(root);
    }

    @Override
    public void close() {
        hub.stop(0);
        store.stop(0);
        threads.shutdownNow();
    }
}
