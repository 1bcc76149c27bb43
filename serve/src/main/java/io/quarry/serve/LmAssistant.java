package io.quarry.serve;

import io.quarry.chat.Conversation;
import io.quarry.chat.Template;
import io.quarry.infer.Completion;
import io.quarry.infer.Lm;
import io.quarry.infer.Request;
import io.quarry.infer.Sampling;
import io.quarry.text.Specials;
import io.quarry.text.Tokenizer;
import java.io.IOException;
import java.util.HashSet;
import java.util.Set;

/** A language model as the assistant; its requests share the batches of the model's one generation loop. */
final class LmAssistant implements Assistant {
    private final Lm lm;
    private final Tokenizer tokenizer;
    private final Set<Integer> stops;

    LmAssistant(Lm lm) throws IOException {
        this.lm = lm;
        this.tokenizer = lm.tokenizer();
        if (tokenizer.vocabulary() > lm.spec().vocabulary())
            throw new IllegalArgumentException("the tokenizer has " + tokenizer.vocabulary()
                    + " tokens, the model only " + lm.spec().vocabulary() + "; they do not belong together");
        Set<Integer> ends = new HashSet<>();
        ends.add(lm.spec().eos());
        // A model that opens the next turn itself has forgotten to close its own.
        tokenizer.find(Specials.START_OF_ROLE).ifPresent(ends::add);
        this.stops = Set.copyOf(ends);
    }

    @Override
    public int contextLength() {
        return lm.spec().contextLength();
    }

    @Override
    public int[] prompt(Conversation conversation) {
        return Template.encode(tokenizer, conversation, true).ids();
    }

    @Override
    public Completion answer(int[] prompt, int maxTokens, Sampling sampling, TextListener listener) {
        return lm.answer(new Request(prompt, maxTokens, sampling, stops), listener::heard).completion();
    }
}
