package io.quarry.langchain4j;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.langchain4j.agent.tool.ToolSpecification;
import dev.langchain4j.data.message.SystemMessage;
import dev.langchain4j.data.message.UserMessage;
import dev.langchain4j.exception.InvalidRequestException;
import dev.langchain4j.exception.UnsupportedFeatureException;
import dev.langchain4j.model.chat.ChatModel;
import dev.langchain4j.model.chat.request.ChatRequest;
import dev.langchain4j.model.chat.request.ChatRequestParameters;
import dev.langchain4j.model.chat.request.DefaultChatRequestParameters;
import dev.langchain4j.model.chat.request.ToolChoice;
import dev.langchain4j.model.chat.response.ChatResponse;
import dev.langchain4j.model.chat.response.StreamingChatResponseHandler;
import dev.langchain4j.model.output.FinishReason;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the contract does not ask: requests side by side, chance, what is refused, and in which words. */
class QuarryChatModelTest {
    @TempDir
    private static Path dir;
    private static ScriptedModel scripted;
    private static ChatModel model;

    @BeforeAll
    static void open() throws IOException {
        scripted = ScriptedModel.make(dir);
        model = new QuarryChatModel(scripted.lm, scripted.format, QuarrySettings.of("scripted"));
    }

    @AfterAll
    static void close() {
        scripted.close();
    }

    private static ChatRequest.Builder asking(String text) {
        return ChatRequest.builder().messages(UserMessage.from(text));
    }

    @Test
    void answersManyAtOnce() throws Exception {
        List<Future<String>> answers = new ArrayList<>();
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            for (int i = 0; i < 24; i++) {
                String text = i % 2 == 0 ? "I love you" : "Hello";
                answers.add(threads.submit(() -> model.chat(text)));
            }
        }
        for (int i = 0; i < answers.size(); i++)
            assertThat(answers.get(i).get()).isEqualTo(i % 2 == 0 ? "Ich liebe dich." : "Hello World!");
    }

    @Test
    void aSeedDecidesWhatIsDrawn() {
        ChatRequest hot = asking("story").parameters(
                ChatRequestParameters.builder().temperature(30.0).topK(50).topP(0.99).maxOutputTokens(30).build())
                .build();
        List<String> texts = new ArrayList<>();
        for (long seed : new long[] {1, 1, 2}) {
            QuarrySettings settings = QuarrySettings.of("scripted").withSeeds(() -> seed);
            texts.add(new QuarryChatModel(scripted.lm, scripted.format, settings).chat(hot).aiMessage().text());
        }
        assertThat(texts.get(0)).isEqualTo(texts.get(1)).isNotEqualTo(texts.get(2));
    }

    @Test
    void penaltiesReachTheModel() {
        DefaultChatRequestParameters.Builder<?> most = ChatRequestParameters.builder().maxOutputTokens(6);
        String plain = model.chat(asking("story").parameters(most.build()).build()).aiMessage().text();
        assertThat(plain).isEqualTo(" a cat and a dog".repeat(3));
        String penalised = model.chat(asking("story").parameters(most.frequencyPenalty(500.0).build()).build())
                .aiMessage().text();
        assertThat(penalised).startsWith(" a cat and a dog").isNotEqualTo(plain);
        assertThat(model.chat(asking("story").parameters(
                ChatRequestParameters.builder().maxOutputTokens(6).presencePenalty(500.0).build()).build()).aiMessage()
                .text()).isNotEqualTo(plain);
    }

    @Test
    void tellsTokensAndModel() {
        ChatResponse response = model.chat(asking("Hello").build());
        assertThat(response.modelName()).isEqualTo("scripted");
        assertThat(response.tokenUsage().outputTokenCount()).isEqualTo(3);
        assertThat(response.tokenUsage().inputTokenCount()).isEqualTo("Hello".length() + 4); // and four marks
        assertThat(model.chat(asking("Hello").modelName("scripted").build()).finishReason())
                .isEqualTo(FinishReason.STOP);
    }

    @Test
    void toolsThatMayNotBeCalledAreNotShown() {
        ToolSpecification tool = ToolSpecification.builder().name("getWeather").build();
        ChatRequest.Builder request = asking("weather?");
        assertThat(model.chat(request.toolSpecifications(tool).build()).finishReason())
                .isEqualTo(FinishReason.TOOL_EXECUTION);
        assertThat(model.chat(request.toolChoice(ToolChoice.NONE).build()).finishReason())
                .isEqualTo(FinishReason.STOP);
    }

    @Test
    void aTemplateThatKnowsNoToolsIsARefusal(@TempDir Path folder) throws IOException {
        try (ScriptedModel plain = ScriptedModel.make(folder, ScriptedModel.PLAIN)) {
            ChatModel deaf = new QuarryChatModel(plain.lm, plain.format, QuarrySettings.of("plain"));
            assertThat(deaf.chat("Hello")).isEqualTo("Hello World!");
            assertThatThrownBy(() -> deaf.chat(asking("weather?")
                    .toolSpecifications(ToolSpecification.builder().name("getWeather").build()).build()))
                    .isInstanceOf(UnsupportedFeatureException.class).hasMessageContaining("does not show them");
        }
    }

    @Test
    void whatCannotBeAnsweredIsASentence() {
        assertThatThrownBy(() -> model.chat("a".repeat(ScriptedModel.CONTEXT)))
                .isInstanceOf(InvalidRequestException.class).hasMessageContaining("leave no room");
        assertThatThrownBy(() -> new QuarryChatModel(scripted.lm, scripted.format,
                QuarrySettings.of("scripted")
                        .withParameters(ChatRequestParameters.builder().toolChoice(ToolChoice.REQUIRED).build())))
                .isInstanceOf(UnsupportedFeatureException.class);
        assertThatThrownBy(() -> QuarrySettings.of(" ")).hasMessageContaining("needs a name");
    }

    @Test
    void whatFailsLaterIsToldToTheHandler(@TempDir Path folder) throws Exception {
        ScriptedModel closed = ScriptedModel.make(folder);
        QuarryStreamingChatModel streaming = new QuarryStreamingChatModel(closed.lm, closed.format,
                QuarrySettings.of("closed"));
        closed.close();
        CompletableFuture<Throwable> told = new CompletableFuture<>();
        streaming.chat("Hello", new StreamingChatResponseHandler() {
            @Override
            public void onCompleteResponse(ChatResponse response) {
                told.completeExceptionally(new AssertionError("a closed model has answered"));
            }

            @Override
            public void onError(Throwable error) {
                told.complete(error);
            }
        });
        assertThat(told.get()).hasMessageContaining("closed");
    }

    @Test
    void aSystemsMessageIsATurnOfItsOwn() {
        ChatResponse alone = model.chat(asking("Hello").build());
        ChatResponse both = model.chat(ChatRequest.builder()
                .messages(SystemMessage.from("Be kind."), UserMessage.from("Hello")).build());
        assertThat(both.tokenUsage().inputTokenCount())
                .isEqualTo(alone.tokenUsage().inputTokenCount() + "Be kind.".length() + 2);
    }
}
