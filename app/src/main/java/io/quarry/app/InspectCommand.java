package io.quarry.app;

import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code quarry inspect}: what a model is, from its files. */
@Command(name = "inspect", mixinStandardHelpOptions = true, versionProvider = Version.class, description = {
    "Says what a model is: sizes, types of its weights, tokenizer, template, licence.", ""}, footer = {"", "Examples:",
        "  quarry inspect model.gguf               of a sharded one the first file",
        "  quarry inspect my-model --tensors       with every tensor",
        "  quarry inspect org/name --json          the same for scripts"})
final class InspectCommand implements Callable<Integer> {
    @Parameters(index = "0", paramLabel = "MODEL", description = LocalModels.MODEL)
    private String model;

    @Option(names = "--tensors", description = "List all tensors, not only the first.")
    private boolean tensors;

    @Mixin
    private CommonOptions common;

    @Override
    public Integer call() throws IOException {
        InspectionPage page = new InspectionPage(Inspection.of(LocalModels.find(model)));
        if (common.json())
            CommonOptions.print(page.json());
        else
            page.print(new PrintStream(System.out, true, StandardCharsets.UTF_8), tensors);
        return 0;
    }
}
