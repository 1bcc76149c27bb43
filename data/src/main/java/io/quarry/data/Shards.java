package io.quarry.data;

import io.quarry.ledger.Progress;
import io.quarry.text.Specials;
import io.quarry.text.TokenFile;
import io.quarry.text.Tokenizer;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Stream;

/** Curated documents to the token files that training reads, one for each category and split. */
public final class Shards {
    private static final int BATCH = 256;

    private Shards() {}

    /**
     * Tokens of one file.
     *
     * @param documents each ended by {@code <|end_of_text|>}
     * @param tokens    the ends included
     * @param bytes     of the text in UTF-8
     */
    public record Fact(long documents, long tokens, long bytes) {}

    /**
     * Writes {@code train/<category>.tok} and {@code held-out/<category>.tok}.
     *
     * @param documents what {@link Curate} wrote
     * @param tokenizer {@code tokenizer.json} or its folder
     * @param out       an existing folder
     * @param threads   that encode; 0 takes what the container allows
     * @return facts: {@code tokens}, {@code documents}, {@code bytes} in all, and {@code train} and {@code held-out} by
     *         category; {@code tokensByLanguage}
     */
    public static Map<String, Object> write(Path documents, Path tokenizer, Path out, int threads, Progress progress)
            throws IOException {
        Tokenizer encoder = Tokenizer.open(tokenizer);
        Map<String, Object> facts = new LinkedHashMap<>();
        Map<String, Long> byLanguage = new TreeMap<>();
        long total = Jsonl.files(documents, ".jsonl").stream().mapToLong(file -> file.toFile().length()).sum();
        long[] done = {0};
        List<Fact> all = new ArrayList<>();
        int workers = threads == 0 ? Runtime.getRuntime().availableProcessors() : threads;
        try (ExecutorService pool = Executors.newFixedThreadPool(workers)) {
            for (String split : List.of("train", "held-out")) {
                Map<String, Fact> byCategory = new TreeMap<>();
                for (Path file : Files.isDirectory(documents.resolve(split))
                        ? Jsonl.files(documents.resolve(split), ".jsonl")
                        : List.<Path>of()) {
                    String category = file.getFileName().toString().replaceFirst("\\.jsonl$", "");
                    Path to = Files.createDirectories(out.resolve(split)).resolve(category + ".tok");
                    byCategory.put(category, new Job(encoder, pool, byLanguage).write(file, to));
                    done[0] += Files.size(file);
                    progress.at(done[0], total, "bytes", split + " " + category);
                }
                facts.put(split, byCategory);
                all.addAll(byCategory.values());
            }
        }
        if (all.isEmpty())
            throw new IOException(documents + " has no train/*.jsonl; curate first");
        facts.put("documents", all.stream().mapToLong(Fact::documents).sum());
        facts.put("tokens", all.stream().mapToLong(Fact::tokens).sum());
        facts.put("bytes", all.stream().mapToLong(Fact::bytes).sum());
        facts.put("tokensByLanguage", byLanguage);
        return facts;
    }

    private record Job(Tokenizer encoder, ExecutorService pool, Map<String, Long> byLanguage) {

        Fact write(Path from, Path to) throws IOException {
            long bytes = 0;
            TokenFile.Writer writer = new TokenFile.Writer(to, false);
            try (writer; Stream<Document> stream = Jsonl.stream(from)) {
                List<Document> batch = new ArrayList<>();
                for (var each = stream.iterator(); each.hasNext();) {
                    Document document = each.next();
                    batch.add(document);
                    bytes += document.text().getBytes(StandardCharsets.UTF_8).length;
                    if (batch.size() == BATCH || !each.hasNext()) {
                        add(batch, writer);
                        batch.clear();
                    }
                }
            }
            return new Fact(writer.documents(), writer.tokens(), bytes);
        }

        /** Encodes many at once and writes them in their order. */
        private void add(List<Document> batch, TokenFile.Writer writer) throws IOException {
            int end = encoder.id(Specials.END_OF_TEXT);
            List<Future<int[]>> tokens = new ArrayList<>();
            for (Document document : batch)
                tokens.add(pool.submit(() -> encode(document, end)));
            for (int i = 0; i < batch.size(); i++) {
                int[] ids = join(tokens.get(i), batch.get(i));
                writer.add(ids);
                byLanguage.merge(batch.get(i).language(), (long) ids.length, Long::sum);
            }
        }

        private int[] encode(Document document, int end) {
            int[] ids = document.markup()
                    ? encoder.encodeWithSpecials(document.text())
                    : encoder.encode(document.text());
            if (ids.length > 0 && ids[ids.length - 1] == end)
                return ids;
            int[] ended = Arrays.copyOf(ids, ids.length + 1);
            ended[ids.length] = end;
            return ended;
        }

        private static int[] join(Future<int[]> tokens, Document document) throws IOException {
            try {
                return tokens.get();
            } catch (ExecutionException e) {
                throw new IOException("document " + document.id() + " cannot be encoded: " + e.getCause().getMessage(),
                        e);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                InterruptedIOException stopped = new InterruptedIOException("stopped while encoding");
                stopped.initCause(e);
                throw stopped;
            }
        }
    }
}
