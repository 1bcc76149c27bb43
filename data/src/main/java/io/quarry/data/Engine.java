package io.quarry.data;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.Iterator;
import java.util.List;
import java.util.stream.Stream;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.DataTypes;

/**
 * Spark for one piece of work: started quietly, bound to this machine alone, and gone with its scratch files when closed.
 *
 * @param spark   the session
 * @param scratch where shuffles spill; deleted at the end
 */
record Engine(SparkSession spark, Path scratch) implements AutoCloseable {

    /**
     * Starts Spark on this machine. Within one JVM all engines share the context that is running.
     *
     * @param threads tasks at once; 0 takes what the container allows
     * @param scratch an existing folder on a disk with room for twice the text
     */
    static Engine start(int threads, Path scratch) {
        int cores = threads == 0 ? Runtime.getRuntime().availableProcessors() : threads;
        SparkSession spark = SparkSession.builder().appName("quarry").master("local[" + cores + "]")
                .config("spark.ui.enabled", "false").config("spark.ui.showConsoleProgress", "false")
                .config("spark.driver.host", "127.0.0.1").config("spark.driver.bindAddress", "127.0.0.1")
                .config("spark.sql.shuffle.partitions", Math.max(4, 2 * cores))
                .config("spark.sql.warehouse.dir", scratch.resolve("warehouse").toString())
                .config("spark.local.dir", scratch.toString()).config("spark.sql.session.timeZone", "UTC")
                .getOrCreate();
        return new Engine(spark, scratch);
    }

    void parquetTexts(Path fileOrFolder, Reader.Sink sink) throws IOException {
        var rows = spark.read().parquet(fileOrFolder.toString());
        if (!List.of(rows.columns()).contains("text") || rows.schema().apply("text").dataType() != DataTypes.StringType)
            throw new IOException(fileOrFolder + " has no column text with strings; it has "
                    + String.join(", ", rows.columns()));
        Iterator<Row> each = rows.select("text").toLocalIterator();
        for (long number = 0; each.hasNext(); number++) {
            Row row = each.next();
            if (!row.isNullAt(0))
                sink.add(fileOrFolder.getFileName() + ":" + number, row.getString(0), "");
        }
    }

    /** What went wrong inside a task of Spark, as our own sentence rather than as a page about stages and executors. */
    static IOException sentence(Exception e) {
        Throwable own = e;
        for (Throwable t = e; t != null; t = t.getCause()) {
            if (t instanceof InterruptedException || t instanceof InterruptedIOException) {
                Thread.currentThread().interrupt();
                InterruptedIOException stopped = new InterruptedIOException("stopped while curating");
                stopped.initCause(e);
                return stopped;
            }
            own = t instanceof IOException || t instanceof IllegalArgumentException ? t : own;
        }
        return new IOException(own == e ? "curation failed in Spark: " + e.getMessage() : own.getMessage(), e);
    }

    @Override
    public void close() throws IOException {
        spark.stop();
        delete(scratch);
    }

    private static void delete(Path folder) throws IOException {
        if (!Files.exists(folder))
            return;
        try (Stream<Path> all = Files.walk(folder)) {
            for (Path path : all.sorted(Comparator.reverseOrder()).toList())
                Files.deleteIfExists(path);
        }
    }
}
