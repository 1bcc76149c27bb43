package io.quarry.ledger;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import tools.jackson.core.JacksonException;
import tools.jackson.core.type.TypeReference;
import tools.jackson.databind.json.JsonMapper;

/**
 * The append-only record of every artifact that was made: one JSON object per line, each with the hash of the line
 * before it, so that a line that was changed, taken out or put in breaks the chain. The chain shows change by accident
 * or in part; whoever rewrites the whole file makes a new chain, which only a signature over its head would show.
 *
 * <p>Not for several writers at once: the pipeline holds the folder's lock while it appends.
 */
public final class Ledger {
    /** The hash that the first line names as the one before it. */
    static final String START = "0".repeat(64);
    private static final JsonMapper JSON = JsonMapper.builder().build();
    private static final TypeReference<LinkedHashMap<String, Object>> OBJECT = new TypeReference<>() {
    };

    private final Path file;
    private final List<Entry> entries = new ArrayList<>();
    private String head = START;
    private String repair = "";

    /**
     * One artifact that was made.
     *
     * @param previous hash of the line before, 64 zeros in the first
     * @param time     when it was made, ISO 8601
     * @param stage    name of the stage
     * @param key      key of the artifact
     * @param content  hash over its files
     * @param manifest SHA-256 of its {@code manifest.json}
     * @param parents  content hashes of the inputs by name
     * @param recipe   hash of the whole resolved recipe
     */
    public record Entry(String previous, String time, String stage, String key, String content, String manifest,
            Map<String, String> parents, String recipe) {
        private Map<String, Object> body() {
            Map<String, Object> body = new LinkedHashMap<>();
            body.put("previous", previous);
            body.put("time", time);
            body.put("stage", stage);
            body.put("key", key);
            body.put("content", content);
            body.put("manifest", manifest);
            body.put("parents", new TreeMap<>(parents));
            body.put("recipe", recipe);
            return body;
        }
    }

    private Ledger(Path file) {
        this.file = file;
    }

    /**
     * Reads and verifies the whole chain; a file that is not there is an empty ledger. A last line without its end (the
     * power went while it was written) is taken off, see {@link #repair()}: its artifact was not finished either.
     *
     * @throws IOException if the chain is broken, with the number of the line
     */
    public static Ledger open(Path file) throws IOException {
        Ledger ledger = new Ledger(file);
        if (!Files.exists(file))
            return ledger;
        String text = Files.readString(file);
        int whole = text.lastIndexOf('\n') + 1;
        if (whole < text.length())
            ledger.cut(text.substring(0, whole), text.length() - whole);
        int number = 0;
        for (String line : text.substring(0, whole).split("\n"))
            if (whole > 0)
                ledger.take(line, ++number);
        return ledger;
    }

    /** What was mended when the ledger was opened, as a sentence; empty if nothing was. */
    public String repair() {
        return repair;
    }

    public List<Entry> entries() {
        return List.copyOf(entries);
    }

    /** The hash of the last line: whoever keeps it can prove later what the ledger held now. */
    public String head() {
        return head;
    }

    /** Whether the ledger says that this artifact, with this manifest, was made. */
    public boolean holds(Manifest manifest, String manifestHash) {
        return entries.stream().anyMatch(e -> e.key().equals(manifest.key())
                && e.content().equals(manifest.content()) && e.manifest().equals(manifestHash));
    }

    /** Appends the entry of an artifact; when this returns, the entry is on the disk. */
    public void append(Artifact artifact) throws IOException {
        Manifest m = artifact.manifest();
        Entry entry = new Entry(head, Instant.now().toString(), m.stage(), m.key(), m.content(),
                artifact.manifestHash(), m.parents(), m.recipe());
        Map<String, Object> body = entry.body();
        String hash = Hash.of(JSON.writeValueAsString(body));
        body.put("hash", hash);
        ByteBuffer line = StandardCharsets.UTF_8.encode(JSON.writeValueAsString(body) + "\n");
        try (FileChannel out = FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.APPEND)) {
            while (line.hasRemaining())
                out.write(line);
            out.force(true);
        }
        entries.add(entry);
        head = hash;
    }

    private void take(String line, int number) throws IOException {
        Map<String, Object> body;
        Entry entry;
        try {
            body = JSON.readValue(line, OBJECT);
            Object hash = body.remove("hash");
            String found = Hash.of(JSON.writeValueAsString(body));
            if (!found.equals(hash))
                throw broken(number, "its content has the hash " + found + ", it says " + hash);
            entry = JSON.convertValue(body, Entry.class);
        } catch (JacksonException e) {
            throw new IOException(broken(number, "it is no entry: " + e.getOriginalMessage()).getMessage(), e);
        }
        if (!head.equals(entry.previous()))
            throw broken(number, "it follows the line " + entry.previous() + ", but the line before it is " + head);
        entries.add(entry);
        head = Hash.of(JSON.writeValueAsString(body));
    }

    private IOException broken(int number, String why) {
        return new IOException("the ledger " + file + " is broken at line " + number + ": " + why
                + ". Someone or something changed it; put back the file as it was, or move it and the artifacts beside"
                + " it away to start over");
    }

    private void cut(String whole, int characters) throws IOException {
        Artifact.writeAtomically(file, whole);
        repair = "the last line of " + file + " was cut off (" + characters
                + " characters); it is taken off, its artifact will be made again";
    }
}
