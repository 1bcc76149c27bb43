package io.quarry.gemm;

import io.quarry.kernel.NativeGemm;
import java.lang.System.Logger.Level;
import java.lang.foreign.MemorySegment;
import java.util.Optional;

/**
 * Products of bf16 tiles by the micro-kernels of oneDNN that LibTorch carries: AMX where the processor has it, else the
 * bf16 instructions of AVX-512. Making one costs nothing; LibTorch is loaded when the first large product is asked for.
 */
public final class TorchGemm implements NativeGemm {
    private static final System.Logger LOG = System.getLogger("io.quarry.gemm");

    private volatile Tiles tiles;
    private volatile boolean failed;

    /** For {@link java.util.ServiceLoader}. */
    public TorchGemm() {}

    @Override
    public String name() {
        return "LibTorch bf16";
    }

    @Override
    public boolean ready() {
        if (tiles == null && !failed)
            load();
        return !failed;
    }

    private synchronized void load() {
        if (tiles != null || failed)
            return;
        Optional<String> obstacle = Processor.obstacle();
        if (obstacle.isEmpty())
            try {
                tiles = Tiles.load();
                return;
            } catch (LinkageError | RuntimeException e) { // whatever is missing, the kernels of core are there
                obstacle = Optional.of("LibTorch could not be loaded: " + e);
            }
        failed = true;
        LOG.log(Level.WARNING, "prompts are multiplied in Java, not by " + name() + ", because " + obstacle.get());
    }

    @Override
    public boolean failed() {
        return failed;
    }

    /** Whether LibTorch has been loaded. */
    boolean loaded() {
        return tiles != null;
    }

    @Override
    public void tile(int rows, int inner, MemorySegment a, int aStride, MemorySegment b, MemorySegment c, boolean add) {
        tiles.multiply(rows, inner, a, aStride, b, c, add);
    }

    @Override
    public void end() {
        tiles.release();
    }
}
