package io.quarry.hub;

import java.io.IOException;
import java.time.Duration;
import java.util.Locale;
import java.util.function.Consumer;

/** Counts failures in a row, and waits longer behind each. */
final class Attempts {
    private final Patience patience;
    private final Consumer<String> note;
    private int failed;

    /** One way of having something that may fail. */
    @FunctionalInterface
    interface Try<T> {
        T run() throws IOException, InterruptedException;
    }

    /** @param note hears why and until when it waits, and an empty text when it goes on */
    Attempts(Patience patience, Consumer<String> note) {
        this.patience = patience;
        this.note = note;
    }

    /** Tries until it succeeds, is refused for good, or the patience is over. */
    <T> T until(Try<T> attempt) throws IOException, InterruptedException {
        while (true)
            try {
                return attempt.run();
            } catch (IOException e) {
                failed(e);
            }
    }

    /** What failed before is forgiven. */
    void progressed() {
        failed = 0;
    }

    /**
     * Waits before the next attempt.
     *
     * @throws IOException the fault itself if it is final, or a sentence if there were too many
     */
    void failed(IOException fault) throws IOException, InterruptedException {
        if (fault instanceof Refused)
            throw fault;
        failed++;
        if (failed >= patience.attempts())
            throw new Refused(fault.getMessage() + "; tried " + failed + " times. The same command goes on from here",
                    fault);
        Duration wait = patience.pause().multipliedBy(1L << Math.min(failed - 1, 16));
        if (fault instanceof Busy busy && busy.asksFor().isPresent())
            wait = busy.asksFor().get();
        if (wait.compareTo(patience.longest()) > 0)
            throw new Refused(fault.getMessage() + " and asks to come again in " + wait.toMinutes()
                    + " minutes. The same command goes on then", fault);
        note.accept(String.format(Locale.ROOT, "%s; attempt %d of %d in %.1f s", fault.getMessage(), failed + 1,
                patience.attempts(), wait.toMillis() / 1e3));
        Thread.sleep(wait);
        note.accept("");
    }
}
