package io.quarry.serve;

import io.helidon.http.HeaderValues;
import io.helidon.http.HttpException;
import io.helidon.webserver.CloseConnectionException;
import io.helidon.webserver.WebServer;
import io.helidon.webserver.http.HttpRouting;
import io.helidon.webserver.http.ServerResponse;
import io.quarry.chat.ChatFormat;
import io.quarry.infer.Lm;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.time.Duration;
import java.util.logging.Level;
import java.util.logging.Logger;

/**
 * A model behind OpenAI's chat API, with a page to try it. Every request has its virtual thread; the model answers
 * all of them in shared batches.
 *
 * <pre>
 * curl localhost:8080/health
 * curl localhost:8080/v1/models
 * curl localhost:8080/v1/chat/completions -H 'Content-Type: application/json' \
 *   -d '{"model": "nano", "messages": [{"role": "user", "content": "Hello"}]}'
 * </pre>
 */
public final class Server implements AutoCloseable {
    /** Where a server listens when nothing else is said: on this machine alone. */
    public static final String HOST = "127.0.0.1";

    /** Helidon tells of every start and stop; whoever has set its level keeps it. Held, for loggers are collected. */
    private static final Logger HELIDON = Logger.getLogger("io.helidon");

    static {
        if (HELIDON.getLevel() == null)
            HELIDON.setLevel(Level.WARNING);
    }

    private final WebServer web;
    private final Gate gate;
    private final Settings settings;
    private final String host;
    private final int port;

    private Server(WebServer web, Gate gate, Settings settings, String host) {
        this.web = web;
        this.port = web.port();
        this.gate = gate;
        this.settings = settings;
        this.host = host;
    }

    /**
     * Serves a model. The caller closes the server, also where the program is told to end, and then the model.
     *
     * @param format    how the model reads conversations
     * @param modelName name by which requests ask for the model
     * @param host      name or address to listen on; {@link #HOST} is reached from this machine alone
     * @param port      port, or 0 for one that is free
     * @throws IOException if the address cannot be listened on, or the model has no tokenizer beside it
     */
    public static Server start(Lm lm, ChatFormat format, String modelName, String host, int port) throws IOException {
        return start(new LmAssistant(lm, format), modelName, host, port, Settings.usual());
    }

    /** Serves whoever takes the assistant's turn, within bounds. */
    public static Server start(Assistant assistant, String modelName, String host, int port, Settings settings)
            throws IOException {
        InetAddress address = InetAddress.getByName(host);
        requireFree(address, port);
        Gate gate = new Gate(settings.atOnce());
        KnownHosts hosts = new KnownHosts(host);
        WebServer web = WebServer.builder().address(address).port(port).shutdownHook(false)
                .shutdownGracePeriod(Duration.ZERO)

                .routing(routing -> routing(routing.addFilter(hosts), assistant, modelName, settings, gate)).build();
        web.start();
        if (!web.isRunning())
            throw new IOException("cannot listen on " + host + ":" + port + "; the log says why");
        return new Server(web, gate, settings, host);
    }

    /** Puts everything this server has on its paths. */
    static void routing(HttpRouting.Builder routing, Assistant assistant, String modelName, Settings settings,
            Gate gate) {
        long now = settings.clock().instant().getEpochSecond();
        routing.register("/", new Page());
        routing.register("/health", new Health(modelName, gate));
        routing.register("/v1/models", new Models(modelName, assistant.contextLength(), now));
        routing.register("/v1/chat/completions", new ChatCompletions(assistant, modelName, settings, gate));
        routing.any("/v1/chat/completions", ChatCompletions::postOnly);
        routing.any((request, response) -> {
            throw new ApiError(404, null, "not_found", "there is no " + request.prologue().method() + " "
                    + request.path().path() + " here; see / for what there is");
        });
        routing.error(ApiError.class, (request, response, e) -> refuse(response, e));
        routing.error(HttpException.class, (request, response, e) -> refuse(response,
                new ApiError(e.status().code(), null, null, e.getMessage())));
        routing.error(CloseConnectionException.class, (request, response, e) -> {
            throw e;
        });
        routing.error(Throwable.class, (request, response, e) -> refuse(response, Failures.unexpected(e)));
    }

    /** Sends a refusal. */
    static void refuse(ServerResponse response, ApiError error) {
        response.header(HeaderValues.CONNECTION_CLOSE); // it may have sent a body that nobody has read
        if (error.status() == 503)
            response.header("Retry-After", "1");
        Json.send(response, error.status(), error.json());
    }

    /** Helidon logs a port that is taken with its whole stack and goes on; a sentence is said before. */
    private static void requireFree(InetAddress address, int port) throws IOException {
        try (ServerSocket probe = new ServerSocket()) {
            probe.bind(new InetSocketAddress(address, port));
        } catch (IOException e) {
            throw new IOException("cannot listen on " + address.getHostAddress() + ":" + port + " (" + e.getMessage()
                    + "); choose another port, or 0 for any that is free", e);
        }
    }

    /** The port that is listened on. */
    public int port() {
        return port;
    }

    /** Where a browser on this machine finds the page, for instance {@code http://127.0.0.1:8080/}. */
    public String url() {
        String name = host.equals("0.0.0.0") ? HOST : host.equals("::") ? "[::1]" : host;
        return "http://" + (name.contains(":") && !name.startsWith("[") ? "[" + name + "]" : name) + ":" + port + "/";
    }

    /** Stops: takes no more requests, lets answers on their way end for a while, then cuts them. */
    @Override
    public void close() {
        try {
            gate.close(settings.grace());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt(); // whoever closes is in a hurry
        }
        web.stop();
    }
}
