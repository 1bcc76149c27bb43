package io.quarry.app;

import io.quarry.ledger.Progress;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Locale;
import java.util.function.LongSupplier;

/**
 * Holds the last thing a stage said about how far it is, and works out rate and time left. The rate is that of the last
 * half minute, so a stage that goes on in the middle does not begin with a rate from nowhere. Thread-safe.
 */
final class Meter implements Progress {
    private static final long WINDOW_NANOS = 30_000_000_000L;

    private final LongSupplier nanoClock;
    private final Deque<long[]> window = new ArrayDeque<>(); // [nanos, done]
    private Reading last;

    /**
     * How far a stage is.
     *
     * @param perSecond units per second, 0 while it is not known
     */
    record Reading(long done, long total, String unit, String note, double perSecond) {
        /** Seconds to go, negative while it is not known. */
        double secondsLeft() {
            return total > 0 && perSecond > 0 ? Math.max(0, total - done) / perSecond : -1;
        }

        /** All in one phrase: {@code 45%, 3.1M of 6.9M tokens, 31.2k/s, loss 2.31, 2:03 left}. */
        String phrase() {
            StringBuilder text = new StringBuilder();
            if (total > 0)
                text.append(Math.min(100, 100 * done / total)).append("%, ").append(Numbers.count(done)).append(" of ")
                        .append(Numbers.count(total));
            else
                text.append(Numbers.count(done));
            text.append(' ').append(unit);
            text.append(tail());
            return text.toString();
        }

        /** Rate, note and time left, each after a comma. */
        String tail() {
            StringBuilder text = new StringBuilder();
            if (perSecond > 0)
                text.append(", ").append(Numbers.rate(perSecond));
            if (!note.isEmpty())
                text.append(", ").append(note);
            if (secondsLeft() >= 0)
                text.append(", ").append(Numbers.time(secondsLeft())).append(" left");
            return text.toString();
        }
    }

    Meter(LongSupplier nanoClock) {
        this.nanoClock = nanoClock;
    }

    @Override
    public synchronized void at(long done, long total, String unit, String note) {
        long now = nanoClock.getAsLong();
        if (last != null && (done < last.done() || !unit.equals(last.unit())))
            window.clear(); // the stage began to count something else
        if (window.isEmpty() || now - window.peekLast()[0] > WINDOW_NANOS / 60)
            window.addLast(new long[] {now, done});
        while (window.size() > 2 && now - window.peekFirst()[0] > WINDOW_NANOS)
            window.removeFirst();
        long[] first = window.peekFirst();
        double seconds = (now - first[0]) / 1e9;
        double perSecond = seconds > 0 ? (done - first[1]) / seconds : 0;
        last = new Reading(done, total, unit, note == null ? "" : note, perSecond);
    }

    /** The last reading, null if the stage has said nothing yet. */
    synchronized Reading reading() {
        return last;
    }

    /** Numbers as a person reads them at a glance. */
    static final class Numbers {
        private Numbers() {}

        /** {@code 950}, {@code 31.2k}, {@code 6.9M}, {@code 1.2G}. */
        static String count(double n) {
            if (n < 10_000)
                return String.format(Locale.ROOT, n == Math.rint(n) ? "%.0f" : "%.1f", n);
            if (n < 1e6)
                return String.format(Locale.ROOT, "%.1fk", n / 1e3);
            return n < 1e9
                    ? String.format(Locale.ROOT, "%.1fM", n / 1e6)
                    : String.format(Locale.ROOT, "%.1fG", n / 1e9);
        }

        static String rate(double perSecond) {
            return perSecond >= 1 ? count(perSecond) + "/s" : String.format(Locale.ROOT, "%.1f s each", 1 / perSecond);
        }

        /** {@code 0:07}, {@code 12:30}, {@code 1:02:03}. */
        static String time(double seconds) {
            long s = Math.round(seconds);
            return s < 3600
                    ? String.format(Locale.ROOT, "%d:%02d", s / 60, s % 60)
                    : String.format(Locale.ROOT, "%d:%02d:%02d", s / 3600, s / 60 % 60, s % 60);
        }

        /** {@code 950 B}, {@code 31.2 KB}, {@code 1.84 GB}; decimal, as hubs and disks count. */
        static String bytes(double n) {
            if (n < 1000)
                return String.format(Locale.ROOT, "%.0f B", n);
            if (n < 1e6)
                return String.format(Locale.ROOT, "%.1f KB", n / 1e3);
            return n < 1e9
                    ? String.format(Locale.ROOT, "%.1f MB", n / 1e6)
                    : String.format(Locale.ROOT, "%.2f GB", n / 1e9);
        }

        /** {@code 5.4 GiB}. */
        static String gib(double bytes) {
            return String.format(Locale.ROOT, "%.1f GiB", bytes / (1L << 30));
        }
    }
}
