package io.quarry.serve;

import io.quarry.chat.CallMarks;
import io.quarry.chat.ChatFormat;
import io.quarry.chat.Conversation;
import io.quarry.infer.Completion;
import io.quarry.infer.Lm;
import io.quarry.infer.Request;
import io.quarry.infer.Sampling;
import io.quarry.text.TokenStream;
import io.quarry.text.Tokenizer;
import java.io.IOException;

/** A language model as the assistant; its requests share the batches of the model's one generation loop. */
final class LmAssistant implements Assistant {
    private final Lm lm;
    private final ChatFormat format;
    private final Tokenizer tokenizer;

    LmAssistant(Lm lm, ChatFormat format) throws IOException {
        this.lm = lm;
        this.format = format;
        this.tokenizer = lm.tokenizer();
        // Gemma 3 has added tokens for pictures that its text model has no rows for.
        if (tokenizer.vocabulary() - tokenizer.added().size() > lm.spec().vocabulary())
            throw new IllegalArgumentException("the tokenizer has " + tokenizer.vocabulary()
                    + " tokens, the model only " + lm.spec().vocabulary() + "; they do not belong together");
    }

    @Override
    public int contextLength() {
        return lm.contextLength();
    }

    @Override
    public int[] prompt(Conversation conversation) {
        if (!conversation.tools().isEmpty() && !format.knowsTools())
            throw new ApiError(400, "tools", "unsupported_parameter",
                    "the chat template of this model does not know tools; leave 'tools' out");
        return format.prompt(conversation);
    }

    @Override
    public CallMarks calls() {
        return format.calls();
    }

    @Override
    public Completion answer(int[] prompt, int maxTokens, Sampling sampling, TextListener listener) {
        for (int id : sampling.bias().keySet())
            if (id >= lm.spec().vocabulary())
                throw ApiError.invalid("logit_bias." + id,
                        "'logit_bias." + id + "' is for a token that the model has not: "
                                + "it has " + lm.spec().vocabulary());
        TokenStream text = tokenizer.stream(false);
        Completion said = lm.generate(new Request(prompt, maxTokens, sampling, format.ends()),
                token -> listener.heard(format.shown(token.id()) ? text.next(token.id()) : ""));
        String rest = said.finish() == Completion.Finish.CANCELLED ? "" : text.end();
        if (!rest.isEmpty())
            listener.heard(rest);
        return said;
    }
}
