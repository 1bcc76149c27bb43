package io.quarry.app;

import java.io.PrintStream;
import me.tongfei.progressbar.ConsoleProgressBarConsumer;
import me.tongfei.progressbar.ProgressBar;
import me.tongfei.progressbar.ProgressBarBuilder;
import me.tongfei.progressbar.ProgressBarRenderer;
import me.tongfei.progressbar.ProgressState;

/** A line with a bar per stage, for terminals; when the stage ends, one plain line stays in its place. */
final class Bars implements Display {
    private static final int BAR = 24;
    private static final String EIGHTHS = " ▏▎▍▌▋▊▉";

    private final PrintStream out;
    private ProgressBar bar;

    Bars(PrintStream out) {
        this.out = out;
    }

    @Override
    public void began(String place, String stage, Meter meter) {
        String head = Lines.head(place, stage);
        ProgressBarRenderer renderer = (ProgressState state, int width) -> {
            String text = head + (meter.reading() == null ? "begins" : picture(meter.reading()));
            return text.length() <= width ? text : text.substring(0, Math.max(0, width));
        };
        bar = new ProgressBarBuilder().setTaskName(stage).setInitialMax(-1).setUpdateIntervalMillis(200)
                .setRenderer(renderer).setConsumer(new ConsoleProgressBarConsumer(out, Terminals.width()))
                .clearDisplayOnFinish().build();
    }

    private static String picture(Meter.Reading r) {
        if (r.total() <= 0)
            return r.phrase();
        long eighths = Math.clamp(BAR * 8 * r.done() / r.total(), 0, BAR * 8L);
        int full = (int) (eighths / 8);
        String part = full < BAR ? EIGHTHS.substring((int) (eighths % 8), (int) (eighths % 8) + 1) : "";
        String drawn = "█".repeat(full) + part + " ".repeat(Math.max(0, BAR - full - 1));
        return "│" + drawn + "│ " + r.phrase();
    }

    @Override
    public void ended(String place, String stage, String how) {
        bar.close();
        line(Lines.head(place, stage) + how);
    }

    @Override
    public synchronized void line(String text) {
        out.println(text);
        out.flush();
    }
}
