package io.quarry.data;

import static org.apache.spark.sql.functions.coalesce;
import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.count;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.octet_length;
import static org.apache.spark.sql.functions.sum;

import io.quarry.recipe.Recipe;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;

/**
 * What curation leaves behind: the files, and the facts for the report. {@code in} and {@code out} are documents and
 * bytes; {@code byCategory}, {@code byLanguage}, {@code byLicence} and {@code bySource} tell what came out,
 * {@code drops} what did not, by reason, source and category.
 */
record Outcome(Recipe.Curation plan, Path out) {
    private static final int SAMPLE = 2_000;

    /** @param documents how many, @param bytes in UTF-8 */
    public record Size(long documents, long bytes) {
        Size plus(Size other) {
            return new Size(documents + other.documents, bytes + other.bytes);
        }
    }

    /** Dropped documents of one kind. */
    public record Drop(String reason, String source, String category, long documents, long bytes) {}

    private record Sampled(String reason, String note, Document document) {}

    Map<String, Object> write(Dataset<Row> raw, Dataset<Row> judged) throws IOException {
        Row in = raw.agg(count(lit(1)), coalesce(sum(octet_length(col("text"))), lit(0L))).first();
        Map<String, Object> facts = new LinkedHashMap<>();
        facts.put("in", new Size(in.getLong(0), in.getLong(1)));
        keep(judged.where(col("reason").isNull()), facts);
        drop(judged.where(col("reason").isNotNull()), facts);
        return facts;
    }

    private void keep(Dataset<Row> kept, Map<String, Object> facts) throws IOException {
        Map<String, String> alwaysHeldOut = firstToHoldOut(kept);
        Map<String, Jsonl.Writer> writers = new HashMap<>();
        Map<String, Map<String, Size>> by = new LinkedHashMap<>();
        Size all = new Size(0, 0);
        try {
            for (Iterator<Row> rows = kept.orderBy("id").toLocalIterator(); rows.hasNext();) {
                Document d = Judged.of(rows.next()).document();
                boolean heldOut = Document.draw(d.id()) < plan.heldOutRatio()
                        || d.id().equals(alwaysHeldOut.get(d.category()));
                String file = (heldOut ? "held-out/" : "train/") + safe(d.category()) + ".jsonl";
                Jsonl.Writer writer = writers.get(file);
                if (writer == null)
                    writers.put(file, writer = new Jsonl.Writer(out.resolve(file)));
                writer.write(d);
                Size size = new Size(1, d.text().getBytes(java.nio.charset.StandardCharsets.UTF_8).length);
                all = all.plus(size);
                add(by, "byCategory", d.category(), size);
                add(by, "byLanguage", d.language(), size);
                add(by, "byLicence", d.licence(), size);
                add(by, "bySource", d.source(), size);
                add(by, "bySplit", heldOut ? "held-out" : "train", size);
            }
        } finally {
            for (Jsonl.Writer writer : writers.values())
                writer.close();
        }
        facts.put("out", all);
        facts.putAll(by);
    }

    /** A category with a few documents only would often have none held out; the one first in line always is. */
    private Map<String, String> firstToHoldOut(Dataset<Row> kept) {
        Map<String, String> first = new HashMap<>();
        Map<String, Long> counts = new HashMap<>();
        if (plan.heldOutRatio() == 0)
            return first;
        for (Iterator<Row> rows = kept.select("category", "id").toLocalIterator(); rows.hasNext();) {
            Row row = rows.next();
            counts.merge(row.getString(0), 1L, Long::sum);
            first.merge(row.getString(0), row.getString(1), (a, b) -> earlier(a, b) ? a : b);
        }
        first.keySet().removeIf(category -> counts.get(category) < 2);
        return first;
    }

    private static boolean earlier(String a, String b) {
        int order = Double.compare(Document.draw(a), Document.draw(b));
        return order < 0 || order == 0 && a.compareTo(b) < 0;
    }

    private static void add(Map<String, Map<String, Size>> by, String what, String value, Size size) {
        by.computeIfAbsent(what, key -> new TreeMap<>()).merge(value, size, Size::plus);
    }

    private void drop(Dataset<Row> dropped, Map<String, Object> facts) throws IOException {
        List<Drop> drops = new ArrayList<>();
        for (Row row : dropped.groupBy("reason", "source", "category")
                .agg(count(lit(1)), sum(octet_length(col("text")))).orderBy("reason", "source", "category")
                .collectAsList())
            drops.add(new Drop(row.getString(0), row.getString(1), row.getString(2), row.getLong(3), row.getLong(4)));
        Map<String, Size> byReason = new TreeMap<>();
        drops.forEach(drop -> byReason.merge(drop.reason(), new Size(drop.documents(), drop.bytes()), Size::plus));
        for (String reason : byReason.keySet())
            try (Jsonl.Writer writer = new Jsonl.Writer(out.resolve("dropped/" + safe(reason) + ".jsonl"))) {
                for (Row row : dropped.where(col("reason").equalTo(reason)).orderBy("id").limit(plan.samplesKept())
                        .collectAsList())
                    writer.write(sample(Judged.of(row)));
            }
        facts.put("dropped", byReason);
        facts.put("drops", drops);
    }

    private static Sampled sample(Judged judged) {
        Document d = judged.document();
        String start = d.text().substring(0, Math.min(SAMPLE, d.text().length()));
        return new Sampled(judged.reason(), judged.note(), d.with(start, d.category(), d.language()));
    }

    /** Categories come from recipes and synthetic files; a file name made of one stays in its folder. */
    private static String safe(String name) throws IOException {
        if (!name.matches("[A-Za-z0-9._-]+") || name.startsWith("."))
            throw new IOException("a category must be named with letters, digits, '.', '_' and '-', was " + name);
        return name;
    }
}
