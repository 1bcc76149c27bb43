package io.quarry.kernel;

/**
 * The kernels of weights that are whole numbers: {@link ScalarBlocks} defines, {@link VectorBlocks} is fast, and the two
 * agree bit for bit. Weights are read at addresses, see {@link Memory#ALL}; 16-bit numbers of a panel stand in the order of
 * {@link Matrix#lane}, floats in that of the outputs.
 */
sealed interface BlockKernels permits ScalarBlocks, VectorBlocks {

    /** Blocks of activations whose largest is below this are zeros: the reciprocal of their step would overflow. */
    float SMALLEST = 0x1p-100f;

    static BlockKernels of(Kernels kernels) {
        return switch (kernels) {
            case ScalarKernels scalar -> ScalarBlocks.INSTANCE;
            case VectorKernels vector -> VectorBlocks.INSTANCE;
        };
    }

    /** Rows of the tallest tile: 8 where there are 32 registers, else 4. */
    int tallest();

    /**
     * Rounds blocks of 32 numbers to 8 bits: {@code bytes = round(x * 127 / largest)}, half to even, and
     * {@code step = largest / 127}. A block whose largest number is below 2^-100 becomes zeros; one that is not finite
     * gets a step that is not finite.
     */
    void quantize(float[] x, int at, int blocks, int[] bytes, float[] steps);

    /** Widens {@code 64 n} 16-bit floats. */
    void halves(long from, int n, long to);

    /** {@code minima += middle * scales} over {@code 64 n} numbers. */
    void shift(int n, int middle, long scales, long minima);

    /**
     * Unpacks the scales of {@code n} blocks of 256 of Q4_K and Q5_K: with the factors d and e, and s and m of a pair of
     * bytes, {@code scales = d s}, {@code minima = middle * scales - e m}.
     *
     * @param pairs   {@code [8 n, 64]}
     * @param factors 16-bit floats {@code [n, 2, 64]}
     */
    void superScales(long pairs, long factors, int n, int middle, long scales, long minima);

    /**
     * Unpacks the scales of {@code n} blocks of 256 of Q6_K: {@code scales[g] = d s_g}, for 16 groups a block.
     *
     * @param pairs   bytes of groups 2i and 2i + 1, {@code [8 n, 64]}
     * @param factors 16-bit floats {@code [n, 64]}
     */
    void sixScales(long pairs, long factors, int n, long scales);

    /**
     * Multiplies a tile of rows with groups of words of nibbles, modulo 2^16: {@code sums[g, r, lane] = first[g, r] + sum
     * over i of (word >>> 4 * (i % 4)) * multipliers[g, i, r]} with the word of quad q = i / 4 at {@code [q % 4, g *
     * sixteens + q / 4, lane]}.
     *
     * @param height    rows of the tile: 1, 2, 4 or 8
     * @param from      words of the first stream, {@code [groups * sixteens, 64]}
     * @param stream    bytes from there to the same of the next stream
     * @param sixteens  sixteenths of the inputs of a group: 1 or 2
     * @param first     what sums begin with: {@code [groups, height]}
     */
    void nibbleSums(int height, long from, long stream, int groups, int sixteens, int[] multipliers, int at,
            short[] first, int firstAt, short[] sums);

    /**
     * The same of words of fewer bits, with nothing to begin with: {@code sums[g, r, lane] = sum over i of (word >>> bits *
     * (i % per)) * multipliers[g, i, r]} with {@code per = 16 / bits} and the word {@code [g, i / per, lane]}.
     *
     * @param bits  of a number: 1 or 2
     * @param from  words {@code [groups, quads * bits / 4, 64]}
     * @param quads quarters of the inputs of a group: 4 or 8
     */
    void lowSums(int height, int bits, long from, int groups, int quads, int[] multipliers, int at, short[] sums);

    /** Whether {@link #products} are quicker than {@link #lowSums}: with few registers they are not. */
    boolean exactFloats();

    /**
     * Unpacks {@code n} inputs of a panel to floats in two strips {@code [2, n, 32]}: {@code to[k, o] = q[k, o] - (8 << low)}.
     *
     * @param low      bits below the upper four: 1 or 2
     * @param words    those of the upper four bits in the first stream, from which the inputs begin
     * @param stream   bytes from there to the same of the next stream
     * @param lowWords those of the bits below
     * @param n        a multiple of 16
     */
    void unpack(int low, long words, long stream, long lowWords, int n, long to);

    /**
     * The same with scales and minima, which makes them weights, also of no bits below: {@code to[k, o] = fma(q[k, o] - (8 << low), scales[k /
     * group, o], minima[k / group, o])}.
     *
     * @param group  inputs that share a scale: 16 or 32
     * @param scales {@code [n / group, 64]}
     * @param minima the same; 0 for zeros
     */
    void widen(int low, long words, long stream, long lowWords, int n, int group, long scales, long minima, long to);

    /**
     * Adds the products of a tile of eight rows with a strip of unpacked weights to results, group by group: {@code y[r, o] =
     * fma(sum over a group of w[k, o] x[k, r], scales[g, o] * 65536 steps[g / per, r], y[r, o])}. Numbers are whole and
     * sums below 2^24, so that they are exact; it is what {@link #sums} and {@link #scale} give.
     *
     * @param w     unpacked weights {@code [groups * group, 32]}
     * @param group inputs of a group: 16 or 32
     * @param x     whole numbers {@code [groups * group, 8]} from {@code xAt}
     * @param per   groups that share a step
     * @param room  address of zeros, {@code [8, 64]}, to sum in; zeros again afterwards
     * @param y     address of results {@code [8, 32]}, 64 numbers apart, as scales are
     */
    void products(long w, int groups, int group, float[] x, int xAt, long scales, float[] steps, int stepsAt, int per,
            long room, long y);

    /** Adds scaled sums to results: {@code y[r, o] = fma(65536 sums[g, r, o], scales[g, o] * steps[g, r], y[r, o])}. */
    void scale(int height, int groups, short[] sums, long scales, float[] steps, int stepsAt, long y);

    /**
     * The same of sums in two parts, {@code factor * sums + low}, where {@code per} groups share a step.
     */
    void scaleBoth(int height, int groups, int per, int factor, short[] sums, short[] low, long scales,
            float[] steps, int stepsAt, long y);
}
