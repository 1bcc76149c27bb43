package io.quarry.torch;

import org.bytedeco.javacpp.Loader;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/** Loads LibTorch once and says how many threads one of its operations uses. */
public final class Torch {
    static {
        Loader.load(torch.class);
        threads(1);
        // LibTorch's lazy initialisation is not safe when several threads meet it first; one small product does it here.
        try (PointerScope _ = new PointerScope(); Tensor one = torch.ones(1, 1)) {
            one.mm(one);
        }
    }

    private Torch() {}

    /** Makes sure that LibTorch is loaded; the first call takes about a second. */
    public static void ready() {}

    /**
     * Threads inside one operation, for the calling thread and threads started later. Training splits a batch over
     * threads of its own, so 1 is what it wants: an operation then never waits for another core.
     */
    public static void threads(int count) {
        torch.set_num_threads(count);
    }
}
