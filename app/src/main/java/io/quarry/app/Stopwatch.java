package io.quarry.app;

import io.quarry.ledger.Artifact;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;

/**
 * Counts the seconds of a stage over all its attempts. A file keeps them, written every few seconds, so that a stage
 * that was killed and went on does not look faster than it was.
 */
final class Stopwatch implements AutoCloseable {
    private static final Duration PAUSE = Duration.ofSeconds(3);

    private final Path file;
    private final double before;
    private final int attempts;
    private final long start = System.nanoTime();
    private final Thread writer;

    private Stopwatch(Path file, double before, int attempts) {
        this.file = file;
        this.before = before;
        this.attempts = attempts;
        this.writer = Thread.ofVirtual().unstarted(this::keepWriting);
    }

    static Stopwatch start(Path file) throws IOException {
        String[] words = Files.exists(file) ? Files.readString(file).strip().split(" ") : new String[0];
        boolean known = words.length == 2 && words[0].matches("[0-9.]{1,15}") && words[1].matches("[0-9]{1,9}");
        Stopwatch watch = known
                ? new Stopwatch(file, Double.parseDouble(words[0]), Integer.parseInt(words[1]) + 1)
                : new Stopwatch(file, 0, 1);
        watch.write();
        watch.writer.start();
        return watch;
    }

    double seconds() {
        return before + (System.nanoTime() - start) / 1e9;
    }

    int attempts() {
        return attempts;
    }

    /** The stage is done: its time stands in the manifest now. */
    void forget() throws IOException {
        close();
        Files.deleteIfExists(file);
    }

    private void keepWriting() {
        try {
            while (true) {
                Thread.sleep(PAUSE);
                write();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt(); // the stage has ended
        } catch (IOException e) {
            return; // interrupted while it wrote, or the disk is full, which the stage meets too and says
        }
    }

    private void write() throws IOException {
        Artifact.writeAtomically(file, String.format(java.util.Locale.ROOT, "%.1f %d%n", seconds(), attempts));
    }

    @Override
    public void close() {
        writer.interrupt();
        try {
            writer.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
