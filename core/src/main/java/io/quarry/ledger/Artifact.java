package io.quarry.ledger;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
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

    /** Whether a folder holds a finished artifact. */
    public static boolean exists(Path dir) {
        return Files.isRegularFile(dir.resolve(MANIFEST));
    }

    /** Reads the manifest; the files are not hashed, see {@link #damage()}. */
    public static Artifact open(Path dir) throws IOException {
        Path file = dir.resolve(MANIFEST);
        try {
            return new Artifact(dir, JSON.readValue(Files.readString(file), Manifest.class));
        } catch (JacksonException e) {
            throw new IOException(file + " is no manifest: " + e.getOriginalMessage(), e);
        }
    }

    /** The path of one file of this artifact. */
    public Path file(String name) {
        return dir.resolve(name);
    }

    /** Says what is wrong with the files, as a sentence; empty if all have the size and hash of the manifest. */
    public String damage() throws IOException {
        for (Manifest.FileEntry entry : manifest.files()) {
            Path file = dir.resolve(entry.name());
            if (!Files.isRegularFile(file))
                return file + " is missing";
            long bytes = Files.size(file);
            if (bytes != entry.bytes())
                return file + " has " + bytes + " bytes, the manifest says " + entry.bytes();
            String hash = Hash.of(file);
            if (!hash.equals(entry.sha256()))
                return file + " has the hash " + hash + ", the manifest says " + entry.sha256();
        }
        return "";
    }

    /** Hashes all files of a folder and writes its manifest, which makes it an artifact. */
    public static Artifact seal(Path dir, String stage, String kind, String key, Map<String, String> parents,
            String recipe, Map<String, Object> facts, String version, double seconds) throws IOException {
        List<Manifest.FileEntry> files = new ArrayList<>();
        try (Stream<Path> all = Files.walk(dir)) {
            for (Path file : all.filter(Files::isRegularFile).sorted().toList()) {
                String name = dir.relativize(file).toString().replace('\\', '/');
                if (!name.equals(MANIFEST))
                    files.add(new Manifest.FileEntry(name, Hash.of(file), Files.size(file)));
            }
        }
        Manifest manifest = new Manifest(stage, kind, key, content(files), new TreeMap<>(parents), recipe, facts, files,
                version, Instant.now().toString(), seconds);
        writeAtomically(dir.resolve(MANIFEST), JSON.writeValueAsString(manifest));
        return new Artifact(dir, manifest);
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
        try (FileChannel channel = FileChannel.open(partial, StandardOpenOption.WRITE)) {
            channel.force(true);
        }
        Files.move(partial, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    }
}
