package io.quarry.train;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** What happened in every step of a run; survives a kill with the weights. */
final class TrainLog {
    /** Points of the loss curve in the report. */
    private static final int POINTS = 400;
    /** Steps the mean and deviation of a spike are taken over, and how many deviations make one. */
    private static final int WINDOW = 128;
    private static final double SPIKE = 6;

    private static final String[] COLUMNS = {"loss", "gradNorm", "lr", "learned", "seconds"};
    private final List<double[]> rows = new ArrayList<>();
    private final Map<String, Object> heldOut = new TreeMap<>();

    long steps() {
        return rows.size();
    }

    void add(double loss, double gradNorm, double rate, long learned, double seconds) {
        rows.add(new double[] {loss, gradNorm, rate, learned, seconds});
    }

    void heldOut(String when, Map<String, Double> nats) {
        heldOut.put(when, nats);
    }

    /** Mean loss of the last 20 steps. */
    double recentLoss() {
        return mean(0, Math.max(0, rows.size() - 20), rows.size());
    }

    /** Mean seconds of the last 20 steps. */
    double recentSeconds() {
        return mean(4, Math.max(0, rows.size() - 20), rows.size());
    }

    private double mean(int column, int from, int to) {
        return rows.subList(from, to).stream().mapToDouble(row -> row[column]).average().orElse(0);
    }

    /** All of it as JSON values. */
    Map<String, Object> state() {
        Map<String, Object> all = new TreeMap<>();
        for (int c = 0; c < COLUMNS.length; c++) {
            int column = c;
            all.put(COLUMNS[c], rows.stream().map(row -> row[column]).toList());
        }
        all.put("heldOut", heldOut);
        return all;
    }

    static TrainLog of(Map<String, Object> state) {
        TrainLog log = new TrainLog();
        double[][] columns = Arrays.stream(COLUMNS).map(name -> ((List<?>) state.get(name)).stream()
                .mapToDouble(number -> ((Number) number).doubleValue()).toArray()).toArray(double[][]::new);
        for (int step = 0; step < columns[0].length; step++) {
            int s = step;
            log.rows.add(Arrays.stream(columns).mapToDouble(column -> column[s]).toArray());
        }
        ((Map<?, ?>) state.get("heldOut")).forEach((when, nats) -> log.heldOut.put((String) when, nats));
        return log;
    }

    /** For the report: at most {@value #POINTS} points, the loss averaged over the steps since the last. */
    Map<String, Object> facts(long batchTokens) {
        double seconds = rows.stream().mapToDouble(row -> row[4]).sum();
        long tokens = rows.size() * batchTokens;
        Map<String, Object> facts = new TreeMap<>();
        facts.put("losses", curve(batchTokens));
        facts.put("heldOut", heldOut);
        facts.put("steps", steps());
        facts.put("tokens", tokens);
        facts.put("tokensLearned", (long) rows.stream().mapToDouble(row -> row[3]).sum());
        facts.put("seconds", seconds);
        facts.put("tokensPerSecond", seconds > 0 ? tokens / seconds : 0);
        facts.put("spikes", spikes());
        return facts;
    }

    private List<Map<String, Object>> curve(long batchTokens) {
        List<Map<String, Object>> points = new ArrayList<>();
        int every = Math.max(1, (rows.size() + POINTS - 1) / POINTS);
        for (int end = every; end <= rows.size(); end += every) {
            Map<String, Object> point = new LinkedHashMap<>();
            point.put("step", end);
            point.put("tokens", end * batchTokens);
            point.put("lr", rows.get(end - 1)[2]);
            point.put("loss", mean(0, end - every, end));
            point.put("gradNorm", mean(1, end - every, end));
            point.put("tokensPerSecond", batchTokens / Math.max(1e-9, mean(4, end - every, end)));
            points.add(point);
        }
        return points;
    }

    /** Steps whose loss lies six deviations over the mean of the 128 before. */
    private long spikes() {
        long count = 0;
        for (int step = WINDOW; step < rows.size(); step++) {
            double mean = mean(0, step - WINDOW, step);
            double variance = rows.subList(step - WINDOW, step).stream()
                    .mapToDouble(row -> (row[0] - mean) * (row[0] - mean)).average().orElse(0);
            if (rows.get(step)[0] > mean + SPIKE * Math.sqrt(variance))
                count++;
        }
        return count;
    }
}
