package io.quarry.ledger;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.SerializationFeature;
import tools.jackson.databind.json.JsonMapper;

/**
 * A finished result of a stage: a folder with its files and {@code manifest.json}. The manifest is written last by an
 * atomic rename, so its presence means that the artifact is whole.
 *
 * @param dir      the folder
 * @param manifest what it is
 */
public record Artifact(Path dir, Manifest manifest) {
    public static final String MANIFEST = "manifest.json";
    private static final JsonMapper JSON = JsonMapper.builder().enable(SerializationFeature.INDENT_OUTPUT).build();

    /** How a file is hashed: {@link Hash#of(Path)}, or {@link Seen#hash} to save time. */
    @FunctionalInterface
    public interface Hasher {
        String hash(Path file) throws IOException;
    }

    /** Whether a folder holds a finished artifact. */
    public static boolean exists(Path dir) {
        return Files.isRegularFile(dir.resolve(MANIFEST));
    }

    /** Reads the manifest; the files are not hashed, see {@link #damage()}. */
    public static Artifact open(Path dir) throws IOException {
        Path file = dir.resolve(MANIFEST);
        try {
            Manifest manifest = JSON.readValue(Files.readString(file), Manifest.class);
            if (manifest == null || manifest.stage() == null || manifest.key() == null || manifest.content() == null
                    || manifest.parents() == null || manifest.files() == null || manifest.facts() == null)
                throw new IOException(file + " is no manifest: it lacks stage, key, content, parents, facts or files");
            return new Artifact(dir, manifest);
        } catch (JacksonException e) {
            throw new IOException(file + " is no manifest: " + e.getOriginalMessage(), e);
        }
    }

    /** The path of one file of this artifact. */
    public Path file(String name) {
        return dir.resolve(name);
    }

    /** SHA-256 of the manifest file itself; stands in the ledger. */
    public String manifestHash() throws IOException {
        return Hash.of(dir.resolve(MANIFEST));
    }

    /** Says what is wrong with the files, as a sentence; empty if all have the size and hash of the manifest. */
    public String damage() throws IOException {
        return damage(Hash::of);
    }

    /** As {@link #damage()}, with another way to learn a file's hash. */
    public String damage(Hasher hasher) throws IOException {
        if (!content(manifest.files()).equals(manifest.content()))
            return dir.resolve(MANIFEST) + " names files that do not have its content hash";
        for (Manifest.FileEntry entry : manifest.files()) {
            Path file = dir.resolve(entry.name()).normalize();
            if (!file.startsWith(dir.normalize()))
                return dir.resolve(MANIFEST) + " names a file outside its folder: " + entry.name();
            if (!Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS))
                return file + " is missing";
            long bytes = Files.size(file);
            if (bytes != entry.bytes())
                return file + " has " + bytes + " bytes, the manifest says " + entry.bytes();
            String hash = hasher.hash(file);
            if (!hash.equals(entry.sha256()))
                return file + " has the hash " + hash + ", the manifest says " + entry.sha256();
        }
        Set<String> known = manifest.files().stream().map(Manifest.FileEntry::name).collect(Collectors.toSet());
        for (Path file : files(dir))
            if (!known.contains(name(dir, file)))
                return file + " is not in the manifest";
        return "";
    }

    /** Hashes all files of a folder and writes its manifest, which makes it an artifact. */
    public static Artifact seal(Path dir, String stage, String kind, String key, Map<String, String> parents,
            String recipe, Map<String, Object> facts, String version, double seconds) throws IOException {
        List<Manifest.FileEntry> entries = new ArrayList<>();
        for (Path file : files(dir)) {
            force(file);
            entries.add(new Manifest.FileEntry(name(dir, file), Hash.of(file), Files.size(file)));
        }
        Manifest manifest = new Manifest(stage, kind, key, content(entries), new TreeMap<>(parents), recipe, facts,
                entries, version, Instant.now().toString(), seconds);
        writeAtomically(dir.resolve(MANIFEST), JSON.writeValueAsString(manifest));
        return new Artifact(dir, manifest);
    }

    /** All files but the manifest, sorted. */
    private static List<Path> files(Path dir) throws IOException {
        try (Stream<Path> all = Files.walk(dir)) {
            return all.filter(f -> !Files.isDirectory(f, LinkOption.NOFOLLOW_LINKS))
                    .filter(f -> !name(dir, f).equals(MANIFEST)).sorted().toList();
        }
    }

    private static String name(Path dir, Path file) {
        return dir.relativize(file).toString().replace('\\', '/');
    }

    private static String content(List<Manifest.FileEntry> files) {
        StringBuilder all = new StringBuilder();
        for (Manifest.FileEntry file : files)
            all.append(file.name()).append('\0').append(file.sha256()).append('\n');
        return Hash.of(all.toString());
    }

    /** Writes text so that a reader sees the old file or the whole new one, also after a power cut. */
    public static void writeAtomically(Path file, String text) throws IOException {
        Path partial = file.resolveSibling(file.getFileName() + ".partial");
        Files.writeString(partial, text);
        force(partial);
        Files.move(partial, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    }

    private static void force(Path file) throws IOException {
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
            channel.force(true);
        }
    }
}
