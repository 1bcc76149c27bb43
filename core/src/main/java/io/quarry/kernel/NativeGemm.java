package io.quarry.kernel;

import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.Optional;
import java.util.ServiceLoader;

/**
 * Matrix products of a native library, for steps of many rows: a module that brings one registers it with
 * {@link ServiceLoader}. Activations and weights are rounded to 16-bit brain floats (bf16), products are summed as
 * 32-bit floats. Nothing uses it unless asked to: what it computes is close to what {@link Matrix} defines, not the same.
 */
public interface NativeGemm {
    /** The library on the class path, if there is one; it is not loaded yet. */
    static Optional<NativeGemm> find() {
        List<NativeGemm> found = ServiceLoader.load(NativeGemm.class).stream().map(ServiceLoader.Provider::get)
                .toList();
        if (found.size() > 1)
            throw new IllegalStateException("more than one native matrix product is on the class path: "
                    + found.stream().map(NativeGemm::name).toList() + "; leave one");
        return found.stream().findFirst();
    }

    /** What multiplies, for people: for instance {@code LibTorch bf16}. */
    String name();

    /**
     * Whether it can be used; the first call loads the library, which takes a second. If it cannot, it has logged why, in
     * a sentence, and nothing else happens: the caller multiplies without it.
     */
    boolean ready();

    /** Whether loading has failed; loads nothing. */
    boolean failed();

    /**
     * One tile: {@code c = a b}, or {@code c += a b}. Safe for many threads.
     *
     * @param rows    of the tile, a multiple of 16
     * @param inner   numbers summed, a multiple of 32
     * @param a       bf16 {@code [rows, inner]}, rows {@code aStride} numbers apart
     * @param b       bf16 {@code [inner / 2, 64, 2]}: of each output two numbers side by side
     * @param c       f32 {@code [rows, 64]}
     * @param add     whether to add to what is there
     */
    void tile(int rows, int inner, MemorySegment a, int aStride, MemorySegment b, MemorySegment c, boolean add);

    /** Called by a thread after its last tile of a product: gives back what the processor holds for it. */
    void end();
}
