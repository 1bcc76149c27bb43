package io.quarry.app;

import io.quarry.chat.ChatFormat;
import io.quarry.chat.Conversation;
import io.quarry.chat.Message;
import io.quarry.infer.Answer;
import io.quarry.infer.Completion;
import io.quarry.infer.Lm;
import io.quarry.infer.Request;
import io.quarry.model.EndTokens;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code quarry generate}: answers a question, or continues a text. */
@Command(name = "generate", mixinStandardHelpOptions = true, versionProvider = Version.class, description = {
    "Answers a text by the model's own chat template, or continues it (--raw).", ""}, footer = {"", "Examples:",
        "  quarry generate model.gguf --prompt 'What is the capital of France?'",
        "  quarry generate model.gguf --prompt 'Tell a story.' --temperature 0.8",
        "  quarry generate model.gguf --raw --prompt 'Once upon a time' --stop .",
        "  quarry generate model.gguf --tokens 1,2,3 --max-tokens 8 --logprobs 5 --json"})
final class GenerateCommand implements Callable<Integer> {
    @Mixin
    private ModelOptions model;

    @Option(names = "--prompt", paramLabel = "TEXT", description = "The text")
    private String prompt;

    @Option(names = "--prompt-file", paramLabel = "FILE", description = "A file with it")
    private Path promptFile;

    @Option(names = "--raw", description = "Continue the text as it is, without a chat template")
    private boolean raw;

    @Option(names = "--system", paramLabel = "TEXT", description = "What the system says before the prompt")
    private String system;

    @Option(names = "--max-tokens", paramLabel = "N", defaultValue = "128", description = "Most tokens to generate. Default: ${DEFAULT-VALUE}")
    private int maxTokens;

    @Option(names = "--stop", paramLabel = "TEXT", description = "Ends the answer, and is no part of it. May be given several times")
    private List<String> stops = new ArrayList<>();

    @Option(names = "--logprobs", paramLabel = "N", defaultValue = "0", description = "With --json, the N likeliest tokens in each place. Default: ${DEFAULT-VALUE}")
    private int alternatives;

    @Mixin
    private SamplingOptions sampling;

    @Mixin
    private TemplateOptions template;

    @Mixin
    private CommonOptions common;

    @Override
    public Integer call() throws IOException {
        ModelOptions.exactlyOne(
                Map.of("--prompt", prompt != null, "--prompt-file", promptFile != null, "--tokens", model.hasTokens()));
        boolean asIs = raw || model.hasTokens();
        if (asIs && (system != null || !template.variables().isEmpty()))
            throw new IllegalArgumentException("--system and --set are for a chat template, and there is none around "
                    + (raw ? "a text with --raw" : "token ids"));
        if (alternatives != 0 && !common.json())
            throw new IllegalArgumentException("--logprobs tells of tokens in JSON; say --json too");
        Path path = model.path();
        try (Lm lm = model.open(common.threads())) {
            Request request = (asIs ? raw(lm, path) : asked(lm, path)).withStopStrings(stops.toArray(String[]::new))
                    .withAlternatives(alternatives);
            if (common.json())
                CommonOptions.print(json(lm, request));
            else
                print(lm, request);
        }
        return 0;
    }

    private Request raw(Lm lm, Path path) throws IOException {
        int[] tokens = model.hasTokens() ? model.tokens() : lm.tokenizer().encodeSequence(text());
        return new Request(tokens, maxTokens, sampling.sampling(), EndTokens.of(path));
    }

    private Request asked(Lm lm, Path path) throws IOException {
        ChatFormat format = ChatFormat.open(path, lm.tokenizer(), template.variables());
        Conversation conversation = system == null
                ? Conversation.of(Message.user(text()))
                : Conversation.of(Message.system(system), Message.user(text()));
        return new Request(format.prompt(conversation), maxTokens, sampling.sampling(), format.ends());
    }

    private String text() throws IOException {
        return prompt != null ? prompt : ModelOptions.text(promptFile);
    }

    /** Text as it comes; ids where ids were given, for such a model may have no tokenizer. */
    private void print(Lm lm, Request request) {
        PrintStream out = new PrintStream(System.out, true, StandardCharsets.UTF_8);
        if (model.hasTokens()) {
            out.println(ModelOptions.join(lm.generate(request).tokens()));
            return;
        }
        Answer answer = lm.answer(request, piece -> {
            out.print(piece);
            out.flush();
            return !out.checkError(); // whoever read this is gone
        });
        out.println();
        if (answer.completion().finish() == Completion.Finish.LENGTH && Terminals.output())
            System.err.println(
                    "(cut after " + answer.completion().tokens().length + " tokens; --max-tokens N allows more)");
    }

    private Map<String, Object> json(Lm lm, Request request) throws IOException {
        String text = null;
        Completion said;
        if (model.hasTokens())
            said = lm.generate(request);
        else {
            Answer answer = lm.answer(request);
            said = answer.completion();
            text = answer.text();
        }
        Map<String, Object> all = new LinkedHashMap<>();
        all.put("tokens", said.tokens());
        all.put("text", text);
        all.put("finishReason", said.finish().name().toLowerCase(Locale.ROOT));
        all.put("logprobs", said.logProbs());
        if (alternatives > 0)
            all.put("alternatives", said.alternatives().stream().map(each -> each.stream()
                    .map(one -> Map.of("token", one.token(), "logprob", one.logProb())).toList()).toList());
        return all;
    }
}
