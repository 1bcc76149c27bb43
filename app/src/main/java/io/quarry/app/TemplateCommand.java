package io.quarry.app;

import io.quarry.chat.ChatFormat;
import io.quarry.chat.ChatTemplate;
import io.quarry.chat.Rendered;
import io.quarry.text.Tokenizer;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDateTime;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import tools.jackson.core.JacksonException;

/** {@code quarry template}: a conversation as the model reads it. */
@Command(name = "template", mixinStandardHelpOptions = true, versionProvider = Version.class, description = {
    "Prints a conversation as a model reads it, by the model's own chat template.", ""}, footer = {"", "Examples:",
        "  quarry template model.gguf --messages chat.json",
        "  quarry template MODEL --messages chat.json --tools tools.json",
        "  quarry template MODEL --messages chat.json --set thinking=true --json",
        "", "chat.json:  [{\"role\": \"user\", \"content\": \"What is 12 + 30?\"}]"})
final class TemplateCommand implements Callable<Integer> {
    @Parameters(index = "0", paramLabel = "MODEL", description = LocalModels.MODEL)
    private String model;

    @Option(names = "--messages", required = true, paramLabel = "FILE", description = "A JSON list of messages, each with role and content")
    private Path messages;

    @Option(names = "--tools", paramLabel = "FILE", description = "A JSON list of tools, as OpenAI writes them")
    private Path tools;

    @Option(names = "--documents", paramLabel = "FILE", description = "A JSON list of documents, each an object")
    private Path documents;

    @Option(names = "--no-generation-prompt", description = "Do not open the assistant's turn at the end")
    private boolean closed;

    @Option(names = "--continue", description = "Leave the last message's turn open, to be continued")
    private boolean goesOn;

    @Mixin
    private TemplateOptions template;

    @Mixin
    private CommonOptions common;

    @Override
    public Integer call() throws IOException {
        if (closed && goesOn)
            throw new IllegalArgumentException("--no-generation-prompt and --continue leave the last turn in different "
                    + "ways; give one of them");
        Path path = LocalModels.find(model);
        ChatTemplate own = ChatFormat.template(path)
                .orElseThrow(() -> new IllegalArgumentException(path + " has no chat template"));
        ChatTemplate.End end = goesOn
                ? ChatTemplate.End.CONTINUE
                : closed ? ChatTemplate.End.CLOSED : ChatTemplate.End.PROMPT;
        Rendered rendered = own.render(new ChatTemplate.Context(list(messages), tools == null ? null : list(tools),
                documents == null ? null : list(documents), end, template.variables(), LocalDateTime.now()));
        if (common.json()) {
            Map<String, Object> all = new LinkedHashMap<>();
            all.put("text", rendered.toString());
            all.put("tokens", tokens(path, rendered));
            CommonOptions.print(all);
        } else {
            PrintStream out = new PrintStream(System.out, true, StandardCharsets.UTF_8);
            out.print(rendered); // to the letter, so that a file of it can be given to generate --raw
            if (Terminals.output())
                out.println();
            out.flush();
        }
        return 0;
    }

    /** Null where the model has a template and no tokenizer. */
    private static int[] tokens(Path model, Rendered rendered) throws IOException {
        if (Files.isDirectory(model) && !Files.exists(model.resolve("tokenizer.json")))
            return null;
        return Tokenizer.open(model).encode(rendered.markup()).ids();
    }

    @SuppressWarnings("unchecked")
    private static List<Map<String, Object>> list(Path file) throws IOException {
        Object value;
        try {
            value = TemplateOptions.JSON.readValue(ModelOptions.text(file), Object.class);
        } catch (JacksonException e) {
            throw new IOException(file + " is no JSON: " + e.getOriginalMessage(), e);
        }
        if (!(value instanceof List<?> list) || !list.stream().allMatch(each -> each instanceof Map))
            throw new IOException(file + " must be a JSON list of objects");
        return (List<Map<String, Object>>) list;
    }
}
