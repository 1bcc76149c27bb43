package io.quarry.langchain4j;

import dev.langchain4j.model.chat.ChatModel;
import dev.langchain4j.model.chat.listener.ChatModelListener;
import dev.langchain4j.model.chat.request.ChatRequest;
import dev.langchain4j.model.chat.request.ChatRequestParameters;
import dev.langchain4j.model.chat.response.ChatResponse;
import io.quarry.chat.ChatFormat;
import io.quarry.infer.Lm;
import java.util.List;

/**
 * A language model in this process as a chat model of LangChain4j: its own chat template around the messages, tools shown
 * to it and its calls read out of its answers. May be used from several threads; their requests share batches. It does
 * not close the {@link Lm}. What it cannot do is refused with
 * {@link dev.langchain4j.exception.UnsupportedFeatureException}: pictures, other models by name, JSON as the format of an
 * answer, and a call of a tool that must be made.
 *
 * {@snippet :
 * try (Lm lm = Lm.open(folder)) {
 *     ChatModel model = new QuarryChatModel(lm, ChatFormat.open(folder, lm.tokenizer()), QuarrySettings.of("granite"));
 *     System.out.println(model.chat("What is the capital of Germany?"));
 * }
 * }
 */
public final class QuarryChatModel implements ChatModel {
    private final Answering answering;

    /**
     * A chat model.
     *
     * @param format of the same model
     */
    public QuarryChatModel(Lm lm, ChatFormat format, QuarrySettings settings) {
        answering = new Answering(lm, format, settings);
    }

    @Override
    public ChatResponse doChat(ChatRequest request) {
        return answering.answer(answering.prepare(request), Ear.NONE).orElseThrow();
    }

    @Override
    public ChatRequestParameters defaultRequestParameters() {
        return answering.settings().parameters();
    }

    @Override
    public List<ChatModelListener> listeners() {
        return answering.settings().listeners();
    }
}
