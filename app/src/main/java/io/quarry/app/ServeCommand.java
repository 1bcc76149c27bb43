package io.quarry.app;

import io.quarry.chat.ChatFormat;
import io.quarry.infer.Lm;
import io.quarry.serve.Server;
import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code quarry serve}: an OpenAI-compatible server with a chat page, until Ctrl-C. */
@Command(name = "serve", mixinStandardHelpOptions = true, versionProvider = Version.class, description = {
    "Serves a model: OpenAI-compatible API and a chat page. Ctrl-C ends it.", ""}, footer = {"", "Examples:",
        "  quarry serve                              the model built last in ./work",
        "  quarry serve /data/pico --port 9000       the model built last in that work folder",
        "  quarry serve model.gguf                   any GGUF file or model folder",
        "  quarry serve --host 0.0.0.0               reachable from other machines"})
final class ServeCommand implements Callable<Integer> {
    @Parameters(arity = "0..1", paramLabel = "MODEL", description = LocalModels.MODEL
            + ". Default: the last model built in ./work")
    private Path model;

    @Option(names = "--host", paramLabel = "HOST", defaultValue = Server.HOST, description = "Address to listen on. Default: ${DEFAULT-VALUE}")
    private String host;

    @Option(names = "--port", paramLabel = "PORT", defaultValue = "8080", description = "Port to listen on, 0 for any free one. Default: ${DEFAULT-VALUE}")
    private int port;

    @Mixin
    private TemplateOptions template;

    @Mixin
    private RunOptions run;

    @Override
    public Integer call() throws IOException, InterruptedException {
        LastModel found = LastModel.find(model);
        CountDownLatch end = new CountDownLatch(1);
        CountDownLatch closed = new CountDownLatch(1);
        try (Lm lm = Lm.open(found.path(), run.engine());
                Server server = Server.start(lm, ChatFormat.open(found.path(), lm.tokenizer(), template.variables()),
                        found.name(), host, port)) {
            Runtime.getRuntime().addShutdownHook(new Thread(() -> {
                end.countDown();
                await(closed);
            }, "stop"));
            System.out.println("Serving " + found.name() + " at " + server.url()
                    + " (chat page; the API is at " + server.url() + "v1). Ctrl-C ends it.");
            end.await();
        } finally {
            closed.countDown();
        }
        return 0;
    }

    /** Answers on their way may end before the process does. */
    private static void await(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
