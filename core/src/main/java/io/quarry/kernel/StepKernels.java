package io.quarry.kernel;

import java.lang.foreign.MemorySegment;

/**
 * What a training step does between matrix products, forward and backward. {@link ScalarStep} is the definition;
 * {@link VectorStep} is the same with the Vector API and must agree with it.
 *
 * <p>Operands of matrix products stand in native memory as {@link #type()}; the residual stream, its gradient and all
 * sums are f32 on the heap. Positions ({@code at}) count numbers. Letters: N tokens, D width, B rows of the batch,
 * T tokens of a row, G key-value heads, S query heads that share one, K head size, F inner width of the MLP.
 */
public sealed interface StepKernels permits ScalarStep, VectorStep {
    /** The fastest of this machine, with operands in bf16. */
    static StepKernels best() {
        return VectorStep.INSTANCE;
    }

    /** The plain loops, with operands of any type. */
    static StepKernels scalar(DType type) {
        return new ScalarStep(type);
    }

    /** How operands are stored. */
    DType type();

    /**
     * Shape of the heads of a part of a batch. Queries are laid out [B, G, T, S, K], keys and values [B, G, T, K]:
     * queries that share a key head stand together, and a range of tokens of one head is one piece of memory.
     */
    record Heads(int rows, int length, int kvHeads, int share, int size) {
        /** Numbers of all heads of one token: queries, keys, values. */
        public int width() {
            return (share + 2) * kvHeads * size;
        }
    }

    /**
     * Scores of the queries {@code from} to {@code to} of every row against the keys {@code begin} to {@code to}:
     * [B*G, (to-from)*S, to-begin].
     *
     * @param begin a multiple of {@link #STEP}, not after the first key that any of the queries sees
     */
    record Block(Heads heads, int from, int to, int begin) {
        /** Blocks begin at multiples of this: no vector of keys straddles a begin. */
        public static final int STEP = 32;

        public Block {
            if (begin % STEP != 0 || begin > from || from > to || to > heads.length())
                throw new IllegalArgumentException("a block of queries from " + from + " to " + to + " of "
                        + heads.length() + " cannot begin with key " + begin + " (a multiple of " + STEP + ")");
        }
    }

    /** {@code to = scale * from}, rounded to {@link #type()}. */
    void store(float[] from, int fromAt, float scale, MemorySegment to, long toAt, int n);

    /** {@code to += scale * from}. */
    void accumulate(MemorySegment from, long fromAt, float scale, float[] to, int toAt, int n);

    /**
     * {@code out = x + scale * delta}, then {@code h = out * inverse * gain} with {@code inverse = 1/sqrt(mean(out^2) + eps)}
     * for each of N rows.
     *
     * @param delta [N, D]; null leaves x as it is, and {@code out} must be x
     * @param h     [N, D]
     */
    void addNorm(int rows, float[] x, MemorySegment delta, float scale, float[] out, float[] gain, float eps,
            float[] inverse, MemorySegment h);

    /** Adds to {@code dx} and {@code dgain} what {@code dh}, the gradient of a norm's result, means for its arguments. */
    void normBackward(int rows, float[] x, float[] inverse, float[] gain, MemorySegment dh, float[] dx, float[] dgain);

    /** Splits {@code qkv} [N, (S+2)*G*K] into heads and turns queries and keys; tables are [T, K/2]. */
    void split(Heads heads, MemorySegment qkv, float[] cos, float[] sin, MemorySegment q, MemorySegment k,
            MemorySegment v);

    /** The way back: turns gradients of queries and keys the other way round and joins all three. */
    void join(Heads heads, MemorySegment dq, float[] dk, float[] dv, float[] cos, float[] sin, MemorySegment dqkv);

    /**
     * Turns scores into probabilities in place: {@code softmax(scale * s)} over what a query may see, from
     * {@code first[b*T + t]} to t; 0 elsewhere. Leaves the logarithm of each sum in {@code logSums} [B, G, T, S].
     */
    void softmax(Block block, MemorySegment scores, float scale, int[] first, float[] logSums);

    /** Turns scores into probabilities again, and the gradients {@code dp} of those into gradients of the scores. */
    void softmaxBackward(Block block, MemorySegment scores, MemorySegment dp, float scale, int[] first,
            float[] logSums);

    /** {@code a = silu(gate) * up}, with {@code gateUp} [N, 2F] and {@code a} [N, F]. */
    void swiglu(int rows, int ffn, MemorySegment gateUp, MemorySegment a);

    /** Replaces {@code gateUp} by its gradient, and {@code da}, the gradient of the result, by the result itself. */
    void swigluBackward(int rows, int ffn, MemorySegment gateUp, MemorySegment da);

    /** {@code log(sum(exp(scale * logits)))} over {@code n} numbers. */
    float logSum(MemorySegment logits, long at, int n, float scale);

    /**
     * Replaces logits by the gradient of {@code slope * logProb(target)}: {@code slope * scale * ([j = target] - p_j)}.
     *
     * @param logSum what {@link #logSum} gave for them
     */
    void logProbBackward(MemorySegment logits, long at, int n, float scale, float logSum, int target, float slope);
}
