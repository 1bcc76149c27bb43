package io.quarry.data;

import io.quarry.text.Specials;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;

/**
 * The text a tokenizer is trained on: every language has a share of bytes^balance, so that a small language is not
 * spelled in single bytes. Program text counts as a language, and so does our own markup, because a model reads much of it;
 * its special tokens are left out, they need no merges.
 */
public final class TokenizerSample {
    private static final String MARKUP = "markup";

    private TokenizerSample() {}

    /**
     * A sample of the training split, the same for the same arguments.
     *
     * @param documents what {@link Curate} wrote
     * @param bytes     about how much text, in UTF-8; all there is if there is less
     * @param balance   exponent on each language's bytes: 1 as found, 0 all equal
     * @param seed      decides which documents
     */
    public static Iterator<String> texts(Path documents, long bytes, double balance, long seed) throws IOException {
        List<Path> files = Jsonl.files(documents.resolve("train"), ".jsonl");
        Map<String, Long> found = new TreeMap<>();
        for (Path file : files)
            Jsonl.documents(file, d -> found.merge(group(d), size(d), Long::sum));
        Map<String, Double> share = shares(found, bytes, balance);
        List<String> chosen = new ArrayList<>();
        for (Path file : files)
            try (Stream<Document> all = Jsonl.stream(file)) {
                all.filter(d -> Document.draw(seed + " " + d.id()) < share.get(group(d)))
                        .flatMap(d -> d.markup() ? Specials.between(d.text()) : Stream.of(d.text()))
                        .forEach(chosen::add);
            } catch (UncheckedIOException e) {
                throw e.getCause();
            }
        return chosen.iterator();
    }

    /** Which share of each language's documents is taken; what a small language lacks is spread over the others. */
    static Map<String, Double> shares(Map<String, Long> found, long bytes, double balance) {
        Map<String, Double> share = new TreeMap<>();
        double left = bytes;
        Map<String, Long> open = new TreeMap<>(found);
        for (boolean filled = true; filled && !open.isEmpty();) {
            filled = false;
            double weights = open.values().stream().mapToDouble(b -> Math.pow(b, balance)).sum();
            double budget = left;
            for (Map.Entry<String, Long> language : Map.copyOf(open).entrySet()) {
                double wanted = budget * Math.pow(language.getValue(), balance) / weights;
                share.put(language.getKey(), Math.min(1, wanted / Math.max(1, language.getValue())));
                if (wanted >= language.getValue()) {
                    left -= language.getValue();
                    open.remove(language.getKey());
                    filled = true;
                }
            }
        }
        return share;
    }

    private static String group(Document document) {
        return document.markup() ? MARKUP : document.language();
    }

    private static long size(Document document) {
        return document.text().getBytes(StandardCharsets.UTF_8).length;
    }
}
