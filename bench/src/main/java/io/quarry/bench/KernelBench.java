package io.quarry.bench;

import io.quarry.kernel.Bandwidth;
import io.quarry.kernel.DType;
import io.quarry.kernel.Kernels;
import io.quarry.kernel.Matrix;
import io.quarry.kernel.Rows;
import io.quarry.kernel.Workers;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;

/**
 * Measures products of packed matrices: bytes of weights read and floating-point operations per second, beside a pure read
 * of memory by the same threads. The two take turns, because neighbours on the machine come and go. Prints one JSON line
 * per type and number of rows.
 *
 * <p>So many rows as a text has, 64 and more, are prefilled, fewer are decoded.
 *
 * <p>Arguments, all optional: threads; types and rows, separated by commas; megabytes of weights; inputs.
 */
public final class KernelBench {
    private static final int TURNS = 6;
    /** Rows from which on they are prefilled. */
    private static final int TEXT = 64;
    /** Different rows of weights; a matrix repeats them, since some types take long to make. */
    private static final int DIFFERENT = 64;
    /** Outputs of the matrix that many rows are multiplied with. */
    private static final int MANY = 8192;

    private KernelBench() {}

    public static void main(String[] args) {
        int threads = args.length > 0 ? Integer.parseInt(args[0]) : Runtime.getRuntime().availableProcessors();
        List<DType> types = args.length > 1
                ? Arrays.stream(args[1].split(",")).map(DType::valueOf).toList()
                : List.of(DType.Q4_0, DType.Q8_0, DType.Q4_K, DType.Q6_K, DType.BF16);
        int[] rows = Arrays.stream((args.length > 2 ? args[2] : "1,2,4,8,16,128,512").split(","))
                .mapToInt(Integer::parseInt).toArray();
        long bytes = (args.length > 3 ? Integer.parseInt(args[3]) : 512) * 1_000_000L;
        int inputs = args.length > 4 ? Integer.parseInt(args[4]) : 2560;
        try (Workers workers = new Workers(threads); Bandwidth bandwidth = new Bandwidth(bytes, workers)) {
            for (DType type : types)
                try (Arena arena = Arena.ofShared()) {
                    int outputs = Math.toIntExact(bytes / type.bytes(inputs) / 64 * 64);
                    MemorySegment file = file(type, outputs, inputs);
                    long begin = System.nanoTime();
                    Matrix matrix = Matrix.pack(type, file, 0, outputs, inputs, arena, workers);
                    double packing = (System.nanoTime() - begin) / 1e9;
                    System.out.printf("{\"bench\":\"pack\",\"type\":\"%s\",\"threads\":%d,\"gigabytesPerSecond\":%.2f,"
                            + "\"bytes\":%d,\"fileBytes\":%d}%n", type, threads, file.byteSize() / packing / 1e9,
                            matrix.bytes(), file.byteSize());
                    // results of many rows would take more memory than the weights: fewer outputs then
                    Matrix small = Matrix.pack(type, file, 0, Math.min(outputs, MANY), inputs, arena, workers);
                    for (int r : rows)
                        measure(type, r < TEXT ? matrix : small, r, workers, bandwidth);
                }
        }
    }

    /** Rows of a file with weights as large as a model's. */
    private static MemorySegment file(DType type, int outputs, int inputs) {
        SplittableRandom random = new SplittableRandom(1);
        long rowBytes = type.bytes(inputs);
        MemorySegment file = Arena.ofAuto().allocate(rowBytes * outputs, 64);
        float[] row = new float[inputs];
        for (int o = 0; o < outputs; o++)
            if (o < DIFFERENT) {
                for (int i = 0; i < inputs; i++)
                    row[i] = (float) (0.02 * random.nextGaussian());
                type.narrow(row, 0, inputs, file, o * rowBytes);
            } else {
                MemorySegment.copy(file, (o % DIFFERENT) * rowBytes, file, o * rowBytes, rowBytes);
            }
        return file;
    }

    private static void measure(DType type, Matrix matrix, int rows, Workers workers, Bandwidth bandwidth) {
        Kernels kernels = Kernels.best();
        SplittableRandom random = new SplittableRandom(2);
        float[] x = new float[rows * matrix.inputs()];
        for (int i = 0; i < x.length; i++)
            x[i] = (float) random.nextGaussian();
        float[] y = new float[rows * matrix.outputs()];
        Rows activations = new Rows();
        int decoded = rows < TEXT ? rows : 0;
        warm(kernels, type, rows);
        List<Double> seconds = new ArrayList<>();
        List<Double> reads = new ArrayList<>();
        for (int turn = 0; turn < TURNS; turn++) {
            reads.add(bandwidth.read());
            long begin = System.nanoTime();
            int times = 0;
            do {
                kernels.matmul(activations.of(x, 0, decoded, rows, matrix.inputs()), matrix, y, 0, matrix.outputs(),
                        workers);
                times++;
            } while (System.nanoTime() - begin < 200_000_000L);
            seconds.add((System.nanoTime() - begin) / 1e9 / times);
        }
        double best = seconds.stream().min(Double::compare).orElseThrow();
        double middle = seconds.stream().sorted().toList().get(TURNS / 2);
        double read = reads.stream().sorted().toList().get(TURNS / 2);
        double operations = 2.0 * rows * matrix.inputs() * matrix.outputs();
        System.out.printf("{\"bench\":\"matmul\",\"kernel\":\"%s\",\"type\":\"%s\",\"threads\":%d,\"rows\":%d,"
                + "\"inputs\":%d,\"outputs\":%d,\"GBps\":%.1f,\"bestGBps\":%.1f,\"pureReadGBps\":%.1f,"
                + "\"ofPureRead\":%.2f,\"GFLOPs\":%.1f,\"bestGFLOPs\":%.1f}%n", kernels.name(), type, workers.threads(),
                rows,
                matrix.inputs(), matrix.outputs(), matrix.bytes() / middle / 1e9,
                matrix.bytes() / best / 1e9, read, matrix.bytes() / middle / 1e9 / read, operations / middle / 1e9,
                operations / best / 1e9);
    }

    /** Multiplies a small matrix until its kernels are compiled; with all processors busy that would take long. */
    private static void warm(Kernels kernels, DType type, int rows) {
        int inputs = 512;
        Matrix small = Matrix.pack(type, file(type, 64, inputs), 0, 64, inputs, Arena.ofAuto(), Workers.NONE);
        Rows activations = new Rows();
        float[] x = new float[Math.min(rows, 16) * inputs];
        float[] y = new float[Math.min(rows, 16) * 64];
        for (long begin = System.nanoTime(); System.nanoTime() - begin < 2_000_000_000L;)
            kernels.matmul(activations.of(x, 0, rows < TEXT ? Math.min(rows, 16) : 0, Math.min(rows, 16), inputs),
                    small, y, 0, 64, Workers.NONE);
    }
}
