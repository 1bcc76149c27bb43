package io.quarry.ledger;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileTime;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import tools.jackson.core.JacksonException;
import tools.jackson.core.type.TypeReference;
import tools.jackson.databind.json.JsonMapper;

/**
 * Remembers the hashes of files, so that a file whose size and times of change are as before is not read again. Only a
 * cache: without it, or with a damaged one, everything is hashed anew.
 */
public final class Seen {
    private static final JsonMapper JSON = JsonMapper.builder().build();

    private final Path cache;
    private final Map<String, Stamp> stamps;
    private boolean changed;

    /** What a file looked like when it was hashed; times in nanoseconds since 1970, 0 where there is none. */
    record Stamp(long bytes, long modified, long statusChanged, String sha256) {
        boolean looksLike(Stamp other) {
            return bytes == other.bytes && modified == other.modified && statusChanged == other.statusChanged;
        }
    }

    private Seen(Path cache, Map<String, Stamp> stamps) {
        this.cache = cache;
        this.stamps = stamps;
    }

    public static Seen open(Path cache) throws IOException {
        if (!Files.exists(cache))
            return new Seen(cache, new TreeMap<>());
        try {
            return new Seen(cache, JSON.readValue(Files.readString(cache), new TypeReference<TreeMap<String, Stamp>>() {
            }));
        } catch (JacksonException e) {
            return new Seen(cache, new TreeMap<>()); // a cache that cannot be read costs time, not truth
        }
    }

    /** The SHA-256 of a file, computed only if the file is new or has changed. */
    public String hash(Path file) throws IOException {
        Path real = file.toAbsolutePath().normalize();
        Stamp now = stamp(real, "");
        Stamp then = stamps.get(real.toString());
        if (then != null && then.looksLike(now))
            return then.sha256();
        String sha256 = Hash.of(real);
        learn(real, sha256);
        return sha256;
    }

    /** Notes a hash that the caller has just computed. */
    public void learn(Path file, String sha256) throws IOException {
        Path real = file.toAbsolutePath().normalize();
        stamps.put(real.toString(), stamp(real, sha256));
        changed = true;
    }

    /** Writes the cache if it has changed; files that are gone are forgotten. */
    public void save() throws IOException {
        if (!changed)
            return;
        stamps.keySet().removeIf(name -> !Files.exists(Path.of(name)));
        Artifact.writeAtomically(cache, JSON.writeValueAsString(stamps));
        changed = false;
    }

    private static Stamp stamp(Path file, String sha256) throws IOException {
        BasicFileAttributes now = Files.readAttributes(file, BasicFileAttributes.class);
        long status = file.getFileSystem().supportedFileAttributeViews().contains("unix")
                ? nanos((FileTime) Files.getAttribute(file, "unix:ctime", LinkOption.NOFOLLOW_LINKS))
                : 0;
        return new Stamp(now.size(), nanos(now.lastModifiedTime()), status, sha256);
    }

    private static long nanos(FileTime time) {
        return time.to(TimeUnit.NANOSECONDS);
    }
}
