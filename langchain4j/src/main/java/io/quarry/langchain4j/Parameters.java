package io.quarry.langchain4j;

import dev.langchain4j.exception.UnsupportedFeatureException;
import dev.langchain4j.model.chat.request.ChatRequestParameters;
import dev.langchain4j.model.chat.request.ResponseFormatType;
import dev.langchain4j.model.chat.request.ToolChoice;
import io.quarry.infer.Penalties;
import io.quarry.infer.Sampling;
import java.util.function.LongSupplier;

/** Parameters of requests: what is not supported, and how the others say it. */
final class Parameters {
    private Parameters() {}

    /** Refuses what this model does not do. */
    static void check(ChatRequestParameters asked, String name) {
        if (asked.modelName() != null && !asked.modelName().equals(name))
            throw new UnsupportedFeatureException("modelName " + asked.modelName()
                    + " is not supported: this model is " + name + ", and a request cannot choose another");
        if (asked.toolChoice() == ToolChoice.REQUIRED)
            throw new UnsupportedFeatureException("ToolChoice.REQUIRED is not supported: the model decides itself"
                    + " whether it calls a tool; use ToolChoice.AUTO");
        if (asked.responseFormat() != null && asked.responseFormat().type() == ResponseFormatType.JSON)
            throw new UnsupportedFeatureException("JSON response format is not supported: nothing holds the model to"
                    + " it; ask for JSON in words and check what comes");
    }

    /** How the next token is picked; greedy without a temperature, which is what IBM recommends for Granite. */
    static Sampling sampling(ChatRequestParameters asked, LongSupplier seeds) {
        Sampling sampling = Sampling.GREEDY.withPenalties(Penalties.of(
                asked.frequencyPenalty() == null ? 0 : asked.frequencyPenalty(),
                asked.presencePenalty() == null ? 0 : asked.presencePenalty()));
        if (asked.topP() != null)
            sampling = sampling.withTopP(asked.topP());
        if (asked.topK() != null)
            sampling = sampling.withTopK(asked.topK());
        return asked.temperature() == null || asked.temperature() == 0
                ? sampling
                : sampling.withTemperature(asked.temperature()).withSeed(seeds.getAsLong());
    }
}
