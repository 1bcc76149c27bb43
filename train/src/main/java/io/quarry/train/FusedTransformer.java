package io.quarry.train;

import static io.quarry.model.Params.layer;

import io.quarry.kernel.DType;
import io.quarry.kernel.StepKernels;
import io.quarry.model.ModelSpec;
import io.quarry.model.Params;
import io.quarry.torch.Operand;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.LinkedHashMap;

/**
 * Granite's forward and backward pass by hand: matrix products by LibTorch, everything between them in fused kernels,
 * memory made once. It is {@link Transformer} by another way, and a test holds the two together.
 *
 * <p>Letters as there: N tokens of the part, D width, H query heads, G key-value heads, K head size, F inner width of
 * the MLP, V vocabulary. A variable {@code dx} is the gradient of the loss by {@code x}.
 */
public final class FusedTransformer implements Graph {
    /** Shapes of parts whose memory is kept: training has one or two, RL a few. */
    private static final int KEPT = 8;

    private final ModelSpec spec;
    private final Weights weights;
    private final StepKernels kernels;
    private final Copies copies;
    /** Whether the copies of the weights are this graph's own; several lanes share those of the first. */
    private final boolean owner;
    private final float residual;
    private final LinkedHashMap<Shape, Part> parts = new LinkedHashMap<>(16, 0.75f, true);

    private record Shape(int rows, int length) {}

    private FusedTransformer(Weights weights, StepKernels kernels, Copies copies, boolean owner) {
        this.spec = weights.spec();
        this.weights = weights;
        this.kernels = kernels;
        this.copies = copies;
        this.owner = owner;
        this.residual = (float) spec.residualMultiplier();
    }

    /** With products in the type of the kernels. */
    static FusedTransformer of(Weights weights, StepKernels kernels) {
        return new FusedTransformer(weights, kernels, new Copies(weights, kernels), true);
    }

    /** Everything in f32 by the scalar kernels: the same algorithm without rounding, for tests. */
    static FusedTransformer float32(Weights weights) {
        return of(weights, StepKernels.scalar(DType.F32));
    }

    /** One fast graph per lane, products in bf16, sharing their copies of the weights. */
    public static Lanes lanes(Weights weights, int lanes, int partTokens) {
        FusedTransformer first = of(weights, StepKernels.best());
        return new Lanes(weights, lanes, partTokens,
                lane -> lane == 0 ? first : new FusedTransformer(weights, first.kernels, first.copies, false));
    }

    @Override
    public float[] logProbs(Rows rows) {
        Part part = part(rows);
        forward(part, rows);
        float[] logProbs = new float[rows.targets().length];
        head(part, rows, logProbs, null, null);
        return logProbs;
    }

    @Override
    public float[] backward(Rows rows, TokenLoss loss, Weights gradients) {
        Part part = part(rows);
        forward(part, rows);
        float[] logProbs = new float[rows.targets().length];
        Arrays.fill(part.gradient, 0);
        head(part, rows, logProbs, loss, gradients);
        for (int l = spec.layers() - 1; l >= 0; l--) {
            mlpBackward(part, l, gradients);
            attentionBackward(part, l, rows, gradients);
        }
        embedBackward(part, rows, gradients);
        return logProbs;
    }

    @Override
    public void refresh() {
        if (owner)
            copies.refresh();
    }

    @Override
    public void close() {
        parts.values().forEach(Part::close);
        if (owner)
            copies.close();
    }

    private Part part(Rows rows) {
        Shape shape = new Shape(rows.rows(), rows.length());
        Part part = parts.get(shape);
        if (part == null) {
            if (parts.size() == KEPT)
                parts.pollFirstEntry().getValue().close();
            part = new Part(spec, kernels, rows.rows(), rows.length());
            parts.put(shape, part);
        }
        return part;
    }

    private void forward(Part part, Rows rows) {
        float[] x = part.layers[0].before;
        embed(rows, x); // [N, D]
        for (int l = 0; l < spec.layers(); l++) {
            Part.Layer at = part.layers[l];
            norm(part, x, l == 0 ? null : part.delta.memory(), at.before, layer(l, "input_layernorm"),
                    at.beforeInverse, at.normed.memory());
            part.qkv.operand().product(at.normed.operand(), copies.qkv.get(l).transposed()); // [N, (H+2G)K]
            kernels.split(part.heads, part.qkv.memory(), part.rope[0], part.rope[1], at.saved.q, at.saved.k,
                    at.saved.v);
            part.attention.forward(at.saved, rows.first(), at.seen.memory()); // [N, HK]
            part.delta.operand().product(at.seen.operand(), copies.output.get(l).transposed()); // [N, D]
            norm(part, at.before, part.delta.memory(), at.middle, layer(l, "post_attention_layernorm"),
                    at.middleInverse, at.normedMiddle.memory());
            at.gateUp.operand().product(at.normedMiddle.operand(), copies.gateUp.get(l).transposed()); // [N, 2F]
            kernels.swiglu(part.tokens, spec.ffn(), at.gateUp.memory(), part.mlp.memory()); // [N, F]
            part.delta.operand().product(part.mlp.operand(), copies.down.get(l).transposed()); // [N, D]
            x = at.middle;
        }
        norm(part, x, part.delta.memory(), part.last, Params.FINAL_NORM, part.lastInverse, part.h.memory());
    }

    private void embed(Rows rows, float[] x) {
        float[] table = weights.values(Params.EMBEDDING);
        int dim = spec.dim();
        float scale = (float) spec.embeddingMultiplier();
        for (int n = 0; n < rows.inputs().length; n++) {
            int from = rows.inputs()[n] * dim;
            int to = n * dim;
            for (int i = 0; i < dim; i++)
                x[to + i] = scale * table[from + i];
        }
    }

    /** Adds what the half layer before left, and norms: {@code out = x + residual * delta}, {@code h = norm(out)}. */
    private void norm(Part part, float[] x, MemorySegment delta, float[] out, String gain, float[] inverse,
            MemorySegment h) {
        kernels.addNorm(part.tokens, x, delta, residual, out, weights.values(gain), (float) spec.normEps(), inverse, h);
    }

    /**
     * Log-probabilities of the learned tokens; with a loss also the gradients of the output matrix and of the residual
     * stream. Logits exist only for learned tokens, some at a time.
     */
    private void head(Part part, Rows rows, float[] logProbs, TokenLoss loss, Weights gradients) {
        int[] learned = learned(rows);
        if (loss != null)
            part.delta.memory().fill((byte) 0);
        for (int at = 0; at < learned.length;) {
            Part.Chunk chunk = part.chunk(learned.length - at);
            int[] positions = Arrays.copyOfRange(learned, at, Math.min(at + chunk.rows, learned.length));
            for (int i = 0; i < positions.length; i++)
                copyRow(part.h.memory(), positions[i], chunk.h, i);
            chunk.logitsOperand.product(chunk.hOperand, copies.head.transposed()); // [learned, V]
            score(chunk, rows, positions, logProbs, loss);
            if (loss != null) {
                chunk.gradientOperand.product(chunk.logitsOperand, copies.head.matrix()); // [learned, D]
                for (int i = 0; i < positions.length; i++)
                    copyRow(chunk.gradient, i, part.delta.memory(), positions[i]);
                learn(part, copies.head, chunk.logitsTurned, chunk.hOperand, gradients);
            }
            at += positions.length;
        }
        if (loss != null)
            kernels.normBackward(part.tokens, part.last, part.lastInverse, weights.values(Params.FINAL_NORM),
                    part.delta.memory(), part.gradient, gradients.values(Params.FINAL_NORM));
    }

    /** Log-probabilities of one chunk; with a loss, logits become their gradients, 0 in the rows that fill it up. */
    private void score(Part.Chunk chunk, Rows rows, int[] positions, float[] logProbs, TokenLoss loss) {
        int vocabulary = spec.vocabulary();
        float scale = (float) (1 / spec.logitsScaling());
        float[] own = new float[1];
        for (int i = 0; i < positions.length; i++) {
            int target = rows.targets()[positions[i]];
            long at = (long) i * vocabulary;
            float logSum = kernels.logSum(chunk.logits, at, vocabulary, scale);
            own[0] = 0;
            kernels.accumulate(chunk.logits, at + target, scale, own, 0, 1);
            float logProb = own[0] - logSum;
            logProbs[positions[i]] = logProb;
            if (loss != null)
                kernels.logProbBackward(chunk.logits, at, vocabulary, scale, logSum, target,
                        (float) loss.slope(positions[i], logProb));
        }
        long rowBytes = kernels.type().bytes(vocabulary);
        if (loss != null)
            chunk.logits.asSlice(positions.length * rowBytes, (chunk.rows - positions.length) * rowBytes)
                    .fill((byte) 0);
    }

    private void copyRow(MemorySegment from, long row, MemorySegment to, long toRow) {
        long bytes = kernels.type().bytes(spec.dim());
        MemorySegment.copy(from, row * bytes, to, toRow * bytes, bytes);
    }

    /** Adds {@code dy^T x}, the gradient of joined matrices, to theirs. */
    private void learn(Part part, Copies.Joined joined, Operand dyTurned, Operand x, Weights gradients) {
        part.weightGradient(joined).product(dyTurned, x);
        long at = 0;
        for (String name : joined.names()) {
            float[] to = gradients.values(name);
            kernels.accumulate(part.weightGradient, at, 1, to, 0, to.length);
            at += to.length;
        }
    }

    private void mlpBackward(Part part, int l, Weights gradients) {
        Part.Layer at = part.layers[l];
        kernels.store(part.gradient, 0, residual, part.delta.memory(), 0, part.gradient.length); // [N, D]
        part.mlp.operand().product(part.delta.operand(), copies.down.get(l).matrix()); // [N, F]
        kernels.swigluBackward(part.tokens, spec.ffn(), at.gateUp.memory(), part.mlp.memory()); // [N, 2F]
        learn(part, copies.down.get(l), part.deltaTurned, part.mlp.operand(), gradients);
        part.h.operand().product(at.gateUp.operand(), copies.gateUp.get(l).matrix()); // [N, D]
        learn(part, copies.gateUp.get(l), at.gateUpTurned, at.normedMiddle.operand(), gradients);
        String gain = layer(l, "post_attention_layernorm");
        kernels.normBackward(part.tokens, at.middle, at.middleInverse, weights.values(gain), part.h.memory(),
                part.gradient, gradients.values(gain));
    }

    private void attentionBackward(Part part, int l, Rows rows, Weights gradients) {
        Part.Layer at = part.layers[l];
        kernels.store(part.gradient, 0, residual, part.delta.memory(), 0, part.gradient.length); // [N, D]
        part.mix.operand().product(part.delta.operand(), copies.output.get(l).matrix()); // [N, HK]
        learn(part, copies.output.get(l), part.deltaTurned, at.seen.operand(), gradients);
        part.attention.backward(at.saved, rows.first(), part.rope, part.mix.memory(), part.qkv.memory());
        part.h.operand().product(part.qkv.operand(), copies.qkv.get(l).matrix()); // [N, D]
        learn(part, copies.qkv.get(l), part.qkvTurned, at.normed.operand(), gradients);
        String gain = layer(l, "input_layernorm");
        kernels.normBackward(part.tokens, at.before, at.beforeInverse, weights.values(gain), part.h.memory(),
                part.gradient, gradients.values(gain));
    }

    private void embedBackward(Part part, Rows rows, Weights gradients) {
        float[] table = gradients.values(Params.EMBEDDING);
        int dim = spec.dim();
        float scale = (float) spec.embeddingMultiplier();
        for (int n = 0; n < rows.inputs().length; n++) {
            int to = rows.inputs()[n] * dim;
            int from = n * dim;
            for (int i = 0; i < dim; i++)
                table[to + i] += scale * part.gradient[from + i];
        }
    }

    private static int[] learned(Rows rows) {
        int[] positions = new int[Math.toIntExact(rows.learned())];
        int count = 0;
        for (int i = 0; i < rows.targets().length; i++)
            if (rows.targets()[i] != Rows.NOT_LEARNED)
                positions[count++] = i;
        return positions;
    }
}
