package io.quarry.train;

import io.quarry.kernel.StepKernels;
import io.quarry.kernel.StepKernels.Block;
import io.quarry.kernel.StepKernels.Heads;
import io.quarry.torch.Operand;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Attention forward and backward, block by block of queries: a block sees only the keys up to its last query, which
 * halves the work, and the scores of one block are all that is in memory. The backward pass computes them again.
 */
final class FusedAttention {
    /** Queries of a block. */
    private static final int QUERIES = 128;

    private final StepKernels kernels;
    private final Heads heads;
    private final float scale;
    private final int bytes;
    private final MemorySegment scores;
    private final MemorySegment slopes;
    private final MemorySegment mixed;
    private final MemorySegment keyPart;
    private final MemorySegment queryGradient;
    private final float[] keyGradient;
    private final float[] valueGradient;
    private final List<Shapes> shapes = new ArrayList<>();

    FusedAttention(StepKernels kernels, Heads heads, double scale, Memory memory) {
        this.kernels = kernels;
        this.heads = heads;
        this.scale = (float) scale;
        this.bytes = kernels.type().blockBytes();
        long pairs = (long) heads.rows() * heads.kvHeads();
        long queries = (long) Math.min(QUERIES, heads.length()) * heads.share();
        long keys = pairs * heads.length() * heads.size();
        scores = memory.numbers(pairs * queries * heads.length());
        slopes = memory.numbers(pairs * queries * heads.length());
        mixed = memory.numbers(pairs * queries * heads.size());
        keyPart = memory.numbers(keys);
        queryGradient = memory.numbers(keys * heads.share());
        keyGradient = new float[Math.toIntExact(keys)];
        valueGradient = new float[Math.toIntExact(keys)];
        for (int from = 0; from < heads.length(); from += QUERIES)
            shapes.add(new Shapes(new Block(heads, from, Math.min(from + QUERIES, heads.length())), memory));
    }

    /** Operands over the shared memory for one block. */
    private final class Shapes {
        final Block block;
        final Operand score;
        final Operand scoreTurned;
        final Operand slope;
        final Operand slopeTurned;
        final Operand mix;
        final Operand key;

        Shapes(Block block, Memory memory) {
            this.block = block;
            long pairs = (long) heads.rows() * heads.kvHeads();
            long queries = (long) (block.to() - block.from()) * heads.share();
            score = memory.matrices(scores, pairs, queries * block.to(), queries, block.to());
            scoreTurned = memory.transposed(score);
            slope = memory.matrices(slopes, pairs, queries * block.to(), queries, block.to());
            slopeTurned = memory.transposed(slope);
            mix = memory.matrices(mixed, pairs, queries * heads.size(), queries, heads.size());
            key = memory.matrices(keyPart, pairs, (long) block.to() * heads.size(), block.to(), heads.size());
        }
    }

    /** What a layer keeps for its backward pass: heads and the logarithms of the softmax sums. */
    static final class Saved {
        final MemorySegment q;
        final MemorySegment k;
        final MemorySegment v;
        final float[] logSums;
        private final List<Operand> queries = new ArrayList<>();
        private final List<Operand> keys = new ArrayList<>();
        private final List<Operand> keysTurned = new ArrayList<>();
        private final List<Operand> values = new ArrayList<>();
        private final List<Operand> valuesTurned = new ArrayList<>();

        Saved(Heads heads, Memory memory) {
            long pairs = (long) heads.rows() * heads.kvHeads();
            long keyStride = (long) heads.length() * heads.size();
            long queryStride = keyStride * heads.share();
            q = memory.numbers(pairs * queryStride);
            k = memory.numbers(pairs * keyStride);
            v = memory.numbers(pairs * keyStride);
            logSums = new float[Math.toIntExact(pairs * heads.length() * heads.share())];
            Operand query = memory.matrices(q, pairs, queryStride, (long) heads.length() * heads.share(),
                    heads.size());
            Operand key = memory.matrices(k, pairs, keyStride, heads.length(), heads.size());
            Operand value = memory.matrices(v, pairs, keyStride, heads.length(), heads.size());
            for (int from = 0; from < heads.length(); from += QUERIES) {
                int to = Math.min(from + QUERIES, heads.length());
                queries.add(memory.rows(query, (long) from * heads.share(), (long) (to - from) * heads.share()));
                keys.add(memory.rows(key, 0, to));
                keysTurned.add(memory.transposed(keys.getLast()));
                values.add(memory.rows(value, 0, to));
                valuesTurned.add(memory.transposed(values.getLast()));
            }
        }
    }

    /** Mixes the values for all queries into {@code out} [N, G*S*K]. */
    void forward(Saved saved, int[] first, MemorySegment out) {
        for (int i = 0; i < shapes.size(); i++) {
            Shapes at = shapes.get(i);
            at.score.product(saved.queries.get(i), saved.keysTurned.get(i));
            kernels.softmax(at.block, scores, scale, first, saved.logSums);
            at.mix.product(at.score, saved.values.get(i));
            exchange(at.block, out, false);
        }
    }

    /** Turns the gradient of {@code out} into that of the joined queries, keys and values. */
    void backward(Saved saved, int[] first, float[][] rope, MemorySegment dout, MemorySegment dqkv) {
        Arrays.fill(keyGradient, 0);
        Arrays.fill(valueGradient, 0);
        for (int i = 0; i < shapes.size(); i++) {
            Shapes at = shapes.get(i);
            at.score.product(saved.queries.get(i), saved.keysTurned.get(i));
            exchange(at.block, dout, true);
            at.slope.product(at.mix, saved.valuesTurned.get(i));
            kernels.softmaxBackward(at.block, scores, slopes, scale, first, saved.logSums);
            at.key.product(at.scoreTurned, at.mix);
            addKeys(at.block, valueGradient);
            at.key.product(at.slopeTurned, saved.queries.get(i));
            addKeys(at.block, keyGradient);
            at.mix.product(at.slope, saved.keys.get(i));
            copyQueries(at.block);
        }
        kernels.join(heads, queryGradient, keyGradient, valueGradient, rope[0], rope[1], dqkv);
    }

    /** Between rows [N, G*S*K] and the block's own order [B*G, queries*S, K]. */
    private void exchange(Block block, MemorySegment rows, boolean intoBlock) {
        long piece = (long) heads.share() * heads.size() * bytes;
        long at = 0;
        for (int b = 0; b < heads.rows(); b++)
            for (int g = 0; g < heads.kvHeads(); g++)
                for (int t = block.from(); t < block.to(); t++, at += piece) {
                    long row = (((long) b * heads.length() + t) * heads.kvHeads() + g) * piece;
                    if (intoBlock)
                        MemorySegment.copy(rows, row, mixed, at, piece);
                    else
                        MemorySegment.copy(mixed, at, rows, row, piece);
                }
    }

    private void addKeys(Block block, float[] sum) {
        int piece = block.to() * heads.size();
        int stride = heads.length() * heads.size();
        for (int e = 0; e < heads.rows() * heads.kvHeads(); e++)
            kernels.accumulate(keyPart, (long) e * piece, 1, sum, e * stride, piece);
    }

    private void copyQueries(Block block) {
        long width = (long) heads.share() * heads.size() * bytes;
        long piece = (block.to() - block.from()) * width;
        for (int e = 0; e < heads.rows() * heads.kvHeads(); e++)
            MemorySegment.copy(mixed, e * piece, queryGradient, ((long) e * heads.length() + block.from()) * width,
                    piece);
    }
}
