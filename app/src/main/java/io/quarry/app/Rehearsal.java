package io.quarry.app;

import io.quarry.kernel.DType;
import io.quarry.model.Checkpoint;
import io.quarry.model.ModelSpec;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Random;

/**
 * What the launcher runs once after a build, so that the JVM can keep what a start loads: a tiny random model is made,
 * quantised and opened, and says two tokens. Exit code 0 if all went well.
 */
public final class Rehearsal {
    private Rehearsal() {}

    public static void main(String[] args) throws IOException {
        Path dir = Files.createTempDirectory("quarry-rehearsal");
        int code;
        try {
            code = in(dir);
        } finally {
            Folders.delete(dir);
        }
        System.exit(code);
    }

    /** Makes its files in a folder and leaves them there. */
    static int in(Path dir) throws IOException {
        ModelSpec tiny = new ModelSpec(64, 256, 1, 4, 1, 64, 256, 64, 10_000, 1e-5, 1, 1, 1, 1, true, 0, 0, 0);
        Random random = new Random(1);
        Checkpoint.write(dir.resolve("folder"), tiny, DType.F32, param -> {
            float[] numbers = new float[Math.toIntExact(param.elements())];
            for (int i = 0; i < numbers.length; i++)
                numbers[i] = (float) random.nextGaussian();
            return numbers;
        }, null);
        String file = dir.resolve("tiny.gguf").toString();
        int code = run("quantize", dir.resolve("folder").toString(), file, "--type", "Q4_0");
        return code != 0 ? code : run("generate", file, "--tokens", "1,2,3,4,5,6,7,8,9", "--max-tokens", "2");
    }

    private static int run(String... command) {
        return Quarry.commandLine(command).execute(command);
    }
}
