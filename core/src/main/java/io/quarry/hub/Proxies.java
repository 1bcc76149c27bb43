package io.quarry.hub;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Proxy;
import java.net.ProxySelector;
import java.net.SocketAddress;
import java.net.URI;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * The way to other hosts as {@code HTTPS_PROXY}, {@code HTTP_PROXY} and {@code NO_PROXY} say it, in capitals or not;
 * where they say nothing, as the JVM's own properties do. This machine itself is always reached directly.
 */
final class Proxies extends ProxySelector {
    private final Map<String, String> environment;

    Proxies(Map<String, String> environment) {
        this.environment = environment;
    }

    @Override
    public List<Proxy> select(URI uri) {
        String host = uri.getHost().toLowerCase(Locale.ROOT);
        if (host.equals("localhost") || host.startsWith("127.") || host.equals("[::1]") || isExempt(host))
            return List.of(Proxy.NO_PROXY);
        String said = said(uri.getScheme() + "_proxy");
        if (said.isEmpty())
            return ProxySelector.getDefault().select(uri);
        return List.of(new Proxy(Proxy.Type.HTTP, address(said)));
    }

    private boolean isExempt(String host) {
        for (String entry : said("no_proxy").toLowerCase(Locale.ROOT).split("[,\\s]+")) {
            String domain = entry.replaceFirst("^\\*?\\.", "").replaceFirst(":\\d+$", "");
            if (entry.equals("*") || !domain.isEmpty() && (host.equals(domain) || host.endsWith("." + domain)))
                return true;
        }
        return false;
    }

    private static InetSocketAddress address(String said) {
        URI uri = URI.create(said.contains("://") ? said : "http://" + said);
        if (uri.getHost() == null || uri.getRawUserInfo() != null || !"http".equals(uri.getScheme()))
            throw new IllegalArgumentException("a proxy must be given as http://HOST:PORT, without user and password; "
                    + "HTTPS_PROXY or HTTP_PROXY is something else");
        return InetSocketAddress.createUnresolved(uri.getHost(), uri.getPort() < 0 ? 80 : uri.getPort());
    }

    private String said(String name) {
        String value = environment.getOrDefault(name, environment.getOrDefault(name.toUpperCase(Locale.ROOT), ""));
        return value.strip();
    }

    @Override
    public void connectFailed(URI uri, SocketAddress address, IOException failure) {
        // the failure reaches whoever asked
    }
}
