package io.quarry.serve;

import io.helidon.http.HeaderNames;
import io.helidon.http.HeaderValues;
import io.helidon.webserver.CloseConnectionException;
import io.helidon.webserver.http.Filter;
import io.helidon.webserver.http.FilterChain;
import io.helidon.webserver.http.RoutingRequest;
import io.helidon.webserver.http.RoutingResponse;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.Locale;
import java.util.Set;

/**
 * Keeps a server that listens on this machine alone from web pages of others: a name of theirs that points here (DNS
 * rebinding) is not a name of this machine. A server that listens to the network is known by names it cannot list.
 */
final class KnownHosts implements Filter {
    private final boolean local;
    private final Set<String> names;

    KnownHosts(String host) throws UnknownHostException {
        local = InetAddress.getByName(host).isLoopbackAddress();
        String own = host.toLowerCase(Locale.ROOT);
        names = Set.of("localhost", "127.0.0.1", "[::1]").contains(own)
                ? Set.of("localhost", "127.0.0.1", "[::1]")
                : Set.of("localhost", "127.0.0.1", "[::1]", own.contains(":") ? "[" + own + "]" : own);
    }

    @Override
    public void filter(FilterChain chain, RoutingRequest request, RoutingResponse response) {
        response.header("X-Content-Type-Options", "nosniff");
        response.header("Referrer-Policy", "no-referrer");
        String host = request.headers().first(HeaderNames.HOST).orElse("").toLowerCase(Locale.ROOT);
        if (local && !names.contains(host.replaceFirst(":[0-9]*$", "")))
            Server.refuse(response, new ApiError(403, null, "unknown_host",
                    "this server is for this machine only, as localhost; the request names the host '" + host + "'"));
        else
            chain.proceed();
        // Helidon leaves the connection open even so, and a client that reads to its end would wait for ever.
        if (request.headers().contains(HeaderValues.CONNECTION_CLOSE)
                || response.headers().contains(HeaderValues.CONNECTION_CLOSE))
            throw new CloseConnectionException("one side asked to close");
    }
}
