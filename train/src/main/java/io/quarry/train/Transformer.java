package io.quarry.train;

import static io.quarry.model.Params.layer;

import io.quarry.model.ModelSpec;
import io.quarry.model.Param;
import io.quarry.model.Params;
import io.quarry.torch.Scope;
import io.quarry.torch.Tensor;
import java.util.HashMap;
import java.util.Map;

/**
 * Granite's forward pass with automatic differentiation: the definition of the model on the training side.
 *
 * <p>Letters: B rows, T tokens of a row, D width, H query heads, G key-value heads, K head size, F inner width of the
 * MLP, V vocabulary. Norms and softmax are computed in f32; matrix products in f32 or, as under autocast, in bf16.
 */
public final class Transformer implements Graph {
    private final ModelSpec spec;
    private final Weights weights;
    private final boolean bfloat16;

    /** Products in bf16 if {@code bfloat16}, else everything in f32. The weights are read at every call. */
    public Transformer(Weights weights, boolean bfloat16) {
        this.spec = weights.spec();
        this.weights = weights;
        this.bfloat16 = bfloat16;
    }

    @Override
    public float[] logProbs(Rows rows) {
        try (Scope _ = Scope.open()) {
            return learnedOnly(rows, targetLogProbs(rows, tensors(false)).values());
        }
    }

    /** Logits of all positions, row after row: what parity is tested with. */
    public float[] logits(Rows rows) {
        try (Scope _ = Scope.open()) {
            return logits(rows, tensors(false)).values();
        }
    }

    @Override
    public float[] backward(Rows rows, TokenLoss loss, Weights gradients) {
        try (Scope _ = Scope.open()) {
            Map<String, Tensor> tensors = tensors(true);
            Tensor logProbs = targetLogProbs(rows, tensors);
            float[] values = learnedOnly(rows, logProbs.values());
            float[] slopes = new float[values.length];
            for (int i = 0; i < slopes.length; i++)
                if (rows.targets()[i] != Rows.NOT_LEARNED)
                    slopes[i] = (float) loss.slope(i, values[i]);
            // The sum of slope times log-probability has the same gradient as the loss itself.
            logProbs.mul(Tensor.of(slopes, slopes.length, 1)).sum().backward();
            for (Param param : weights.params())
                add(tensors.get(param.name()).gradient(), gradients.values(param.name()));
            return values;
        }
    }

    @Override
    public void refresh() {}

    @Override
    public void close() {}

    private static void add(float[] from, float[] to) {
        for (int i = 0; i < to.length; i++)
            to[i] += from[i];
    }

    private static float[] learnedOnly(Rows rows, float[] logProbs) {
        for (int i = 0; i < logProbs.length; i++)
            if (rows.targets()[i] == Rows.NOT_LEARNED)
                logProbs[i] = 0;
        return logProbs;
    }

    private Map<String, Tensor> tensors(boolean learned) {
        Map<String, Tensor> all = new HashMap<>();
        for (Param param : weights.params()) {
            long[] shape = param.shape().stream().mapToLong(Integer::longValue).toArray();
            Tensor tensor = Tensor.of(weights.values(param.name()), shape);
            all.put(param.name(), learned ? tensor.learned() : tensor);
        }
        return all;
    }

    private Tensor targetLogProbs(Rows rows, Map<String, Tensor> w) {
        long[] targets = new long[rows.targets().length];
        for (int i = 0; i < targets.length; i++)
            targets[i] = Math.max(0, rows.targets()[i]);
        return logits(rows, w).float32().logSoftmaxLast().pickLast(Tensor.of(targets, targets.length, 1)); // [B*T, 1]
    }

    private Tensor logits(Rows rows, Map<String, Tensor> w) {
        long[] ids = new long[rows.inputs().length];
        for (int i = 0; i < ids.length; i++)
            ids[i] = rows.inputs()[i];
        Tensor mask = mask(rows);
        Tensor[] rope = rope(rows.length());
        Tensor x = w.get(Params.EMBEDDING).rows(Tensor.of(ids, rows.rows(), rows.length()))
                .mul(spec.embeddingMultiplier()); // [B, T, D]
        for (int l = 0; l < spec.layers(); l++) {
            Tensor h = norm(x, w.get(layer(l, "input_layernorm")));
            x = x.add(attention(h, l, w, mask, rope).mul(spec.residualMultiplier())); // [B, T, D]
            h = norm(x, w.get(layer(l, "post_attention_layernorm")));
            x = x.add(mlp(h, l, w).mul(spec.residualMultiplier())); // [B, T, D]
        }
        Tensor head = w.get(spec.tiedEmbeddings() ? Params.EMBEDDING : Params.LM_HEAD);
        return linear(norm(x, w.get(Params.FINAL_NORM)), head).mul(1 / spec.logitsScaling())
                .reshape(rows.inputs().length, spec.vocabulary()); // [B*T, V]
    }

    private Tensor norm(Tensor x, Tensor gain) {
        return x.mul(x.square().meanLast().add(spec.normEps()).rsqrt()).mul(gain);
    }

    private Tensor linear(Tensor x, Tensor weight) {
        if (!bfloat16)
            return x.matmul(weight.transpose(0, 1));
        return x.bfloat16().matmul(weight.bfloat16().transpose(0, 1)).float32();
    }

    private Tensor mlp(Tensor x, int l, Map<String, Tensor> w) {
        Tensor gate = linear(x, w.get(layer(l, "mlp.gate_proj"))); // [B, T, F]
        Tensor up = linear(x, w.get(layer(l, "mlp.up_proj"))); // [B, T, F]
        return linear(gate.silu().mul(up), w.get(layer(l, "mlp.down_proj"))); // [B, T, D]
    }

    private Tensor attention(Tensor x, int l, Map<String, Tensor> w, Tensor mask, Tensor[] rope) {
        long b = x.size(0);
        long t = x.size(1);
        Tensor q = heads(linear(x, w.get(layer(l, "self_attn.q_proj"))), spec.heads()); // [B, H, T, K]
        Tensor k = heads(linear(x, w.get(layer(l, "self_attn.k_proj"))), spec.kvHeads()); // [B, G, T, K]
        Tensor v = shared(heads(linear(x, w.get(layer(l, "self_attn.v_proj"))), spec.kvHeads())); // [B, H, T, K]
        q = rotate(q, rope);
        k = shared(rotate(k, rope));
        Tensor scores = product(q, k.transpose(2, 3)).mul(spec.attentionMultiplier()).add(mask); // [B, H, T, T]
        Tensor seen = product(scores.softmaxLast(), v); // [B, H, T, K]
        return linear(seen.transpose(1, 2).reshape(b, t, spec.qDim()), w.get(layer(l, "self_attn.o_proj")));
    }

    private Tensor product(Tensor a, Tensor b) {
        return bfloat16 ? a.bfloat16().matmul(b.bfloat16()).float32() : a.matmul(b);
    }

    private Tensor heads(Tensor x, int heads) {
        return x.reshape(x.size(0), x.size(1), heads, spec.headDim()).transpose(1, 2);
    }

    /** Repeats each key-value head for the query heads that share it. */
    private Tensor shared(Tensor x) {
        long b = x.size(0);
        long t = x.size(2);
        long group = spec.heads() / spec.kvHeads();
        return x.reshape(b, spec.kvHeads(), 1, t, spec.headDim()).expand(b, spec.kvHeads(), group, t, spec.headDim())
                .reshape(b, spec.heads(), t, spec.headDim());
    }

    /** RoPE: the first half of a head is the real, the second the imaginary part of K/2 numbers turned by their angle. */
    private Tensor rotate(Tensor x, Tensor[] rope) {
        long half = spec.headDim() / 2;
        Tensor turned = Tensor.joinLast(x.narrow(3, half, half).negate(), x.narrow(3, 0, half));
        return x.mul(rope[0]).add(turned.mul(rope[1]));
    }

    /** Cosines and sines, [T, K] each. */
    private Tensor[] rope(int length) {
        int k = spec.headDim();
        float[] cos = new float[length * k];
        float[] sin = new float[length * k];
        for (int t = 0; t < length; t++)
            for (int i = 0; i < k; i++) {
                double angle = t * Math.pow(spec.ropeTheta(), -2.0 * (i % (k / 2)) / k);
                cos[t * k + i] = (float) Math.cos(angle);
                sin[t * k + i] = (float) Math.sin(angle);
            }
        return new Tensor[] {Tensor.of(cos, length, k), Tensor.of(sin, length, k)};
    }

    /** 0 where a position may look, minus infinity elsewhere: [B, 1, T, T]. */
    private static Tensor mask(Rows rows) {
        int n = rows.length();
        float[] mask = new float[rows.rows() * n * n];
        java.util.Arrays.fill(mask, Float.NEGATIVE_INFINITY);
        for (int i = 0; i < rows.inputs().length; i++)
            java.util.Arrays.fill(mask, i * n + rows.first()[i], i * n + i % n + 1, 0);
        return Tensor.of(mask, rows.rows(), 1, n, n);
    }
}
