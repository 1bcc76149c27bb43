package io.quarry.app;

import io.quarry.chat.ChatFormat;
import io.quarry.chat.Conversation;
import io.quarry.chat.Message;
import io.quarry.infer.Completion;
import io.quarry.infer.Lm;
import io.quarry.infer.Request;
import io.quarry.infer.Sampling;
import io.quarry.jinja.TemplateException;
import io.quarry.text.TokenStream;
import io.quarry.text.Tokenizer;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;

/** A conversation with a model, turn by turn; what no longer fits into the model's context is forgotten, and said. */
final class Dialogue {
    private final Lm lm;
    private final ChatFormat format;
    private final Tokenizer tokenizer;
    private final Sampling sampling;
    private final int maxTokens;
    private final List<Message> turns = new ArrayList<>();
    private String system = "";

    /**
     * What came of a turn.
     *
     * @param prompt    tokens the model was given
     * @param tokens    tokens of the answer
     * @param finish    why it ended
     * @param forgotten earlier turns that were left out, because the context is full
     */
    record Turn(int prompt, int tokens, Completion.Finish finish, int forgotten) {}

    /**
     * Nothing said yet.
     *
     * @param format    how the model reads conversations
     * @param maxTokens longest answer
     */
    Dialogue(Lm lm, ChatFormat format, Sampling sampling, int maxTokens) throws IOException {
        this.lm = lm;
        this.format = format;
        this.tokenizer = lm.tokenizer();
        this.sampling = sampling;
        this.maxTokens = maxTokens;
    }

    /** Forgets all turns; the system message stays. */
    void reset() {
        turns.clear();
    }

    /** Sets what the system says from now on, and begins anew; empty for nothing. */
    void system(String text) {
        system = text;
        reset();
    }

    /**
     * Asks and hands on the answer piece by piece. An answer that was stopped stays in the conversation as far as it
     * came.
     *
     * @param goOn asked before each piece; false stops the answer
     * @throws IllegalArgumentException             if the text alone is too long for the model
     * @throws io.quarry.jinja.TemplateException if the model's template does not take the conversation, for instance
     *                                              because it knows no system
     */
    Turn ask(String text, Consumer<String> pieces, BooleanSupplier goOn) {
        turns.add(Message.user(text));
        int forgotten = 0;
        int[] prompt = prompt();
        while (prompt.length + 1 > lm.contextLength()) {
            if (turns.size() == 1) {
                turns.clear();
                throw new IllegalArgumentException("this text is too long for the model: with the system message it"
                        + " has " + prompt.length + " tokens, the model takes " + (lm.contextLength() - 1));
            }
            int gone = turns.size() > 2 ? 2 : 1; // a question goes with its answer
            turns.subList(0, gone).clear();
            forgotten += gone;
            prompt = prompt();
        }
        return answer(prompt, forgotten, pieces, goOn);
    }

    private Turn answer(int[] prompt, int forgotten, Consumer<String> pieces, BooleanSupplier goOn) {
        TokenStream stream = tokenizer.stream(false);
        StringBuilder answer = new StringBuilder();
        Consumer<String> both = piece -> {
            answer.append(piece);
            pieces.accept(piece);
        };
        int room = Math.min(maxTokens, lm.contextLength() - prompt.length);
        Completion completion = lm.generate(new Request(prompt, room, sampling, format.ends()), token -> {
            both.accept(stream.next(token.id()));
            return goOn.getAsBoolean();
        });
        both.accept(stream.end());
        turns.add(Message.assistant(answer.toString()));
        return new Turn(prompt.length, completion.tokens().length, completion.finish(), forgotten);
    }

    private int[] prompt() {
        List<Message> all = new ArrayList<>(turns);
        if (!system.isEmpty())
            all.addFirst(Message.system(system));
        try {
            return format.prompt(new Conversation(all, List.of(), List.of()));
        } catch (TemplateException e) {
            turns.removeLast(); // the next text is asked without the one that was refused
            throw e;
        }
    }
}
