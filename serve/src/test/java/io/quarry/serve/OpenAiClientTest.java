package io.quarry.serve;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.openai.client.OpenAIClient;
import com.openai.client.okhttp.OpenAIOkHttpClient;
import com.openai.core.JsonValue;
import com.openai.core.http.StreamResponse;
import com.openai.errors.BadRequestException;
import com.openai.errors.NotFoundException;
import com.openai.models.chat.completions.ChatCompletion;
import com.openai.models.chat.completions.ChatCompletionChunk;
import com.openai.models.chat.completions.ChatCompletionCreateParams;
import com.openai.models.chat.completions.ChatCompletionStreamOptions;
import com.openai.models.models.Model;
import io.quarry.chat.Message;
import java.io.IOException;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The official client of OpenAI against this server. */
class OpenAiClientTest {
    private final Script script = Script.saying("Gr", "anite ", "is a ", "rock", ".");
    private Http http;
    private OpenAIClient client;

    @BeforeEach
    void start() throws IOException {
        http = new Http(script);
        client = OpenAIOkHttpClient.builder().baseUrl(http.server.url() + "v1").apiKey("none").maxRetries(0).build();
    }

    @AfterEach
    void stop() {
        client.close();
        http.close();
    }

    private static ChatCompletionCreateParams.Builder ask() {
        return ChatCompletionCreateParams.builder().model(Http.MODEL).addUserMessage("What is granite?");
    }

    @Test
    void completes() {
        ChatCompletion done = client.chat().completions().create(ask().addSystemMessage("Be short.").temperature(0.5)
                .topP(0.9).putAdditionalBodyProperty("seed", JsonValue.from(42)).maxCompletionTokens(100)
                .addDeveloperMessage("Really.").build());

        ChatCompletion.Choice choice = done.choices().getFirst();
        assertThat(choice.message().content()).contains("Granite is a rock.");
        assertThat(choice.finishReason()).isEqualTo(ChatCompletion.Choice.FinishReason.STOP);
        assertThat(done.model()).isEqualTo(Http.MODEL);
        assertThat(done.created()).isEqualTo(1_700_000_000);
        assertThat(done.usage().orElseThrow().completionTokens()).isEqualTo(5);
        assertThat(done.usage().orElseThrow().promptTokens()).isEqualTo("Really.".length());
        Script.Asked asked = script.asked.remove();
        assertThat(asked.sampling().temperature()).isEqualTo(0.5);
        assertThat(asked.sampling().topP()).isEqualTo(0.9);
        assertThat(asked.sampling().seed()).isEqualTo(42);
        assertThat(asked.maxTokens()).isEqualTo(100);
        assertThat(script.read.remove().messages()).containsExactly(Message.user("What is granite?"),
                Message.system("Be short."), Message.system("Really."));
    }

    @Test
    void streams() {
        ChatCompletionCreateParams params = ask()
                .streamOptions(ChatCompletionStreamOptions.builder().includeUsage(true).build()).build();
        List<ChatCompletionChunk> chunks;
        try (StreamResponse<ChatCompletionChunk> stream = client.chat().completions().createStreaming(params)) {
            chunks = stream.stream().toList();
        }

        assertThat(chunks.stream().flatMap(c -> c.choices().stream()).flatMap(c -> c.delta().content().stream()))
                .containsExactly("", "Gr", "anite ", "is a ", "rock", ".");
        assertThat(chunks.stream().map(ChatCompletionChunk::id).distinct()).hasSize(1);
        assertThat(chunks.stream().flatMap(c -> c.choices().stream()).flatMap(c -> c.finishReason().stream()))
                .containsExactly(ChatCompletionChunk.Choice.FinishReason.STOP);
        assertThat(chunks.stream().flatMap(c -> c.usage().stream()).toList()).singleElement()
                .satisfies(usage -> assertThat(usage.completionTokens()).isEqualTo(5));
        assertThat(chunks.getLast().usage()).isPresent();
    }

    @Test
    void endsAtTheMostTokens() {
        ChatCompletion done = client.chat().completions().create(ask().maxCompletionTokens(2).build());
        assertThat(done.choices().getFirst().message().content()).contains("Granite ");
        assertThat(done.choices().getFirst().finishReason()).isEqualTo(ChatCompletion.Choice.FinishReason.LENGTH);
    }

    @Test
    void endsBeforeAStopStringAcrossTokens() {
        ChatCompletion done = client.chat().completions().create(ask().stop("a rock").build());
        assertThat(done.choices().getFirst().message().content()).contains("Granite is ");
        assertThat(done.choices().getFirst().finishReason()).isEqualTo(ChatCompletion.Choice.FinishReason.STOP);
    }

    @Test
    void isGreedyUnlessAskedOtherwise() {
        client.chat().completions().create(ask().build());
        Script.Asked asked = script.asked.remove();
        assertThat(asked.sampling().temperature()).isZero();
        assertThat(asked.maxTokens()).isEqualTo(Script.CONTEXT - "What is granite?".length());
    }

    @Test
    void tellsItsModels() {
        assertThat(client.models().list().data()).singleElement()
                .satisfies(model -> assertThat(model.id()).isEqualTo(Http.MODEL));
        Model model = client.models().retrieve(Http.MODEL);
        assertThat(model.ownedBy()).isEqualTo("quarry");
    }

    @Test
    void errorsAreThoseOfTheClient() {
        assertThatThrownBy(() -> client.chat().completions().create(ask().model("other").build()))
                .isInstanceOf(NotFoundException.class).hasMessageContaining("there is no model 'other' here");
        assertThatThrownBy(() -> client.models().retrieve("other")).isInstanceOf(NotFoundException.class);
        assertThatThrownBy(() -> client.chat().completions().create(ask().n(2).build()))
                .isInstanceOf(BadRequestException.class).hasMessageContaining("one choice per request");
    }
}
