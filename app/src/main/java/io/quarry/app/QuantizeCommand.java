package io.quarry.app;

import io.quarry.kernel.DType;
import io.quarry.model.Convert;
import io.quarry.model.Gguf;
import io.quarry.model.Quantize;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code quarry quantize}: the same model in fewer bits. */
@Command(name = "quantize", mixinStandardHelpOptions = true, versionProvider = Version.class, description = {
    "Stores the matrices of a model in another type, as a GGUF file.", ""}, footer = {"", "Examples:",
        "  quarry quantize model-f16.gguf model-q4k.gguf --type Q4_K",
        "  quarry quantize my-model my-model.gguf --type Q8_0       from a Hugging Face folder",
        "  quarry quantize in.gguf out.gguf --type Q4_0 --text-file notes.txt --json",
        "Prints the error of every tensor, and the perplexity of a text before and after. OUT is whole or not there."})
final class QuantizeCommand implements Callable<Integer> {
    @Parameters(index = "0", paramLabel = "IN", description = LocalModels.MODEL)
    private String in;

    @Parameters(index = "1", paramLabel = "OUT", description = "The GGUF file to write; its name ends in .gguf")
    private Path out;

    @Option(names = "--type", required = true, paramLabel = "TYPE", description = "F32, F16, BF16, Q4_0, Q4_1, Q5_0, Q5_1, Q8_0, Q4_K, Q5_K, Q6_K or MXFP4")
    private String type;

    @Mixin
    private RewriteOptions rewrite;

    @Override
    public Integer call() throws IOException {
        Path from = LocalModels.find(in);
        DType wanted = RewriteOptions.type(type);
        if (!RewriteOptions.isGguf(out))
            throw new IllegalArgumentException("quantize writes a GGUF file, and the name " + out
                    + " does not end in .gguf; quarry convert writes folders");
        return rewrite.run("quantize", from, out, (to, workers, told) -> {
            if (Files.isDirectory(from)) {
                Convert.toGguf(from, to, wanted, workers, told);
                return;
            }
            try (Gguf gguf = Gguf.open(from)) {
                Quantize.run(gguf, to, wanted, workers, told);
            }
        });
    }
}
