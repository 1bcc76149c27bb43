package io.quarry.app;

import io.quarry.chat.ChatFormat;
import io.quarry.infer.Lm;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code quarry chat}: talk to a model at the terminal, or through a pipe. */
@Command(name = "chat", mixinStandardHelpOptions = true, versionProvider = Version.class, description = {
    "Talks to a model. Ctrl-C stops an answer, Ctrl-D leaves.", ""}, footer = {"", "Examples:",
        "  quarry chat                          the model built last in ./work",
        "  quarry chat /data/pico               the model built last in that work folder",
        "  quarry chat model.gguf               any GGUF file or model folder",
        "  quarry chat --temperature 0.7        less predictable answers",
        "  echo 'What is 12 + 30?' | quarry chat   one answer a line"})
final class ChatCommand implements Callable<Integer> {
    @Parameters(arity = "0..1", paramLabel = "MODEL", description = LocalModels.MODEL
            + ". Default: the last model built in ./work")
    private Path model;

    @Option(names = "--system", paramLabel = "TEXT", defaultValue = "", description = "What the system says before the conversation")
    private String system;

    @Option(names = "--max-tokens", paramLabel = "N", defaultValue = "512", description = "Longest answer. Default: ${DEFAULT-VALUE}")
    private int maxTokens;

    @Mixin
    private RunOptions run;

    @Mixin
    private SamplingOptions sampling;

    @Mixin
    private TemplateOptions template;

    @Override
    public Integer call() throws IOException {
        LastModel found = LastModel.find(model);
        try (Lm lm = Lm.open(found.path(), run.engine())) {
            ChatFormat format = ChatFormat.open(found.path(), lm.tokenizer(), template.variables());
            Dialogue dialogue = new Dialogue(lm, format, sampling.sampling(), maxTokens);
            dialogue.system(system);
            if (Terminals.input() && Terminals.output()) {
                Path history = Path.of(System.getProperty("user.home"), ".quarry", "chat-history");
                Chat.terminal(dialogue, history, found.name() + ", "
                        + Meter.Numbers.count(lm.spec().parameters()) + " parameters. /help says what you can do.");
            } else {
                Chat.piped(dialogue, new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8)),
                        new PrintWriter(System.out, true, StandardCharsets.UTF_8));
            }
        }
        return 0;
    }
}
