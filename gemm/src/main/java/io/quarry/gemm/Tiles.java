package io.quarry.gemm;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_BOOLEAN;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.invoke.MethodHandle;
import org.bytedeco.javacpp.Loader;
import org.bytedeco.pytorch.global.torch;

/**
 * {@code at::native::cpublas::brgemm} and {@code brgemm_release} of LibTorch, called at their addresses: the presets do
 * not bind them, and the matrix products they do bind would pack all weights again for every product.
 */
final class Tiles {
    private static final int WIDTH = 64;
    private static final String MULTIPLY = "_ZN2at6native7cpublas6brgemmEllllllbPKN3c108BFloat16ES5_Pfb";
    private static final String RELEASE = "_ZN2at6native7cpublas14brgemm_releaseEb";

    private final MethodHandle multiply;
    private final MethodHandle release;

    private Tiles(MethodHandle multiply, MethodHandle release) {
        this.multiply = multiply;
        this.release = release;
    }

    /** Loads LibTorch, in about a second. */
    static Tiles load() {
        Loader.load(torch.class);
        return new Tiles(
                function(MULTIPLY, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_BOOLEAN,
                        ADDRESS, ADDRESS, ADDRESS, JAVA_BOOLEAN),
                function(RELEASE, JAVA_BOOLEAN));
    }

    @SuppressWarnings("restricted")
    private static MethodHandle function(String name, MemoryLayout... arguments) {
        MemorySegment address = SymbolLookup.loaderLookup().find(name)
                .orElseThrow(() -> new IllegalStateException("it has no function " + name));
        return Linker.nativeLinker().downcallHandle(address, FunctionDescriptor.ofVoid(arguments));
    }

    /** See {@link io.quarry.kernel.NativeGemm#tile}. */
    void multiply(int rows, int inner, MemorySegment a, int aStride, MemorySegment b, MemorySegment c, boolean add) {
        try {
            multiply.invokeExact((long) rows, (long) WIDTH, (long) inner, (long) aStride, (long) WIDTH, (long) WIDTH,
                    add, a, b, c, true);
        } catch (Throwable e) {
            throw new IllegalStateException("a native matrix product has failed", e);
        }
    }

    /** Gives back the processor's tiles, so that the next product of LibTorch in this thread sets them up anew. */
    void release() {
        try {
            release.invokeExact(true);
        } catch (Throwable e) {
            throw new IllegalStateException("a native matrix product could not be ended", e);
        }
    }
}
