package io.quarry.train;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.IntFunction;

/**
 * Splits a batch over threads: each lane runs forward and backward for its rows with a graph and gradients of its own, so
 * lanes meet once a step. Which rows a lane takes and the order of the sums depend on nothing but the batch and the
 * number of lanes: the same run gives the same bits.
 */
public final class Lanes implements Graph {
    private final List<Graph> graphs = new ArrayList<>();
    private final Weights[] gradients;
    private final int partTokens;
    private final ExecutorService threads;

    /**
     * Opens {@code lanes} graphs.
     *
     * @param partTokens tokens a lane works on at a time, at least one row: small enough for the caches
     */
    public Lanes(Weights weights, int lanes, int partTokens, IntFunction<Graph> open) {
        this.partTokens = partTokens;
        this.gradients = new Weights[lanes];
        for (int lane = 0; lane < lanes; lane++) {
            graphs.add(open.apply(lane));
            gradients[lane] = Weights.zeros(weights.spec());
        }
        this.threads = Executors.newFixedThreadPool(lanes, Thread.ofPlatform().name("lane-", 0).daemon().factory());
    }

    @Override
    public float[] logProbs(Rows rows) {
        float[] all = new float[rows.targets().length];
        each(rows, (lane, from, part) -> copy(graphs.get(lane).logProbs(part), all, from));
        return all;
    }

    @Override
    public float[] backward(Rows rows, TokenLoss loss, Weights into) {
        float[] all = new float[rows.targets().length];
        for (Weights own : gradients)
            own.clear();
        each(rows, (lane, from, part) -> {
            TokenLoss shifted = (position, logProb) -> loss.slope(from + position, logProb);
            copy(graphs.get(lane).backward(part, shifted, gradients[lane]), all, from);
        });
        for (Weights own : gradients)
            into.add(own);
        return all;
    }

    private static void copy(float[] part, float[] all, int at) {
        System.arraycopy(part, 0, all, at, part.length);
    }

    private interface Work {
        void run(int lane, int from, Rows part);
    }

    /** Parts go to lanes in turn; a lane does its own in order. */
    private void each(Rows rows, Work work) {
        int lanes = graphs.size();
        int most = Math.max(1, Math.min(partTokens / rows.length(), (rows.rows() + lanes - 1) / lanes));
        List<Future<?>> running = new ArrayList<>();
        for (int l = 0; l < lanes; l++) {
            int lane = l;
            running.add(threads.submit(() -> {
                for (int from = lane * most; from < rows.rows(); from += lanes * most)
                    work.run(lane, from * rows.length(), rows.part(from, Math.min(from + most, rows.rows())));
            }));
        }
        running.forEach(Lanes::join);
    }

    /** Waits to the end even when interrupted: native memory is in use until then. The caller sees the interrupt after. */
    private static void join(Future<?> future) {
        boolean interrupted = false;
        try {
            while (true)
                try {
                    future.get();
                    return;
                } catch (InterruptedException e) {
                    interrupted = true;
                } catch (ExecutionException e) {
                    throw new IllegalStateException("a training thread failed: " + e.getCause().getMessage(),
                            e.getCause());
                }
        } finally {
            if (interrupted)
                Thread.currentThread().interrupt();
        }
    }

    @Override
    public void refresh() {
        graphs.forEach(Graph::refresh);
    }

    @Override
    public void close() {
        threads.close();
        graphs.forEach(Graph::close);
    }
}
