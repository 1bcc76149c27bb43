package io.quarry.langchain4j;

import static dev.langchain4j.internal.InternalStreamingChatResponseHandlerUtils.onCompleteResponse;
import static dev.langchain4j.internal.InternalStreamingChatResponseHandlerUtils.onCompleteToolCall;
import static dev.langchain4j.internal.InternalStreamingChatResponseHandlerUtils.onPartialResponse;
import static dev.langchain4j.internal.InternalStreamingChatResponseHandlerUtils.withLoggingExceptions;

import dev.langchain4j.agent.tool.ToolExecutionRequest;
import dev.langchain4j.model.chat.StreamingChatModel;
import dev.langchain4j.model.chat.listener.ChatModelListener;
import dev.langchain4j.model.chat.request.ChatRequest;
import dev.langchain4j.model.chat.request.ChatRequestParameters;
import dev.langchain4j.model.chat.response.ChatResponse;
import dev.langchain4j.model.chat.response.CompleteToolCall;
import dev.langchain4j.model.chat.response.StreamingChatResponseHandler;
import dev.langchain4j.model.chat.response.StreamingHandle;
import io.quarry.chat.ChatFormat;
import io.quarry.infer.Lm;
import java.util.List;
import java.util.Optional;

/**
 * The same as {@link QuarryChatModel}, piece by piece. A handler hears one answer in one virtual thread: text as soon as
 * it is certain, then each call of a tool whole, then the whole answer. An answer that was cancelled ends without a
 * further word. What an answer cannot begin with, such as an unsupported parameter, is thrown to the caller; what happens
 * later is told to the handler.
 */
public final class QuarryStreamingChatModel implements StreamingChatModel {
    private final Answering answering;

    /**
     * A chat model.
     *
     * @param format of the same model
     */
    public QuarryStreamingChatModel(Lm lm, ChatFormat format, QuarrySettings settings) {
        answering = new Answering(lm, format, settings);
    }

    @Override
    public void doChat(ChatRequest request, StreamingChatResponseHandler handler) {
        Answering.Prepared prepared = answering.prepare(request);
        Thread.ofVirtual().name("quarry-chat").start(() -> answer(prepared, handler));
    }

    private void answer(Answering.Prepared prepared, StreamingChatResponseHandler handler) {
        Handle handle = new Handle();
        Optional<ChatResponse> response;
        try {
            response = answering.answer(prepared, text -> {
                if (!handle.isCancelled())
                    onPartialResponse(handler, text, handle);
                return !handle.isCancelled();
            });
        } catch (RuntimeException | Error e) {
            withLoggingExceptions(() -> handler.onError(e));
            return;
        }
        if (response.isEmpty())
            return;
        List<ToolExecutionRequest> calls = response.get().aiMessage().toolExecutionRequests();
        for (int i = 0; i < calls.size(); i++)
            onCompleteToolCall(handler, new CompleteToolCall(i, calls.get(i)));
        onCompleteResponse(handler, response.get());
    }

    /** How the one who hears ends an answer. */
    private static final class Handle implements StreamingHandle {
        private volatile boolean cancelled;

        @Override
        public void cancel() {
            cancelled = true;
        }

        @Override
        public boolean isCancelled() {
            return cancelled;
        }
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
