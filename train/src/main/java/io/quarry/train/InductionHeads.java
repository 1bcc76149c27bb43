package io.quarry.train;

import static io.quarry.model.Params.layer;

import io.quarry.model.ModelSpec;
import io.quarry.model.Params;
import io.quarry.model.Rope;
import java.util.Random;

/**
 * Induction heads from the first step: a few heads of a new model begin as the circuit that looks up in its context
 * ("A B ... A" is followed by "B", arXiv 2209.11895), all other weights are normal. Left to itself the circuit comes at
 * once, but late: not within 1.5 million tokens that ask for nothing else, more than a small run has. Begun like this,
 * training takes it up within 100,000 (figures in {@code docs/log.md}). It is a choice of where to start, in the manner
 * of mimetic initialisation (arXiv 2305.09828): the model stays the same function of its weights, and every weight is
 * trained. Own choice: IBM publishes the deviation of Granite's initial weights and nothing beyond it.
 *
 * <p>Two parts, for a stream of width {@code d} normalised to x:
 * <ol>
 * <li>All embeddings share a direction u. In the first layer, heads 0 and 1 ask for u and find it everywhere; only the
 * fast rotations of RoPE tell places apart, and the query is turned so that it meets the key 1 or 2 tokens back. Such a
 * head writes O V x of the token before into the stream.
 * <li>In the next two layers one head matches its own token against what the look-back wrote: its query is V, its key
 * the transpose of O, so that q.k is largest where the token <em>before</em> is mine. A second one matches what stood 1
 * back here against 2 back there, which bridges a separator ("name: value"). They use the slow rotations only, so that
 * distance does not matter, and write what they find along its own embedding: they vote for the token they saw.
 * </ol>
 */
final class InductionHeads {
    /** Length of the shared direction, in lengths of an embedding. */
    private static final double SHARED = 0.5;
    /** Highest score of a look-back, in nats: the right place gets about 0.7 of the attention. */
    private static final double LOOK_BACK_SCORE = 16;
    /** What a look-back writes, in root mean squares of the embedded token. */
    private static final double WRITTEN = 1;
    /** Deviation of the numbers of a matching head's query where scores are scaled by 1/k; its key's is what was written. */
    private static final double MATCH = 5;
    /** What a matching head copies, in embedded tokens: its values keep headDim of the d directions. */
    private static final double COPIED = 2;
    private static final int LOOK_BACKS = 2;
    /** Smallest head with two fast rotations, which tell neighbours apart, beside slow ones. */
    private static final int SMALLEST = 16;
    private static final int MATCHING_LAYERS = 2;

    private final Weights weights;
    private final ModelSpec spec;
    private final double range;
    private final int d;
    private final int k;
    private final double[] shared;

    private InductionHeads(Weights weights, double range, long seed) {
        this.weights = weights;
        this.spec = weights.spec();
        this.range = range;
        this.d = spec.dim();
        this.k = spec.headDim();
        this.shared = direction(new Random(seed), d);
    }

    /**
     * Puts the heads into the weights of a new model; a model of one layer, of one head or of heads smaller than 16 has no
     * room for them and stays as it is.
     *
     * @param weights as {@link Weights#initial} makes them
     * @param range   deviation of their matrices
     * @param seed    of the shared direction
     * @return the same weights
     */
    static Weights in(Weights weights, double range, long seed) {
        ModelSpec spec = weights.spec();
        if (spec.layers() > 1 && spec.heads() >= LOOK_BACKS && spec.headDim() >= SMALLEST)
            new InductionHeads(weights, range, seed).put();
        return weights;
    }

    private void put() {
        share();
        float[][] values = new float[k][];
        for (int i = 0; i < k; i++)
            values[i] = withoutShared(row(0, "v_proj", i));
        float[][][] written = new float[LOOK_BACKS][][];
        for (int head = 0; head < LOOK_BACKS; head++)
            written[head] = lookBack(head, values);
        for (int l = 1; l <= Math.min(MATCHING_LAYERS, spec.layers() - 1); l++) {
            match(l, 0, values, written[0]);
            if (spec.kvHeads() > 1)
                match(l, 1, written[0], written[1]);
        }
    }

    private void share() {
        float[] embedding = weights.values(Params.EMBEDDING);
        for (int i = 0; i < embedding.length; i++)
            embedding[i] += (float) (SHARED * range * Math.sqrt(d) * shared[i % d]);
    }

    /** Makes a head of the first layer look {@code head + 1} tokens back; gives what its numbers are written along, [k][d]. */
    private float[][] lookBack(int head, float[][] values) {
        int half = k / 2;
        int fast = half / 4;
        // x.u is the same for every token: the shared part of an embedding after normalisation
        double xu = Math.sqrt(d) * SHARED / Math.sqrt(1 + SHARED * SHARED);
        double each = Math.sqrt(LOOK_BACK_SCORE / (spec.attentionMultiplier() * 2 * fast)) / xu;
        int kv = kvHead(head);
        float[] frequencies = Rope.frequencies(spec);
        for (int i = 0; i < half; i++) {
            double angle = -(head + 1) * frequencies[i];
            double key = i < fast ? each : 0;
            row(0, "k_proj", kv * k + i).set(shared, key);
            row(0, "k_proj", kv * k + half + i).set(shared, key);
            row(0, "q_proj", head * k + i).set(shared, key * (Math.cos(angle) - Math.sin(angle)));
            row(0, "q_proj", head * k + half + i).set(shared, key * (Math.cos(angle) + Math.sin(angle)));
        }
        double gain = WRITTEN * embedded() / (spec.residualMultiplier() * range * Math.sqrt(k) * range * Math.sqrt(d));
        float[] output = weights.values(layer(0, "self_attn.o_proj"));
        float[][] along = new float[k][d];
        for (int i = 0; i < k; i++) {
            row(0, "v_proj", kv * k + i).copy(values[i]);
            for (int j = 0; j < d; j++) {
                int at = j * spec.qDim() + head * k + i;
                along[i][j] = output[at];
                output[at] *= (float) gain;
            }
        }
        return along;
    }

    /** Makes the first query head of a group ask along {@code query} for keys along {@code key}, [k][d] each. */
    private void match(int l, int kv, float[][] query, float[][] key) {
        int half = k / 2;
        int head = kv * (spec.heads() / spec.kvHeads());
        double scale = MATCH / (range * Math.sqrt(d) * Math.sqrt(spec.attentionMultiplier() * k));
        double copy = COPIED * embedded() / (spec.residualMultiplier() * range * range * d);
        float[] output = weights.values(layer(l, "self_attn.o_proj"));
        for (int i = 0; i < k; i++) {
            double slow = i % half >= half / 2 ? scale : 0;
            row(l, "q_proj", head * k + i).copy(query[i]).times(slow);
            row(l, "k_proj", kv * k + i).copy(key[i]).times(slow);
            Row value = row(l, "v_proj", kv * k + i);
            for (int j = 0; j < d; j++)
                output[j * spec.qDim() + head * k + i] = (float) (copy * value.at(j));
        }
    }

    /** Root mean square of an embedded token before what is shared is added. */
    private double embedded() {
        return spec.embeddingMultiplier() * range;
    }

    private int kvHead(int head) {
        return head / (spec.heads() / spec.kvHeads());
    }

    private float[] withoutShared(Row row) {
        double along = 0;
        for (int j = 0; j < d; j++)
            along += row.at(j) * shared[j];
        float[] rest = new float[d];
        for (int j = 0; j < d; j++)
            rest[j] = (float) (row.at(j) - along * shared[j]);
        return rest;
    }

    private Row row(int l, String part, int i) {
        return new Row(weights.values(layer(l, "self_attn." + part)), i * d, d);
    }

    private static double[] direction(Random random, int d) {
        double[] made = random.doubles(d, -1, 1).toArray();
        double length = 0;
        for (double x : made)
            length += x * x;
        for (int j = 0; j < d; j++)
            made[j] /= Math.sqrt(length);
        return made;
    }

    /** One row of a matrix, in place. */
    private record Row(float[] tensor, int from, int length) {
        float at(int j) {
            return tensor[from + j];
        }

        Row copy(float[] values) {
            System.arraycopy(values, 0, tensor, from, length);
            return this;
        }

        void set(double[] direction, double size) {
            for (int j = 0; j < length; j++)
                tensor[from + j] = (float) (size * direction[j]);
        }

        void times(double factor) {
            for (int j = 0; j < length; j++)
                tensor[from + j] *= (float) factor;
        }
    }
}
