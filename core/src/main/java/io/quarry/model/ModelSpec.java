package io.quarry.model;

/**
 * What a model is: sizes, and the four multipliers of Granite. A value, never a subclass: the forward passes read it.
 *
 * @param vocabulary          rows of the embedding
 * @param dim                 width of the residual stream
 * @param layers              number of transformer blocks
 * @param heads               query heads
 * @param kvHeads             key and value heads; divides {@code heads}
 * @param headDim             size of one head; even, because RoPE turns pairs
 * @param ffn                 inner width of the SwiGLU block
 * @param contextLength       longest sequence the model was made for, in tokens
 * @param ropeTheta           base of the rotary frequencies
 * @param normEps             epsilon of RMSNorm
 * @param embeddingMultiplier scales the embedding (12 in Granite 4.1)
 * @param attentionMultiplier scales q.k; replaces 1/sqrt(headDim) (1/headDim in Granite 4.1)
 * @param residualMultiplier  scales what each half block adds (0.22; 0.175 in the 30B)
 * @param logitsScaling       divides the logits
 * @param tiedEmbeddings      whether the output matrix is the embedding
 * @param bos                 id that may begin a text; the same as {@code eos} in Granite 4.1
 * @param eos                 id that ends a text or a turn
 * @param pad                 id that fills a batch and is never learned
 * @param architecture        in what the family differs from dense Granite
 */
public record ModelSpec(int vocabulary, int dim, int layers, int heads, int kvHeads, int headDim, int ffn,
        int contextLength, double ropeTheta, double normEps, double embeddingMultiplier, double attentionMultiplier,
        double residualMultiplier, double logitsScaling, boolean tiedEmbeddings, int bos, int eos, int pad,
        Architecture architecture) {

    public ModelSpec {
        positive("vocabulary", vocabulary);
        positive("dim", dim);
        positive("layers", layers);
        positive("heads", heads);
        positive("kvHeads", kvHeads);
        positive("headDim", headDim);
        positive("ffn", ffn);
        positive("contextLength", contextLength);
        positive("ropeTheta", ropeTheta);
        positive("normEps", normEps);
        positive("embeddingMultiplier", embeddingMultiplier);
        positive("attentionMultiplier", attentionMultiplier);
        positive("residualMultiplier", residualMultiplier);
        positive("logitsScaling", logitsScaling);
        if (heads % kvHeads != 0)
            throw new IllegalArgumentException(
                    "model.kvHeads must divide model.heads, was " + kvHeads + " for " + heads + " heads");
        if (headDim % 2 != 0)
            throw new IllegalArgumentException("model.headDim must be even (RoPE turns pairs), was " + headDim);
        if (architecture.blocks().size() != layers)
            throw new IllegalArgumentException("model.layers is " + layers + ", and " + architecture.blocks().size()
                    + " layers are described");
        if (architecture.rotaryDim() > headDim)
            throw new IllegalArgumentException("rotaryDim must be at most headDim (" + headDim + "), was "
                    + architecture.rotaryDim());
    }

    /** A dense Granite. */
    public ModelSpec(int vocabulary, int dim, int layers, int heads, int kvHeads, int headDim, int ffn,
            int contextLength, double ropeTheta, double normEps, double embeddingMultiplier, double attentionMultiplier,
            double residualMultiplier, double logitsScaling, boolean tiedEmbeddings, int bos, int eos, int pad) {
        this(vocabulary, dim, layers, heads, kvHeads, headDim, ffn, contextLength, ropeTheta, normEps,
                embeddingMultiplier, attentionMultiplier, residualMultiplier, logitsScaling, tiedEmbeddings, bos, eos,
                pad, Architecture.granite(Math.max(layers, 0), Math.max(2, headDim / 2 * 2)));
    }

    /** Width of all query heads together. */
    public int qDim() {
        return heads * headDim;
    }

    /** Width of all key heads together, which is also that of the values. */
    public int kvDim() {
        return kvHeads * headDim;
    }

    /** Number of trained parameters; a tied output matrix counts once. */
    public long parameters() {
        return Params.of(this).stream().mapToLong(Param::elements).sum();
    }

    /** Floating point operations of one training step per token, forward and backward, at the given sequence length. */
    public double trainFlopsPerToken(long sequenceLength) {
        long matrices = parameters() - (tiedEmbeddings ? 0 : (long) vocabulary * dim);
        return 6.0 * matrices + 6.0 * layers * qDim() * sequenceLength;
    }

    /** Bytes of key-value cache per token when one number takes {@code bytesPerElement}. */
    public long kvBytesPerToken(int bytesPerElement) {
        return 2L * layers * kvDim() * bytesPerElement;
    }

    /** The same model made for another length and another RoPE base: what one stage of context extension changes. */
    public ModelSpec withContext(int newContextLength, double newRopeTheta) {
        return new ModelSpec(vocabulary, dim, layers, heads, kvHeads, headDim, ffn, newContextLength, newRopeTheta,
                normEps, embeddingMultiplier, attentionMultiplier, residualMultiplier, logitsScaling, tiedEmbeddings,
                bos, eos, pad, architecture);
    }

    /** The same model with or without an output matrix of its own: what a file holds may differ from what it claims. */
    public ModelSpec withTiedEmbeddings(boolean tied) {
        return new ModelSpec(vocabulary, dim, layers, heads, kvHeads, headDim, ffn, contextLength, ropeTheta, normEps,
                embeddingMultiplier, attentionMultiplier, residualMultiplier, logitsScaling, tied, bos, eos, pad,
                architecture);
    }

    private static void positive(String name, double value) {
        if (!(value > 0))
            throw new IllegalArgumentException("model." + name + " must be positive, was " + value);
    }
}
