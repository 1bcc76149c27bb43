package io.quarry.train;

import io.quarry.kernel.StepKernels;
import io.quarry.kernel.StepKernels.Block;
import io.quarry.kernel.StepKernels.Heads;
import io.quarry.torch.Operand;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;

/**
 * Attention forward and backward, block by block of queries: a block meets only the keys from the begin of its first
 * document to its last query, and the scores of one block are all that is in memory. The backward pass computes them
 * again.
 */
final class FusedAttention {
    /** Queries of a block. */
    private static final int QUERIES = 128;
    /** Keys of a block begin at multiples of this. */
    private static final int STEP = 4 * Block.STEP;

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
    private final Memory memory;
    private final int blocks;
    private final Map<Block, Shapes> shapes = new HashMap<>();

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
        this.memory = memory;
        this.blocks = Math.ceilDiv(heads.length(), QUERIES);
    }

    /** The i-th block of queries with the keys that any of them sees, in steps so that few shapes are ever met. */
    private Block block(int i, int[] first) {
        int from = i * QUERIES;
        int begin = from;
        for (int row = 0; row < heads.rows(); row++) // later queries of a row never see further back
            begin = Math.min(begin, first[row * heads.length() + from]);
        return new Block(heads, from, Math.min(from + QUERIES, heads.length()), begin / STEP * STEP);
    }

    private Shapes shapes(Block block) {
        return shapes.computeIfAbsent(block, b -> new Shapes(b, memory));
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
            long keys = block.to() - block.begin();
            score = memory.matrices(scores, pairs, queries * keys, queries, keys);
            scoreTurned = memory.transposed(score);
            slope = memory.matrices(slopes, pairs, queries * keys, queries, keys);
            slopeTurned = memory.transposed(slope);
            mix = memory.matrices(mixed, pairs, queries * heads.size(), queries, heads.size());
            key = memory.matrices(keyPart, pairs, keys * heads.size(), keys, heads.size());
        }
    }

    /** What a layer keeps for its backward pass: heads and the logarithms of the softmax sums. */
    static final class Saved {
        final MemorySegment q;
        final MemorySegment k;
        final MemorySegment v;
        final float[] logSums;
        private final Heads heads;
        private final Memory memory;
        private final Operand query;
        private final Operand key;
        private final Operand value;
        private final Map<Block, Parts> parts = new HashMap<>();

        /** What one block takes of the heads. */
        record Parts(Operand queries, Operand keys, Operand keysTurned, Operand valuesTurned, Operand values) {}

        Saved(Heads heads, Memory memory) {
            this.heads = heads;
            this.memory = memory;
            long pairs = (long) heads.rows() * heads.kvHeads();
            long keyStride = (long) heads.length() * heads.size();
            long queryStride = keyStride * heads.share();
            q = memory.numbers(pairs * queryStride);
            k = memory.numbers(pairs * keyStride);
            v = memory.numbers(pairs * keyStride);
            logSums = new float[Math.toIntExact(pairs * heads.length() * heads.share())];
            query = memory.matrices(q, pairs, queryStride, (long) heads.length() * heads.share(), heads.size());
            key = memory.matrices(k, pairs, keyStride, heads.length(), heads.size());
            value = memory.matrices(v, pairs, keyStride, heads.length(), heads.size());
        }

        Parts parts(Block block) {
            return parts.computeIfAbsent(block, b -> {
                Operand keys = memory.rows(key, b.begin(), b.to() - b.begin());
                Operand values = memory.rows(value, b.begin(), b.to() - b.begin());
                return new Parts(
                        memory.rows(query, (long) b.from() * heads.share(),
                                (long) (b.to() - b.from()) * heads.share()),
                        keys, memory.transposed(keys), memory.transposed(values), values);
            });
        }
    }

    /** Mixes the values for all queries into {@code out} [N, G*S*K]. */
    void forward(Saved saved, int[] first, MemorySegment out) {
        for (int i = 0; i < blocks; i++) {
            Shapes at = shapes(block(i, first));
            Saved.Parts seen = saved.parts(at.block);
            at.score.product(seen.queries, seen.keysTurned);
            kernels.softmax(at.block, scores, scale, first, saved.logSums);
            at.mix.product(at.score, seen.values);
            exchange(at.block, out, false);
        }
    }

    /** Turns the gradient of {@code out} into that of the joined queries, keys and values. */
    void backward(Saved saved, int[] first, float[][] rope, MemorySegment dout, MemorySegment dqkv) {
        Arrays.fill(keyGradient, 0);
        Arrays.fill(valueGradient, 0);
        for (int i = 0; i < blocks; i++) {
            Shapes at = shapes(block(i, first));
            Saved.Parts seen = saved.parts(at.block);
            at.score.product(seen.queries, seen.keysTurned);
            exchange(at.block, dout, true);
            at.slope.product(at.mix, seen.valuesTurned);
            kernels.softmaxBackward(at.block, scores, slopes, scale, first, saved.logSums);
            at.key.product(at.scoreTurned, at.mix);
            addKeys(at.block, valueGradient);
            at.key.product(at.slopeTurned, seen.queries);
            addKeys(at.block, keyGradient);
            at.mix.product(at.slope, seen.keys);
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
        int piece = (block.to() - block.begin()) * heads.size();
        int stride = heads.length() * heads.size();
        int begin = block.begin() * heads.size();
        for (int e = 0; e < heads.rows() * heads.kvHeads(); e++)
            kernels.accumulate(keyPart, (long) e * piece, 1, sum, e * stride + begin, piece);
    }

    private void copyQueries(Block block) {
        long width = (long) heads.share() * heads.size() * bytes;
        long piece = (block.to() - block.from()) * width;
        for (int e = 0; e < heads.rows() * heads.kvHeads(); e++)
            MemorySegment.copy(mixed, e * piece, queryGradient, ((long) e * heads.length() + block.from()) * width,
                    piece);
    }
}
