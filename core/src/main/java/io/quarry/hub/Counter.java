package io.quarry.hub;

import io.quarry.ledger.Progress;

/** How far a pull is, over all files that come side by side. Thread-safe. */
final class Counter {
    private final Progress progress;
    private final long bytes;
    private final int files;
    private long done;
    private int whole;
    private String note = "";

    Counter(Progress progress, long bytes, int files) {
        this.progress = progress;
        this.bytes = bytes;
        this.files = files;
    }

    synchronized void came(long more) {
        done += more;
        say();
    }

    synchronized void fileDone() {
        whole++;
        say();
    }

    /** What a file waits for; empty when it goes on. */
    synchronized void note(String text) {
        note = text;
        say();
    }

    private void say() {
        String count = files > 1 ? whole + " of " + files + " files" : "";
        progress.at(done, bytes, "bytes", note.isEmpty() || count.isEmpty() ? note + count : count + ", " + note);
    }
}
