package io.quarry.train;

import io.quarry.model.ModelSpec;
import io.quarry.recipe.Recipe;
import java.nio.file.Path;
import java.util.Map;

/**
 * All that a stage of supervised training needs: pre-training, context extension and fine-tuning differ only here.
 *
 * @param spec             the model, with the context length and RoPE base of this stage
 * @param initial          checkpoint folder to start from; null begins a new model from the seed
 * @param initializerRange deviation of the matrices of a new model
 * @param phase            tokens, lengths, mix and schedule
 * @param optimizer        constants of AdamW
 * @param tokens           token file per category of the mix
 * @param heldOut          token file per category whose loss is measured before and after; may be empty
 * @param heldOutTokens    tokens measured of each
 * @param seed             of initialization and order
 * @param threads          lanes the batch is split over; another number is another run
 * @param segments         whether documents packed into one row are hidden from each other; samples always are
 * @param epochs           passes over all samples, for files with masks; ignored for text
 * @param scratch          folder for the state a killed run goes on from
 * @param out              folder the checkpoint is written to
 * @param tokenizerFrom    folder with the tokenizer's files that go with the checkpoint
 */
public record TrainJob(ModelSpec spec, Path initial, double initializerRange, Recipe.Phase phase,
        Recipe.Optimizer optimizer, Map<String, Path> tokens, Map<String, Path> heldOut, long heldOutTokens, long seed,
        int threads, boolean segments, int epochs, Path scratch, Path out, Path tokenizerFrom) {
    public TrainJob {
        tokens = Map.copyOf(tokens);
        heldOut = Map.copyOf(heldOut);
        if (phase.sequenceLength() > spec.contextLength())
            throw new IllegalArgumentException("phase " + phase.name() + " trains rows of " + phase.sequenceLength()
                    + " tokens, the model's context is " + spec.contextLength());
        if (threads < 1)
            throw new IllegalArgumentException("threads must be at least 1, was " + threads);
    }
}
