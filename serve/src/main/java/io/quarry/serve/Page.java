package io.quarry.serve;

import io.helidon.http.HeaderNames;
import io.helidon.webserver.http.HttpRules;
import io.helidon.webserver.http.HttpService;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Base64;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The chat page at {@code /}: one file that asks nobody but this server for anything. */
final class Page implements HttpService {
    private final byte[] html;
    private final String policy;

    Page() {
        try (InputStream in = Page.class.getResourceAsStream("chat.html")) {
            html = in.readAllBytes();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        // Only the script and the style that are in the file may run, known by their hashes: none that an answer brings.
        policy = "default-src 'none'; connect-src 'self'; img-src data:; script-src " + hash("script") + "; style-src "
                + hash("style") + "; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";
    }

    @Override
    public void routing(HttpRules rules) {
        rules.get("/", (request, response) -> {
            response.header(HeaderNames.CONTENT_TYPE, "text/html; charset=utf-8");
            response.header(HeaderNames.CACHE_CONTROL, "no-cache");
            response.header("Content-Security-Policy", policy);
            response.send(html);
        });
    }

    private String hash(String tag) {
        String page = new String(html, StandardCharsets.UTF_8);
        Matcher element = Pattern.compile("<" + tag + ">(.*?)</" + tag + ">", Pattern.DOTALL).matcher(page);
        if (!element.find())
            throw new IllegalStateException("chat.html has no <" + tag + ">");
        try {
            byte[] sha = MessageDigest.getInstance("SHA-256")
                    .digest(element.group(1).getBytes(StandardCharsets.UTF_8));
            return "'sha256-" + Base64.getEncoder().encodeToString(sha) + "'";
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JDK has SHA-256", e);
        }
    }
}
