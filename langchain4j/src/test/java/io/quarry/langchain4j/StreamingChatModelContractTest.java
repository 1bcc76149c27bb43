package io.quarry.langchain4j;

import dev.langchain4j.model.chat.StreamingChatModel;
import dev.langchain4j.model.chat.common.AbstractStreamingChatModelIT;
import dev.langchain4j.model.chat.listener.ChatModelListener;
import dev.langchain4j.model.chat.request.ChatRequestParameters;
import dev.langchain4j.model.chat.response.StreamingChatResponseHandler;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;
import org.mockito.InOrder;

/** LangChain4j's own tests of what every streaming chat model must do. */
class StreamingChatModelContractTest extends AbstractStreamingChatModelIT {
    @TempDir
    private static Path dir;
    private static ScriptedModel scripted;

    @BeforeAll
    static void open() throws IOException {
        scripted = ScriptedModel.make(dir);
    }

    @AfterAll
    static void close() {
        scripted.close();
    }

    private static StreamingChatModel with(QuarrySettings settings) {
        return new QuarryStreamingChatModel(scripted.lm, scripted.format, settings);
    }

    @Override
    protected List<StreamingChatModel> models() {
        return List.of(with(QuarrySettings.of("scripted")));
    }

    @Override
    public StreamingChatModel createModelWith(ChatModelListener listener) {
        return with(QuarrySettings.of("scripted").withListeners(List.of(listener)));
    }

    @Override
    protected StreamingChatModel createModelWith(ChatRequestParameters parameters) {
        return with(QuarrySettings.of("scripted").withParameters(parameters));
    }

    @Override
    protected ChatRequestParameters createIntegrationSpecificParameters(int maxOutputTokens) {
        return ChatRequestParameters.builder().maxOutputTokens(maxOutputTokens).build(); // there are no others
    }

    @Override
    protected void verifyToolCallbacks(StreamingChatResponseHandler handler, InOrder order, String id) {
        order.verify(handler).onCompleteToolCall(complete(0, id, "getWeather", "{\"city\": \"Munich\"}"));
    }

    @Override
    protected void verifyToolCallbacks(StreamingChatResponseHandler handler, InOrder order, String first,
            String second) {
        verifyToolCallbacks(handler, order, first);
        order.verify(handler).onCompleteToolCall(complete(1, second, "getTime", "{\"country\": \"France\"}"));
    }

    /** Calls are given whole. */
    @Override
    protected boolean supportsPartialToolStreaming(StreamingChatModel model) {
        return false;
    }

    @Override
    protected boolean supportsModelNameParameter() {
        return false;
    }

    @Override
    protected boolean supportsToolChoiceRequired() {
        return false;
    }

    @Override
    protected boolean supportsJsonResponseFormat() {
        return false;
    }

    @Override
    protected boolean supportsJsonResponseFormatWithSchema() {
        return false;
    }

    @Override
    protected boolean supportsJsonResponseFormatWithRawSchema() {
        return false;
    }

    @Override
    protected boolean supportsSingleImageInputAsBase64EncodedString() {
        return false;
    }

    @Override
    protected boolean supportsSingleImageInputAsPublicURL() {
        return false;
    }
}
