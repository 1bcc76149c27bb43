package io.quarry.langchain4j;

import dev.langchain4j.agent.tool.ToolExecutionRequest;
import dev.langchain4j.data.message.AiMessage;
import dev.langchain4j.exception.InvalidRequestException;
import dev.langchain4j.exception.UnsupportedFeatureException;
import dev.langchain4j.model.chat.request.ChatRequest;
import dev.langchain4j.model.chat.request.ChatRequestParameters;
import dev.langchain4j.model.chat.request.ToolChoice;
import dev.langchain4j.model.chat.response.ChatResponse;
import dev.langchain4j.model.chat.response.ChatResponseMetadata;
import dev.langchain4j.model.output.FinishReason;
import dev.langchain4j.model.output.TokenUsage;
import io.quarry.chat.ChatFormat;
import io.quarry.chat.Conversation;
import io.quarry.chat.Json;
import io.quarry.chat.Message;
import io.quarry.chat.Tool;
import io.quarry.infer.Completion;
import io.quarry.infer.Lm;
import io.quarry.infer.Request;
import io.quarry.jinja.TemplateException;
import io.quarry.text.TokenStream;
import io.quarry.text.Tokenizer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.UUID;

/** From a request of LangChain4j to an answer of the model, for both kinds of chat model. */
final class Answering {
    private final Lm lm;
    private final ChatFormat format;
    private final QuarrySettings settings;
    private final Tokenizer tokenizer;

    Answering(Lm lm, ChatFormat format, QuarrySettings settings) {
        Parameters.check(settings.parameters(), settings.name());
        this.lm = lm;
        this.format = format;
        this.settings = settings;
        try {
            tokenizer = lm.tokenizer();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    QuarrySettings settings() {
        return settings;
    }

    /**
     * A request that the model can answer.
     *
     * @param withTools whether calls of tools are to be read out of the answer
     */
    record Prepared(Request request, boolean withTools) {}

    /**
     * Puts a request in the model's own words.
     *
     * @throws UnsupportedFeatureException if it asks for what this model does not do
     * @throws InvalidRequestException     if the template refuses the conversation, or it is too long
     */
    Prepared prepare(ChatRequest asked) {
        ChatRequestParameters parameters = asked.parameters();
        Parameters.check(parameters, settings.name());
        List<Tool> tools = parameters.toolChoice() == ToolChoice.NONE
                ? List.of()
                : Turns.tools(parameters.toolSpecifications());
        if (!tools.isEmpty() && !format.knowsTools())
            throw new UnsupportedFeatureException(
                    "tools are not supported by this model: its chat template does not show them to it");
        int[] prompt = prompt(new Conversation(Turns.of(asked.messages()), tools, List.of()));
        int room = lm.contextLength() - prompt.length;
        if (room < 1)
            throw new InvalidRequestException("the messages have " + prompt.length
                    + " tokens and leave no room for an answer in the context of " + lm.contextLength()
                    + "; leave out the earliest");
        Integer most = parameters.maxOutputTokens();
        Request request = new Request(prompt, most == null ? room : Math.min(most, room),
                Parameters.sampling(parameters, settings.seeds()), format.ends());
        List<String> stops = parameters.stopSequences();
        return new Prepared(request.withStopStrings(stops.toArray(String[]::new)), !tools.isEmpty());
    }

    private int[] prompt(Conversation conversation) {
        try {
            return format.prompt(conversation);
        } catch (TemplateException e) {
            throw new InvalidRequestException("the model's chat template refuses the messages: " + e.getMessage(), e);
        }
    }

    /** The whole answer; empty if the ear did not want to hear it to its end. */
    Optional<ChatResponse> answer(Prepared prepared, Ear ear) {
        Hearing hearing = new Hearing(prepared.request().stopStrings(), prepared.withTools() ? format.calls() : null,
                ear);
        TokenStream text = tokenizer.stream(false);
        Completion said = lm.generate(prepared.request(),
                token -> hearing.next(format.shown(token.id()) ? text.next(token.id()) : ""));
        if (hearing.refused())
            return Optional.empty();
        Message message = hearing.end(text.end());
        if (hearing.refused())
            return Optional.empty();
        return Optional.of(response(prepared, said, message));
    }

    private ChatResponse response(Prepared prepared, Completion said, Message message) {
        String id = UUID.randomUUID().toString();
        List<ToolExecutionRequest> calls = new ArrayList<>();
        message.toolCalls().forEach(call -> calls.add(ToolExecutionRequest.builder().id(id + "-" + calls.size())
                .name(call.name()).arguments(Json.write(call.arguments())).build()));
        AiMessage answer = AiMessage.builder().text(message.content().isEmpty() ? null : message.content())
                .toolExecutionRequests(calls).build();
        FinishReason reason = !calls.isEmpty()
                ? FinishReason.TOOL_EXECUTION
                : said.finish() == Completion.Finish.LENGTH ? FinishReason.LENGTH : FinishReason.STOP;
        return ChatResponse.builder().aiMessage(answer)
                .metadata(ChatResponseMetadata.builder().id(id).modelName(settings.name())
                        .tokenUsage(new TokenUsage(prepared.request().prompt().length, said.tokens().length))
                        .finishReason(reason).build())
                .build();
    }
}
