package io.quarry.bench;

import io.quarry.kernel.DType;
import io.quarry.kernel.Kernels;
import io.quarry.kernel.Matrix;
import io.quarry.kernel.NativeGemm;
import io.quarry.kernel.Rows;
import io.quarry.kernel.Workers;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.SplittableRandom;

/**
 * Products of a prompt's rows with the matrices of a model of 3 billion parameters: the kernels alone beside a native
 * library, in turns, in floating-point operations per second. Prints one JSON line per type and shape.
 *
 * <p>Arguments, all optional: threads; rows; types, separated by commas.
 */
public final class GemmBench {
    private static final int TURNS = 5;
    /** Different rows of weights; a matrix repeats them, since some types take long to make. */
    private static final int DIFFERENT = 64;

    private record Shape(int inputs, int outputs) {}

    private static final List<Shape> SHAPES = List.of(new Shape(2560, 8192), new Shape(8192, 2560),
            new Shape(2560, 2560));

    private GemmBench() {}

    public static void main(String[] args) {
        int threads = args.length > 0 ? Integer.parseInt(args[0]) : Runtime.getRuntime().availableProcessors();
        int rows = args.length > 1 ? Integer.parseInt(args[1]) : 512;
        List<DType> types = args.length > 2
                ? Arrays.stream(args[2].split(",")).map(DType::valueOf).toList()
                : List.of(DType.Q4_0, DType.Q8_0, DType.Q4_K, DType.Q6_K, DType.BF16);
        NativeGemm gemm = NativeGemm.find()
                .orElseThrow(() -> new IllegalStateException("there is no native matrix product on the class path"));
        if (!gemm.ready())
            throw new IllegalStateException(gemm.name() + " cannot be used here; the log says why");
        try (Workers workers = new Workers(threads)) {
            for (DType type : types)
                for (Shape shape : SHAPES)
                    measure(type, shape, rows, gemm, workers);
        }
    }

    private static void measure(DType type, Shape shape, int rows, NativeGemm gemm, Workers workers) {
        try (Arena arena = Arena.ofShared()) {
            Matrix w = Matrix.pack(type, file(type, shape, arena), 0, shape.outputs(), shape.inputs(), arena, workers);
            SplittableRandom random = new SplittableRandom(2);
            float[] x = new float[rows * shape.inputs()];
            for (int i = 0; i < x.length; i++)
                x[i] = (float) random.nextGaussian();
            float[] y = new float[rows * shape.outputs()];
            List<Double> java = new ArrayList<>();
            List<Double> fast = new ArrayList<>();
            Rows plain = new Rows();
            Rows many = new Rows(gemm);
            for (int turn = 0; turn <= TURNS; turn++) { // the first is for the compiler
                java.add(seconds(plain, x, rows, w, y, workers));
                fast.add(seconds(many, x, rows, w, y, workers));
            }
            double operations = 2.0 * rows * shape.inputs() * shape.outputs();
            System.out.printf(
                    "{\"bench\":\"gemm\",\"kernel\":\"%s\",\"native\":\"%s\",\"type\":\"%s\",\"threads\":%d,"
                            + "\"rows\":%d,\"inputs\":%d,\"outputs\":%d,\"javaGFLOPs\":%.0f,\"bestJavaGFLOPs\":%.0f,"
                            + "\"nativeGFLOPs\":%.0f,\"bestNativeGFLOPs\":%.0f}%n",
                    Kernels.best().name(), gemm.name(), type, workers.threads(), rows, shape.inputs(), shape.outputs(),
                    operations / middle(java) / 1e9, operations / best(java) / 1e9, operations / middle(fast) / 1e9,
                    operations / best(fast) / 1e9);
        }
    }

    private static double middle(List<Double> seconds) {
        return seconds.subList(1, seconds.size()).stream().sorted().toList().get(TURNS / 2);
    }

    private static double best(List<Double> seconds) {
        return seconds.stream().min(Comparator.naturalOrder()).orElseThrow();
    }

    /** Seconds of one product, from as many as half a second holds. */
    private static double seconds(Rows rows, float[] x, int count, Matrix w, float[] y, Workers workers) {
        long begin = System.nanoTime();
        int times = 0;
        do {
            Kernels.best().matmul(rows.of(x, 0, count, w.inputs()), w, y, 0, w.outputs(), workers);
            times++;
        } while (System.nanoTime() - begin < 500_000_000L);
        return (System.nanoTime() - begin) / 1e9 / times;
    }

    /** Rows of a file with weights as large as a model's. */
    private static MemorySegment file(DType type, Shape shape, Arena arena) {
        SplittableRandom random = new SplittableRandom(1);
        long rowBytes = type.bytes(shape.inputs());
        MemorySegment file = arena.allocate(rowBytes * shape.outputs(), 64);
        float[] row = new float[shape.inputs()];
        for (int o = 0; o < shape.outputs(); o++)
            if (o < DIFFERENT) {
                for (int i = 0; i < row.length; i++)
                    row[i] = (float) (0.02 * random.nextGaussian());
                type.narrow(row, 0, row.length, file, o * rowBytes);
            } else {
                MemorySegment.copy(file, (o % DIFFERENT) * rowBytes, file, o * rowBytes, rowBytes);
            }
        return file;
    }
}
