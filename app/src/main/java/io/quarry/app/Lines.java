package io.quarry.app;

import java.io.PrintStream;
import java.time.Duration;

/** Plain lines for logs and pipes: one when a stage begins, one every few seconds, one when it ends. */
final class Lines implements Display {
    private final PrintStream out;
    private final Duration pause;
    private Thread teller;

    Lines(PrintStream out, Duration pause) {
        this.out = out;
        this.pause = pause;
    }

    @Override
    public void began(String place, String stage, Meter meter) {
        String head = head(place, stage);
        line(head + "begins");
        teller = Thread.ofVirtual().start(() -> {
            try {
                while (true) {
                    Thread.sleep(pause);
                    Meter.Reading reading = meter.reading();
                    if (reading != null)
                        line(head + reading.phrase());
                }
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt(); // the stage has ended
            }
        });
    }

    @Override
    public void ended(String place, String stage, String how) {
        teller.interrupt();
        line(head(place, stage) + how);
    }

    @Override
    public synchronized void line(String text) {
        out.println(text);
        out.flush();
    }

    static String head(String place, String stage) {
        return String.format("%7s  %-18s ", place, stage);
    }
}
