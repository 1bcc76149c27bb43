package io.quarry.model;

import java.util.List;

/**
 * In what a family differs from dense Granite. A value: the one forward pass reads it. What a family merely has or lacks
 * (biases, norms of queries and keys, norms behind a half block, fused matrices) stands in no flag; the tensors decide.
 *
 * @param family           {@code model_type} of {@code config.json}, which is also the name in GGUF files of most
 * @param activation       of the gate of the feed-forward part
 * @param attentionSoftCap scaled scores s become {@code c tanh(s / c)}; 0 leaves them
 * @param logitsSoftCap    the same for the logits
 * @param scaling          how rotary frequencies are changed for longer contexts
 * @param localRopeTheta   base of the frequencies in layers with {@link Position#LOCAL}
 * @param rotaryDim        components of a head that turn, the first ones; even
 * @param pairing          which components turn together
 * @param blocks           what each layer is; as many as the model has layers
 * @param experts          null for a dense model
 * @param mamba            null for a model without such layers
 */
public record Architecture(String family, Activation activation, double attentionSoftCap, double logitsSoftCap,
        RopeScaling scaling, double localRopeTheta, int rotaryDim, Pairing pairing, List<Block> blocks, Experts experts,
        Mamba mamba) {

    /** What bends the gate. */
    public enum Activation {
        /** x sigmoid(x). */
        SILU,
        /** Gelu by its tanh formula (arXiv 1606.08415). */
        GELU_TANH
    }

    /** Which components of a head RoPE turns as a pair. */
    public enum Pairing {
        /** i and i + d/2, as Hugging Face lays out its weights. */
        HALVES,
        /** 2i and 2i + 1, as GGUF files of llama, mistral and granite lay out theirs. */
        NEIGHBOURS
    }

    /** What mixes the tokens of a layer. */
    public enum Mixer {
        ATTENTION, MAMBA
    }

    /** Whether and how attention knows where tokens stand. */
    public enum Position {
        GLOBAL, LOCAL, NONE
    }

    /**
     * One layer.
     *
     * @param window a query at i sees the keys j with {@code i - window < j <= i}; 0 is no window
     */
    public record Block(Mixer mixer, int window, Position position) {
        public static final Block ATTENTION = new Block(Mixer.ATTENTION, 0, Position.GLOBAL);

        public Block {
            if (window < 0)
                throw new IllegalArgumentException("a layer's window must be 0 (none) or more, was " + window);
        }
    }

    /**
     * Feed-forward parts of which a router chooses some for each token: those with the largest logits, weighted by the
     * softmax over these.
     *
     * @param count experts of a layer
     * @param used  experts of a token
     * @param ffn   inner width of one; that of the part all tokens share is {@link ModelSpec#ffn}
     * @param shared whether there is such a part
     */
    public record Experts(int count, int used, int ffn, boolean shared) {
        public Experts {
            if (used < 1 || used > count)
                throw new IllegalArgumentException(
                        "a token must use 1 to " + count + " of " + count + " experts, was " + used);
            if (ffn < 1)
                throw new IllegalArgumentException("an expert's width must be positive, was " + ffn);
        }
    }

    /**
     * A Mamba-2 mixer (arXiv 2405.21060).
     *
     * @param heads   heads of the state
     * @param headDim size of one
     * @param groups  heads of one group share B and C; divides {@code heads}
     * @param state   columns of a head's state
     * @param conv    taps of the causal convolution
     * @param minStep smallest time step after softplus
     * @param maxStep largest one; may be infinite
     */
    public record Mamba(int heads, int headDim, int groups, int state, int conv, double minStep, double maxStep) {
        public Mamba {
            if (heads < 1 || headDim < 1 || groups < 1 || state < 1 || conv < 1)
                throw new IllegalArgumentException("sizes of a Mamba layer must be positive: " + heads + " heads of "
                        + headDim + ", " + groups + " groups, state " + state + ", " + conv + " taps");
            if (heads % groups != 0)
                throw new IllegalArgumentException("groups must divide heads of a Mamba layer, was " + groups + " for "
                        + heads);
        }

        /** Width of what the heads hold together. */
        public int inner() {
            return heads * headDim;
        }

        /** Width of what the convolution sees: the heads' input, B and C. */
        public int convDim() {
            return inner() + 2 * groups * state;
        }
    }

    public Architecture {
        blocks = List.copyOf(blocks);
        if (rotaryDim < 2 || rotaryDim % 2 != 0)
            throw new IllegalArgumentException("rotaryDim must be even and at least 2 (RoPE turns pairs), was "
                    + rotaryDim);
        if (!(attentionSoftCap >= 0 && logitsSoftCap >= 0))
            throw new IllegalArgumentException("soft caps must be 0 (none) or more, were " + attentionSoftCap + " and "
                    + logitsSoftCap);
        boolean hasMamba = blocks.stream().anyMatch(b -> b.mixer() == Mixer.MAMBA);
        if (hasMamba && mamba == null)
            throw new IllegalArgumentException("a layer is a Mamba mixer, and the model has no sizes for one");
    }

    /** Dense Granite. */
    public static Architecture granite(int layers, int headDim) {
        return new Architecture("granite", Activation.SILU, 0, 0, RopeScaling.NONE, 0, headDim, Pairing.HALVES,
                same(layers), null, null);
    }

    /** So many layers of plain attention. */
    public static List<Block> same(int layers) {
        return java.util.Collections.nCopies(layers, Block.ATTENTION);
    }

    Architecture withPairing(Pairing other) {
        return new Architecture(family, activation, attentionSoftCap, logitsSoftCap, scaling, localRopeTheta, rotaryDim,
                other, blocks, experts, mamba);
    }
}
