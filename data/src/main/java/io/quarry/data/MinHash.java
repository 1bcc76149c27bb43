package io.quarry.data;

/**
 * MinHash signatures in bands (Broder 1997; Leskovec et al., Mining of Massive Datasets, chapter 3): two texts that share
 * a band are looked at closely, all other pairs never meet.
 *
 * @param bands how many
 * @param rows  hash functions of one band
 */
record MinHash(int bands, int rows) {
    /** Words of a shingle, as in FineWeb (arXiv:2406.17557). */
    static final int SHINGLE = 5;
    private static final int FUNCTIONS = 128;

    /** The longest bands that still bring together 99 of 100 pairs which are just as similar as the threshold. */
    static MinHash forThreshold(double jaccard) {
        int rows = 1;
        while (rows < 32 && 1 - Math.pow(1 - Math.pow(jaccard, rows + 1), FUNCTIONS / (rows + 1)) >= 0.99)
            rows++;
        return new MinHash(FUNCTIONS / rows, rows);
    }

    /** One hash a band; empty for a text without words. */
    long[] bands(long[] shingles) {
        if (shingles.length == 0)
            return shingles;
        long[] out = new long[bands];
        for (int band = 0; band < bands; band++) {
            long hash = Words.mix(band + 1);
            for (int row = 0; row < rows; row++)
                hash = Words.mix(hash ^ least(shingles, (long) band * rows + row));
            out[band] = hash;
        }
        return out;
    }

    private static long least(long[] shingles, long function) {
        long salt = Words.mix(function + 0x9E3779B97F4A7C15L);
        long least = Long.MAX_VALUE;
        for (long shingle : shingles)
            least = Math.min(least, Words.mix(shingle ^ salt));
        return least;
    }
}
