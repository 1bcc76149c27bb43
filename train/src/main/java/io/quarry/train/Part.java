package io.quarry.train;

import io.quarry.kernel.StepKernels;
import io.quarry.kernel.StepKernels.Heads;
import io.quarry.model.ModelSpec;
import io.quarry.torch.Operand;
import java.lang.foreign.MemorySegment;
import java.util.HashMap;
import java.util.Map;

/**
 * Memory for the forward and backward pass of a part of a batch, of one shape. Made once and used at every step: a step
 * allocates nothing.
 */
final class Part implements AutoCloseable {
    /** Logits at a time: 8 million, 16 MB in bf16. */
    private static final long LOGITS = 1 << 23;
    /** Rows of logits come in multiples of this, so that few shapes of products are ever met. */
    private static final int STEP = 256;

    final Memory memory;
    final Heads heads;
    final int tokens;
    final float[][] rope;
    final Layer[] layers;
    final FusedAttention attention;
    /** The residual stream before the final norm, [N, D], and its gradient. */
    final float[] last;
    final float[] lastInverse;
    final float[] gradient;
    final Memory.Block h;
    final Memory.Block delta;
    final Operand deltaTurned;
    final Memory.Block qkv;
    final Operand qkvTurned;
    final Memory.Block mlp;
    final Memory.Block mix;
    final MemorySegment weightGradient;
    private final ModelSpec spec;
    private final int chunk;
    private final Map<String, Operand> weightGradients = new HashMap<>();
    private final Map<Integer, Chunk> chunks = new HashMap<>();
    private final MemorySegment chunkRows;
    private final MemorySegment logits;

    Part(ModelSpec spec, StepKernels kernels, int rows, int length) {
        this.spec = spec;
        memory = new Memory(kernels.type());
        heads = new Heads(rows, length, spec.kvHeads(), spec.heads() / spec.kvHeads(), spec.headDim());
        tokens = rows * length;
        rope = rope(spec, length);
        attention = new FusedAttention(kernels, heads, spec.attentionMultiplier(), memory);
        last = new float[tokens * spec.dim()];
        lastInverse = new float[tokens];
        gradient = new float[tokens * spec.dim()];
        h = memory.matrix(tokens, spec.dim());
        delta = memory.matrix(tokens, spec.dim());
        deltaTurned = memory.transposed(delta.operand());
        qkv = memory.matrix(tokens, heads.width());
        qkvTurned = memory.transposed(qkv.operand());
        mlp = memory.matrix(tokens, spec.ffn());
        mix = memory.matrix(tokens, spec.qDim());
        layers = new Layer[spec.layers()];
        for (int l = 0; l < layers.length; l++)
            layers[l] = new Layer();
        long widest = Math.max((long) spec.vocabulary(), Math.max(heads.width(), 2L * spec.ffn())) * spec.dim();
        weightGradient = memory.numbers(Math.max(widest, (long) spec.dim() * spec.qDim()));
        chunk = Math.toIntExact(Math.max(STEP, Math.min(roundUp(tokens), LOGITS / spec.vocabulary() / STEP * STEP)));
        chunkRows = memory.numbers(2L * chunk * spec.dim());
        logits = memory.numbers((long) chunk * spec.vocabulary());
    }

    private static long roundUp(long rows) {
        return (rows + STEP - 1) / STEP * STEP;
    }

    /** Cosines and sines of the angles of every position, [T, K/2] each. */
    private static float[][] rope(ModelSpec spec, int length) {
        int half = spec.headDim() / 2;
        float[][] tables = new float[2][length * half];
        for (int t = 0; t < length; t++)
            for (int i = 0; i < half; i++) {
                double angle = t * Math.pow(spec.ropeTheta(), -2.0 * i / spec.headDim());
                tables[0][t * half + i] = (float) Math.cos(angle);
                tables[1][t * half + i] = (float) Math.sin(angle);
            }
        return tables;
    }

    /** What one layer keeps from forward to backward. */
    final class Layer {
        /** The residual stream before each half of the layer, [N, D], and what its norm divided by. */
        final float[] before = new float[tokens * spec.dim()];
        final float[] middle = new float[tokens * spec.dim()];
        final float[] beforeInverse = new float[tokens];
        final float[] middleInverse = new float[tokens];
        final Memory.Block normed = memory.matrix(tokens, spec.dim());
        final Memory.Block normedMiddle = memory.matrix(tokens, spec.dim());
        final FusedAttention.Saved saved = new FusedAttention.Saved(heads, memory);
        final Memory.Block seen = memory.matrix(tokens, spec.qDim());
        final Memory.Block gateUp = memory.matrix(tokens, 2L * spec.ffn());
        final Operand gateUpTurned = memory.transposed(gateUp.operand());
    }

    /** Where the gradient of joined matrices is computed: always in the same memory. */
    Operand weightGradient(Copies.Joined joined) {
        return weightGradients.computeIfAbsent(joined.names().getFirst(),
                name -> memory.matrix(weightGradient, joined.matrix().rowCount(), joined.matrix().columnCount()));
    }

    /** Rows of the output matrix's product at a time, for {@code left} learned tokens. */
    Chunk chunk(int left) {
        int rows = (int) Math.min(chunk, roundUp(left));
        return chunks.computeIfAbsent(rows, Chunk::new);
    }

    /** Learned rows taken out of the part, and their logits. */
    final class Chunk {
        final int rows;
        /** Results of the final norm of these rows, and in the second half of the memory their gradients. */
        final MemorySegment h = chunkRows;
        final MemorySegment gradient = chunkRows.asSlice(chunkRows.byteSize() / 2);
        final MemorySegment logits = Part.this.logits;
        final Operand hOperand;
        final Operand gradientOperand;
        final Operand logitsOperand;
        final Operand logitsTurned;

        Chunk(int rows) {
            this.rows = rows;
            hOperand = memory.matrix(h, rows, spec.dim());
            gradientOperand = memory.matrix(gradient, rows, spec.dim());
            logitsOperand = memory.matrix(logits, rows, spec.vocabulary());
            logitsTurned = memory.transposed(logitsOperand);
        }
    }

    @Override
    public void close() {
        memory.close();
    }
}
