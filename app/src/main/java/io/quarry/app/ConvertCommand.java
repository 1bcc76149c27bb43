package io.quarry.app;

import io.quarry.kernel.DType;
import io.quarry.kernel.Workers;
import io.quarry.model.Convert;
import io.quarry.model.Gguf;
import io.quarry.model.Quantize.Outcome;
import io.quarry.text.Tokenizer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import java.util.function.Consumer;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code quarry convert}: a Hugging Face folder as a GGUF file, or the other way. */
@Command(name = "convert", mixinStandardHelpOptions = true, versionProvider = Version.class, description = {
    "Turns a Hugging Face folder into a GGUF file, or a GGUF file into a folder.", ""}, footer = {"", "Examples:",
        "  quarry convert my-model my-model.gguf                a folder as a GGUF file, weights as they are",
        "  quarry convert my-model my-model.gguf --type Q4_0    its matrices in 4 bits",
        "  quarry convert model.gguf folder --type BF16         a GGUF file as a folder for transformers",
        "Tokenizer, chat template, special tokens and licence go along. OUT is whole or not there."})
final class ConvertCommand implements Callable<Integer> {
    @Parameters(index = "0", paramLabel = "IN", description = LocalModels.MODEL)
    private String in;

    @Parameters(index = "1", paramLabel = "OUT", description = "A GGUF file if the name ends in .gguf, else a folder")
    private Path out;

    @Option(names = "--type", paramLabel = "TYPE", description = "What matrices become, for instance Q4_0; in a folder F32, F16 or BF16. Default: as they are, in a folder F16 for what has blocks")
    private String type;

    @Mixin
    private RewriteOptions rewrite;

    @Override
    public Integer call() throws IOException {
        Path from = LocalModels.find(in);
        DType wanted = RewriteOptions.type(type);
        boolean folder = Files.isDirectory(from);
        if (folder == !RewriteOptions.isGguf(out))
            throw new IllegalArgumentException(folder
                    ? from + " is a folder, and so is " + out + "; a GGUF file's name ends in .gguf"
                    : from + " and " + out + " are both GGUF files; quarry quantize gives one another type");
        return rewrite.run("convert", from, out, (to, workers, told) -> {
            if (folder)
                Convert.toGguf(from, to, wanted, workers, told);
            else
                toFolder(from, to, wanted, workers, told);
        });
    }

    private static void toFolder(Path from, Path to, DType type, Workers workers, Consumer<Outcome> told)
            throws IOException {
        Convert.toHuggingFace(from, to, type, workers, told);
        boolean tokens;
        try (Gguf gguf = Gguf.open(from)) {
            tokens = gguf.metadata().has("tokenizer.ggml.tokens");
        }
        if (tokens)
            Tokenizer.open(from).write(to.resolve("tokenizer.json"));
    }
}
