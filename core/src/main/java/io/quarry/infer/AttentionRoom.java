package io.quarry.infer;

import io.quarry.kernel.AttentionSpare;
import io.quarry.kernel.KvLayout;
import io.quarry.kernel.Workers;
import java.util.Arrays;
import java.util.List;

/** What attention of one step computes in, and the plan of the step. Grows to the largest step seen and is reused. */
final class AttentionRoom {
    /** What one thread computes in. R rows at most, d head size, S positions of a segment, W width of a value. */
    static final class Own {
        final AttentionSpare spare;
        final float[] queries; // [R, d]
        final float[] scores; // [R, S]
        final float[] gathered; // [R, W] of one segment
        final float[] sums; // [R, W] of all segments so far
        final State segment;
        final State all;
        /** The tile in hand: {@code count} tokens of a span, from its {@code from}-th on, at one key head. */
        Span span;
        int head;
        int from;
        int count;

        Own(int rows, int headDim) {
            int width = KvLayout.width(headDim);
            spare = new AttentionSpare(rows, headDim);
            queries = new float[rows * headDim];
            scores = new float[rows * Attention.SEGMENT];
            gathered = new float[rows * width];
            sums = new float[rows * width];
            segment = new State(rows);
            all = new State(rows);
        }

        void tile(Span ofSpan, int atHead, int fromToken, int tokens) {
            span = ofSpan;
            head = atHead;
            from = fromToken;
            count = tokens;
        }

        /** Position of the first token. */
        int position() {
            return span.from + from;
        }
    }

    /** Of each row: the largest score, and the sum of weights relative to it; minus infinity and 0 if it saw nothing. */
    static final class State {
        final float[] most;
        final double[] weight;

        State(int rows) {
            most = new float[rows];
            weight = new double[rows];
        }
    }

    private final Own[] own;
    /** The step in hand. */
    Attention attention;
    float[] qkv;
    float[] mixed;
    List<Span> spans;
    /** First row, first task and first partial result of each span, and of what would come after the last. */
    int[] rowAt = {};
    int[] taskAt = {};
    int[] partialAt = {};
    float[] partials = {}; // [partials, W]
    State partialStates = new State(0);
    /** The parts of a step, made once so that a step allocates nothing. */
    final Workers.Task store = (index, worker) -> attention.store(this, index);
    final Workers.Task attend = (index, worker) -> attention.attend(this, index, worker);
    final Workers.Task join = (index, worker) -> attention.join(this, index);

    /**
     * Room for any of some layers.
     *
     * @param workers threads that compute
     */
    AttentionRoom(List<AttentionShape> layers, int workers) {
        int rows = layers.stream().mapToInt(Attention::rows).max().orElse(0);
        int headDim = layers.stream().mapToInt(AttentionShape::headDim).max().orElse(0);
        own = new Own[workers];
        Arrays.setAll(own, worker -> new Own(rows, headDim));
    }

    Own own(int worker) {
        return own[worker];
    }

    /** Makes room for a plan of so many spans. */
    void reach(int count) {
        if (rowAt.length <= count) {
            rowAt = new int[2 * count + 1];
            taskAt = new int[2 * count + 1];
            partialAt = new int[2 * count + 1];
        }
    }

    /** Makes room for so many partial results. */
    void reachPartials(int count, int width) {
        if (partials.length < Math.multiplyExact(count, width))
            partials = new float[Math.multiplyExact(Math.addExact(count, count / 2), width)];
        if (partialStates.most.length < count)
            partialStates = new State(count + count / 2);
    }

    /** The span whose part of a list of firsts has {@code index} in it. */
    int span(int[] firsts, int index) {
        int at = Arrays.binarySearch(firsts, 0, spans.size(), index);
        return at < 0 ? -at - 2 : at;
    }
}
