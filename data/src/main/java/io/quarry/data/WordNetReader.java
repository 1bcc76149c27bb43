package io.quarry.data;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * Reads the data files of WordNet ({@code wndb(5WN)}): each set of synonyms with its gloss becomes a line of prose, and
 * sets that follow each other, which are related in meaning, become one document.
 */
final class WordNetReader {
    private static final int LINES = 12;

    private WordNetReader() {}

    static void glosses(Path jar, Reader.Sink sink) throws IOException {
        Zip.entries(jar, name -> name.matches("(.*/)?data\\.(noun|verb|adj|adv)"), "WordNet data files",
                (name, content) -> {
                    List<String> lines = new String(content, StandardCharsets.UTF_8).lines()
                            .filter(line -> !line.startsWith(" ")).map(line -> line(line, name)).toList();
                    for (int at = 0; at < lines.size(); at += LINES)
                        sink.add(name + ":" + at,
                                String.join("\n", lines.subList(at, Math.min(lines.size(), at + LINES))), "en");
                });
    }

    /** {@code offset file type count word id word id ... | gloss; "example"}, count in base 16. */
    static String line(String line, String name) {
        String[] halves = line.split(" \\| ", 2);
        String[] fields = halves[0].split(" ");
        if (halves.length < 2 || fields.length < 6 || !fields[3].matches("[0-9a-f]{2}"))
            throw new IllegalArgumentException(name + " has a line that is no WordNet synset: "
                    + line.substring(0, Math.min(80, line.length())));
        int count = Integer.parseInt(fields[3], 16);
        List<String> words = new ArrayList<>();
        for (int w = 0; w < count && 4 + 2 * w < fields.length; w++)
            words.add(fields[4 + 2 * w].replace('_', ' ').replaceAll("\\((a|p|ip)\\)$", ""));
        String gloss = halves[1].strip();
        return String.join(", ", words) + ": " + gloss + (gloss.endsWith(".") || gloss.endsWith("\"") ? "" : ".");
    }
}
