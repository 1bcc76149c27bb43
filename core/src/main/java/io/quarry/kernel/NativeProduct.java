package io.quarry.kernel;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;

/**
 * {@code y = x W^T} for many rows by a {@link NativeGemm}: a thread widens a piece of the weights to bf16, which stays in
 * its second cache, and multiplies all rows with it. So the weights are never held twice, and widening them is repaid by
 * the number of rows. A row's result depends on that row alone, as long as it is computed here.
 */
final class NativeProduct {
    /** Fewest rows for which widening the weights is repaid. */
    static final int FEWEST_ROWS = 64;
    /** Fewest multiplications: loading a library and waking it is not for small models. */
    private static final long FEWEST = 1L << 28;
    /** Rows of a tile: 128 rows of 2560 numbers are two thirds of a megabyte. */
    private static final int TILE = 128;
    /** Rows are filled up to a multiple, so that a library has few heights to prepare for. */
    private static final int HEIGHT = 16;
    /** Inputs multiplied at a time. */
    private static final int INNER = 2560;
    /** Inputs widened at a time: whole blocks of every type. */
    private static final int CHUNK = 256;
    /** Pieces of {@link Matrix#PANEL} outputs that meet the same rows one after the other. */
    private static final int PIECES = 2;
    /** Numbers between the end of a row and the next: rows of a power of two would fall on the same lines of a cache. */
    private static final int PAD = 32;
    private static final int LINE = 64;
    private static final int PANEL = Matrix.PANEL;

    private final NativeGemm gemm;
    private final long fewest;
    private MemorySegment activations = MemorySegment.NULL;
    private Room[] rooms = {};

    NativeProduct(NativeGemm gemm) {
        this(gemm, FEWEST);
    }

    /** One that takes products of at least so many multiplications. */
    NativeProduct(NativeGemm gemm, long fewest) {
        this.gemm = gemm;
        this.fewest = fewest;
    }

    /** What one worker needs: weights as bf16, results. */
    private static final class Room {
        final Scratch scratch = new Scratch();
        final MemorySegment weights = memory(2L * PIECES * INNER * PANEL);
        MemorySegment results = MemorySegment.NULL;
    }

    private static MemorySegment memory(long bytes) {
        return Arena.ofAuto().allocate(bytes, LINE);
    }

    /** Whether a product is better computed here; may load the library. */
    boolean takes(Kernels kernels, Matrix w, int rows) {
        return rows >= FEWEST_ROWS && kernels instanceof VectorKernels && w.inputs() % Rows.BLOCK == 0
                && (long) rows * w.inputs() * w.outputs() >= fewest && gemm.ready();
    }

    /** See {@link Kernels#matmul(Rows, Matrix, float[], int, int, Workers)}. */
    void times(Rows x, Kernels kernels, Matrix w, float[] y, int yAt, int yStride, Workers workers) {
        int height = Math.ceilDiv(x.rows, HEIGHT) * HEIGHT;
        int stride = w.inputs() + PAD;
        reach(height, stride, workers.threads());
        workers.run(Math.ceilDiv(height, HEIGHT), (block, _) -> {
            for (int r = block * HEIGHT; r < (block + 1) * HEIGHT; r++)
                if (r < x.rows)
                    VectorBf16.round(x.data, x.at + r * x.inputs, x.inputs,
                            activations.address() + 2L * r * stride);
                else
                    activations.asSlice(2L * r * stride, 2L * x.inputs).fill((byte) 0);
        });
        workers.run(Math.ceilDiv(w.pieces(), PIECES), (group, worker) -> {
            int first = group * PIECES;
            int count = Math.min(PIECES, w.pieces() - first);
            multiply(first, count, height, stride, w, kernels, rooms[worker]);
            for (int p = 0; p < count; p++)
                WideKernels.of(kernels).copy(rooms[worker].results.address() + 4L * PANEL * p * height, x.rows,
                        w.width(first + p), y, yAt + w.firstOutput(first + p), yStride);
        });
    }

    private void multiply(int first, int count, int height, int stride, Matrix w, Kernels kernels, Room room) {
        int parts = Math.ceilDiv(w.inputs(), INNER);
        int inner = Math.ceilDiv(Math.ceilDiv(w.inputs(), parts), CHUNK) * CHUNK;
        for (int from = 0; from < w.inputs(); from += inner) {
            int n = Math.min(inner, w.inputs() - from);
            for (int p = 0; p < count; p++)
                for (int k = 0; k < n; k += CHUNK)
                    w.bf16(first + p, from + k, Math.min(CHUNK, n - k), kernels, room.scratch,
                            room.weights.address() + 2L * PANEL * (p * INNER + k));
            for (int r = 0; r < height; r += TILE) {
                int rows = Math.min(TILE, height - r);
                for (int p = 0; p < count; p++)
                    gemm.tile(rows, n, activations.asSlice(2 * ((long) r * stride + from)), stride,
                            room.weights.asSlice(2L * p * INNER * PANEL),
                            room.results.asSlice(4L * PANEL * ((long) p * height + r)), from > 0);
            }
        }
        gemm.end();
    }

    private void reach(int height, int stride, int workers) {
        if (activations.byteSize() < 2L * height * stride)
            activations = memory(2L * height * stride);
        for (int i = rooms.length; i < workers; i++) {
            rooms = Arrays.copyOf(rooms, i + 1);
            rooms[i] = new Room();
        }
        for (int i = 0; i < workers; i++)
            if (rooms[i].results.byteSize() < 4L * PIECES * height * PANEL)
                rooms[i].results = memory(4L * PIECES * height * PANEL);
    }
}
