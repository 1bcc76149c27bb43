package io.quarry.hub;

import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * What a hub says about a model: {@code GET /api/models/REPO/revision/REVISION} for commit and files,
 * {@code HEAD /REPO/resolve/COMMIT/FILE} for what a file's content hashes to.
 */
final class Remote {
    private static final JsonMapper JSON = JsonMapper.builder().build();
    /** Lists of files have some 100 bytes a file. */
    private static final int MAX_LIST = 32 << 20;
    private static final int MAX_FILES = 100_000;
    /** A tag is the name of a file in the cache. */
    private static final String TAG = "[0-9A-Za-z][0-9A-Za-z._-]{0,127}";

    private final Settings settings;
    private final Transport transport;
    private final Patience patience;

    Remote(Settings settings, Transport transport, Patience patience) {
        this.settings = settings;
        this.transport = transport;
        this.patience = patience;
    }

    /**
     * A file of a model, as the hub lists it.
     *
     * @param bytes    its length, -1 if the list does not say
     * @param checksum of its content, if the list says
     */
    record Entry(String name, long bytes, Optional<Checksum> checksum) {}

    /** A state of a model. */
    record Listing(String commit, List<Entry> files) {
        List<String> names() {
            return files.stream().map(Entry::name).toList();
        }

        Entry entry(String name) {
            return files.stream().filter(file -> file.name().equals(name)).findFirst().orElseThrow();
        }
    }

    /**
     * A file that can be had.
     *
     * @param tag      names its content in the cache: the checksum, on a hub that is one
     * @param bytes    its length
     * @param checksum of its content; empty on servers that do not say
     */
    record Source(String name, URI from, String tag, long bytes, Optional<Checksum> checksum) {}

    /** Which files a model has at a revision. */
    Listing list(ModelName name, Consumer<String> note) throws IOException, InterruptedException {
        URI uri = address("/api/models/" + name.repo() + "/revision/" + escaped(name.revision()) + "?blobs=true");
        return new Attempts(patience, note).until(() -> {
            try (Transport.Answer answer = transport.get(uri, Map.of())) {
                check(answer, name, "");
                return listing(name, uri, text(answer));
            }
        });
    }

    /** What a file is, asked of the place where it will be fetched. */
    Source source(ModelName name, String commit, Entry entry, Consumer<String> note)
            throws IOException, InterruptedException {
        URI uri = file(name.repo(), commit, entry.name());
        return new Attempts(patience, note).until(() -> {
            try (Transport.Answer answer = transport.head(uri)) {
                check(answer, name, entry.name());
                return source(name, uri, entry, answer);
            }
        });
    }

    private Source source(ModelName name, URI uri, Entry entry, Transport.Answer answer) throws Refused {
        String what = entry.name() + " of " + name.repo();
        Optional<String> linked = answer.header("X-Linked-Etag");
        String tag = linked.or(() -> answer.header("ETag")).map(text -> text.replaceFirst("^W/", "").replace("\"", ""))
                .or(() -> entry.checksum().map(Checksum::hex))
                .orElseThrow(() -> new Refused(settings.endpoint() + " gives no ETag for " + what
                        + ", so it is no hub, or something in between (a proxy, a sign-in page) answers for it"));
        if (!tag.matches(TAG))
            throw new Refused("the ETag of " + what + " is \"" + FilePath.shown(tag)
                    + "\", which cannot be the name of a file");
        Optional<Checksum> checksum = Checksum.of(tag).or(entry::checksum);
        if (entry.checksum().isPresent() && checksum.get().kind() == entry.checksum().get().kind()
                && !checksum.equals(entry.checksum()))
            throw new Refused("the hub contradicts itself about " + what + ": its list says "
                    + entry.checksum().get() + ", its ETag is " + checksum.get() + ". Try again later");
        long bytes = answer.header("X-Linked-Size").filter(text -> text.matches("\\d{1,18}")).map(Long::parseLong)
                .orElse(linked.isEmpty() && answer.length() >= 0 ? answer.length() : entry.bytes());
        if (bytes < 0)
            throw new Refused(settings.endpoint() + " does not say how long " + what
                    + " is, so a cut could not be told from its end");
        return new Source(entry.name(), uri, tag, bytes, checksum);
    }

    /** Says what an answer means that is not the one that was asked for. */
    private void check(Transport.Answer answer, ModelName name, String file) throws IOException {
        if (answer.status() / 100 == 2 || answer.status() / 100 == 3)
            return;
        Busy.check(answer, Instant.now());
        String code = answer.header("X-Error-Code").orElse("");
        String page = settings.endpoint() + "/" + name.repo();
        String token = settings.token().map(Settings.Token::toString).orElse("");
        boolean sent = !token.isEmpty();
        if (code.equals("GatedRepo"))
            throw new Refused(name.repo() + " is gated: its owner wants conditions accepted first. Accept them at "
                    + page
                    + (sent
                            ? ", signed in as the user of " + token + " (which has no access yet)"
                            : ", make a token at " + settings.endpoint() + "/settings/tokens, and set HF_TOKEN to it"));
        if (code.equals("RevisionNotFound"))
            throw new Refused(name.repo() + " has no revision \"" + name.revision() + "\" at " + settings.endpoint()
                    + "; its branches, tags and commits are listed at " + page + "/commits/main");
        if (code.equals("EntryNotFound") || answer.status() == 404 && !file.isEmpty())
            throw new Refused(name.repo() + " has no file " + file + " at revision " + name.revision());
        if (answer.status() == 401 && sent && !code.equals("RepoNotFound"))
            throw new Refused(settings.endpoint() + " does not know " + token
                    + ": it may have expired. Make another at " + settings.endpoint() + "/settings/tokens");
        if (answer.status() == 401 || answer.status() == 404)
            throw new Refused("there is no model " + name.repo() + " at " + settings.endpoint()
                    + ", or it is private" + (sent ? " and " + token + " has no access to it" : "")
                    + ". Look how it is spelled" + (sent ? "" : "; for a private one set HF_TOKEN"));
        if (answer.status() == 403)
            throw new Refused(settings.endpoint() + " forbids access to " + name.repo()
                    + (sent
                            ? " with " + token + ": give it the right to read"
                            : ": set HF_TOKEN to a token that may read")
                    + message(answer));
        throw new Refused(settings.endpoint() + " answered " + answer.status() + " when asked for " + name.repo()
                + message(answer));
    }

    private static String message(Transport.Answer answer) {
        return answer.header("X-Error-Message").map(text -> " (\"" + FilePath.shown(text) + "\")").orElse("");
    }

    private Listing listing(ModelName name, URI uri, String text) throws Refused {
        try {
            JsonNode root = JSON.readTree(text);
            String commit = root.path("sha").asString("");
            if (!commit.matches("[0-9a-f]{40}") || !root.path("siblings").isArray())
                throw new Refused(Transport.shown(uri) + " answered without a commit (sha) and files (siblings)");
            List<Entry> files = new ArrayList<>();
            for (JsonNode sibling : root.path("siblings")) {
                if (files.size() == MAX_FILES)
                    throw new Refused(name.repo() + " lists more than " + MAX_FILES + " files");
                String file = sibling.path("rfilename").asString("");
                FilePath.check(file, "a file of " + name.repo());
                String hex = sibling.path("lfs").path("sha256").asString(sibling.path("blobId").asString(""));
                files.add(new Entry(file, sibling.path("size").asLong(-1), Checksum.of(hex)));
            }
            return new Listing(commit, files);
        } catch (JacksonException e) {
            throw new Refused(Transport.shown(uri) + " answered with something that is no JSON ("
                    + e.getOriginalMessage() + "). Is HF_ENDPOINT a hub?", e);
        } catch (IllegalArgumentException e) {
            throw new Refused(e.getMessage(), e);
        }
    }

    private String text(Transport.Answer answer) throws IOException {
        if (answer.isPage())
            throw new Refused(Transport.shown(answer.from())
                    + " answered with a web page instead of a list of files. Is HF_ENDPOINT a hub, and is no sign-in needed?");
        byte[] bytes = new byte[1 << 16];
        int length = 0;
        long end = System.nanoTime() + patience.small().toNanos();
        InputStream in = answer.body();
        for (int n; (n = in.read(bytes, length, bytes.length - length)) >= 0;) {
            length += n;
            if (length == bytes.length)
                bytes = java.util.Arrays.copyOf(bytes, 2 * length);
            if (length > MAX_LIST)
                throw new Refused(Transport.shown(answer.from()) + " does not end after " + MAX_LIST + " bytes");
            if (System.nanoTime() > end)
                throw new Refused(Transport.shown(answer.from()) + " did not end within "
                        + patience.small().toSeconds() + " s");
        }
        return new String(bytes, 0, length, StandardCharsets.UTF_8);
    }

    private URI file(String repo, String commit, String file) {
        StringBuilder path = new StringBuilder("/" + repo + "/resolve/" + commit);
        for (String part : file.split("/"))
            path.append('/').append(escaped(part));
        return address(path.toString());
    }

    private URI address(String path) {
        return URI.create(settings.endpoint() + path);
    }

    private static String escaped(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8).replace("+", "%20");
    }
}
