package io.quarry.langchain4j;

import dev.langchain4j.model.chat.ChatModel;
import dev.langchain4j.model.chat.common.AbstractChatModelIT;
import dev.langchain4j.model.chat.request.ChatRequestParameters;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;

/** LangChain4j's own tests of what every chat model must do. */
class ChatModelContractTest extends AbstractChatModelIT {
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

    @Override
    protected List<ChatModel> models() {
        return List.of(new QuarryChatModel(scripted.lm, scripted.format, QuarrySettings.of("scripted")));
    }

    @Override
    protected ChatModel createModelWith(ChatRequestParameters parameters) {
        return new QuarryChatModel(scripted.lm, scripted.format,
                QuarrySettings.of("scripted").withParameters(parameters));
    }

    @Override
    protected ChatRequestParameters createIntegrationSpecificParameters(int maxOutputTokens) {
        return ChatRequestParameters.builder().maxOutputTokens(maxOutputTokens).build(); // there are no others
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
