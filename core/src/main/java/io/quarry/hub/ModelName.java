package io.quarry.hub;

import java.net.URI;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The name of a model on a hub: {@code org/name} (a few old ones have no {@code org}), {@code org/name:Q4_K_M}, {@code org/name/file.gguf}, each with
 * {@code @revision} behind the name if another than {@code main} is meant.
 *
 * @param repo     {@code org/name}
 * @param revision branch, tag or commit
 * @param quant    which of several GGUF files, by its type; empty if not said
 * @param file     which file, by its path; empty if not said
 */
public record ModelName(String repo, String revision, String quant, String file) {
    public static final String MAIN = "main";

    private static final String PART = "\\w(?:[\\w.-]{0,94}\\w)?";
    private static final Pattern REPO = Pattern.compile("(?!.*(?:--|\\.\\.))" + PART + "(?:/" + PART + ")?");
    private static final Pattern QUANT = Pattern.compile("[\\w.-]+");
    private static final Pattern NAME = Pattern.compile("(?:hf://)?(?<repo>(?>[^/:@]+(?:/[^/:@]+)?))"
            + "(?:@(?<revision>refs/(?:pr|convert)/[^/:@]+|[^/:@]+))?(?::(?<quant>[\\w.-]+)|/(?<file>.+))?");
    private static final Set<String> HUBS = Set.of("huggingface.co", "www.huggingface.co", "hf.co");

    public ModelName {
        if (!REPO.matcher(repo).matches())
            throw new IllegalArgumentException("a model on a hub is called org/name, of letters, digits, '-', '_' and "
                    + "'.', was \"" + repo + "\"");
        FilePath.check(revision, "the revision of " + repo);
        if (!file.isEmpty())
            FilePath.check(file, "the file of " + repo);
    }

    static boolean isRepo(String text) {
        return REPO.matcher(text).matches();
    }

    /** Whether a text can stand behind the colon. */
    static boolean isQuant(String text) {
        return QUANT.matcher(text).matches();
    }

    /** Reads a name; empty if the text is none. */
    public static Optional<ModelName> parse(String text) {
        Matcher m = NAME.matcher(text);
        if (!m.matches() || !REPO.matcher(m.group("repo")).matches())
            return Optional.empty();
        return Optional.of(new ModelName(m.group("repo"), or(m.group("revision"), MAIN), or(m.group("quant"), ""),
                or(m.group("file"), "")));
    }

    /** Reads the address of a page or file of a hub, as people copy it from a browser; empty if it is another address. */
    static Optional<ModelName> ofAddress(URI address, URI endpoint) {
        if (!HUBS.contains(address.getHost()) && !Transport.sameOrigin(address, endpoint))
            return Optional.empty();
        String base = Transport.sameOrigin(address, endpoint) ? endpoint.getPath() : "";
        if (!address.getPath().startsWith(base + "/"))
            return Optional.empty();
        List<String> parts = List.of(address.getRawPath().substring(base.length() + 1).split("/")).stream()
                .map(part -> URLDecoder.decode(part.replace("+", "%2B"), StandardCharsets.UTF_8)).toList();
        if (parts.size() < 2 || !REPO.matcher(parts.get(0) + "/" + parts.get(1)).matches())
            return Optional.empty();
        String repo = parts.get(0) + "/" + parts.get(1);
        if (parts.size() == 2)
            return Optional.of(new ModelName(repo, MAIN, "", ""));
        if (parts.size() < 4 || !Set.of("resolve", "blob", "tree", "raw").contains(parts.get(2)))
            return Optional.empty();
        String file = parts.get(2).equals("tree") ? "" : String.join("/", parts.subList(4, parts.size()));
        return Optional.of(new ModelName(repo, parts.get(3), "", file));
    }

    /** The same at another revision. */
    public ModelName at(String other) {
        return new ModelName(repo, other, quant, file);
    }

    private static String or(String found, String otherwise) {
        return found == null ? otherwise : found;
    }

    /** As a person writes it. */
    @Override
    public String toString() {
        return repo + (revision.equals(MAIN) ? "" : "@" + revision) + (quant.isEmpty() ? "" : ":" + quant)
                + (file.isEmpty() ? "" : "/" + file);
    }
}
