package io.quarry.judge;

import io.quarry.chat.Conversation;
import io.quarry.chat.Template;
import io.quarry.infer.Completion;
import io.quarry.infer.Lm;
import io.quarry.infer.Request;
import io.quarry.infer.Sampling;
import io.quarry.text.Tokenizer;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;

/**
 * A model of this process that answers conversations greedily: judges, or is evaluated.
 *
 * @param lm        the model
 * @param tokenizer of the model
 * @param maxTokens longest answer
 */
public record LocalModel(Lm lm, Tokenizer tokenizer, int maxTokens) implements RubricJudge.Model {
    public LocalModel {
        if (maxTokens < 1)
            throw new IllegalArgumentException("maxTokens must be at least 1, was " + maxTokens);
    }

    /** A model with the tokenizer that lies beside it. */
    public static LocalModel of(Lm lm, int maxTokens) throws IOException {
        return new LocalModel(lm, lm.tokenizer(), maxTokens);
    }

    @Override
    public String answer(Conversation conversation) throws IOException {
        int[] prompt = prompt(conversation);
        if (prompt.length >= lm.spec().contextLength())
            throw new IOException("the model's context of " + lm.spec().contextLength()
                    + " tokens has no room for a prompt of " + prompt.length + " and an answer");
        return answers(List.of(conversation)).getFirst();
    }

    /**
     * Answers many conversations at once, in order, as text with tool calls and thoughts. A prompt that fills the model's
     * context is answered with nothing.
     */
    public List<String> answers(List<Conversation> conversations) {
        String[] out = new String[conversations.size()];
        Arrays.fill(out, "");
        List<Request> requests = new ArrayList<>();
        List<Integer> places = new ArrayList<>();
        for (int i = 0; i < out.length; i++) {
            int[] prompt = prompt(conversations.get(i));
            int room = Math.min(maxTokens, lm.spec().contextLength() - prompt.length);
            if (room < 1)
                continue;
            requests.add(new Request(prompt, room, Sampling.GREEDY, Set.of(lm.spec().eos())));
            places.add(i);
        }
        List<Completion> completions = lm.generate(requests);
        for (int i = 0; i < places.size(); i++)
            out[places.get(i)] = tokenizer.decode(completions.get(i).tokens(), true);
        return List.of(out);
    }

    private int[] prompt(Conversation conversation) {
        return Template.encode(tokenizer, conversation, true).ids();
    }
}
