package io.quarry.model;

/**
 * How rotary frequencies are changed so that a model reaches further than it was first trained. The formulas are those of
 * {@code modeling_rope_utils} in Hugging Face transformers.
 */
public sealed interface RopeScaling {
    RopeScaling NONE = new None();

    /**
     * The frequencies for a sequence.
     *
     * @param plain  {@code theta^(-2i/d)} of each pair
     * @param theta  the base
     * @param length how long the sequence may become, in tokens
     */
    float[] frequencies(float[] plain, double theta, int length);

    /** What cosines and sines are multiplied by. */
    default double attentionFactor() {
        return 1;
    }

    /** Sequences with the same number have the same frequencies. */
    default int kind(int length) {
        return 0;
    }

    /** As trained. */
    record None() implements RopeScaling {
        @Override
        public float[] frequencies(float[] plain, double theta, int length) {
            return plain.clone();
        }
    }

    /** All positions closer together by {@code factor} (arXiv 2306.15595). */
    record Linear(double factor) implements RopeScaling {
        @Override
        public float[] frequencies(float[] plain, double theta, int length) {
            float[] all = plain.clone();
            for (int i = 0; i < all.length; i++)
                all[i] /= (float) factor;
            return all;
        }
    }

    /** A base that grows with the length of the sequence once it is longer than the model was trained for (NTK-aware). */
    record Dynamic(double factor, int trained) implements RopeScaling {
        @Override
        public float[] frequencies(float[] plain, double theta, int length) {
            int d = 2 * plain.length;
            double reach = Math.max(length, trained);
            double base = theta * Math.pow(factor * reach / trained - (factor - 1), d / (d - 2.0));
            return Rope.frequencies(base, d);
        }

        @Override
        public int kind(int length) {
            return Math.max(length, trained);
        }
    }

    /**
     * Yarn (arXiv 2309.00071): fast frequencies stay, slow ones are divided, a ramp between.
     *
     * @param factor    how much further the model reaches
     * @param trained   length it was first trained for
     * @param betaFast  turns within that length from which on a frequency stays
     * @param betaSlow  turns under which it is divided
     * @param truncate  whether the ends of the ramp are whole pairs
     */
    record Yarn(double factor, int trained, double betaFast, double betaSlow, boolean truncate,
            double attentionFactor) implements RopeScaling {
        @Override
        public float[] frequencies(float[] plain, double theta, int length) {
            int d = 2 * plain.length;
            double low = corrected(betaFast, d, theta);
            double high = corrected(betaSlow, d, theta);
            if (truncate) {
                low = Math.floor(low);
                high = Math.ceil(high);
            }
            low = Math.max(low, 0);
            high = Math.min(high, d - 1);
            if (low == high)
                high += 0.001;
            float[] all = new float[plain.length];
            for (int i = 0; i < all.length; i++) {
                float ramp = (float) Math.clamp((i - low) / (high - low), 0, 1);
                all[i] = plain[i] / (float) factor * ramp + plain[i] * (1 - ramp);
            }
            return all;
        }

        private double corrected(double turns, int d, double theta) {
            return d * Math.log(trained / (turns * 2 * Math.PI)) / (2 * Math.log(theta));
        }

        /** The factor of the paper where a model names none. */
        public static double defaultAttentionFactor(double factor) {
            return magnitude(factor, 1);
        }

        static double magnitude(double factor, double scale) {
            return factor <= 1 ? 1 : 0.1 * scale * Math.log(factor) + 1;
        }
    }

    /** The scaling of Llama 3.1: slow frequencies are divided, fast ones stay, those between are blended. */
    record Llama3(double factor, double lowFactor, double highFactor, int trained) implements RopeScaling {
        @Override
        public float[] frequencies(float[] plain, double theta, int length) {
            float[] all = plain.clone();
            for (int i = 0; i < all.length; i++) {
                double wave = 2 * Math.PI / plain[i];
                if (wave > trained / lowFactor) {
                    all[i] = plain[i] / (float) factor;
                } else if (wave >= trained / highFactor) {
                    double smooth = (trained / wave - lowFactor) / (highFactor - lowFactor);
                    all[i] = (float) ((1 - smooth) * plain[i] / factor + smooth * plain[i]);
                }
            }
            return all;
        }
    }

    /**
     * LongRope (arXiv 2402.13753): a divisor of its own for each frequency, one set for sequences within the length first
     * trained for and one beyond. A sequence has one set from begin to end: that of the length it may reach.
     */
    record LongRope(float[] shortFactors, float[] longFactors, int trained,
            double attentionFactor) implements RopeScaling {
        @Override
        public float[] frequencies(float[] plain, double theta, int length) {
            float[] factors = length > trained ? longFactors : shortFactors;
            if (factors.length != plain.length)
                throw new IllegalArgumentException("LongRope has " + factors.length + " factors for " + plain.length
                        + " frequencies");
            float[] all = new float[plain.length];
            for (int i = 0; i < all.length; i++)
                all[i] = 1 / (factors[i] * (float) Math.pow(theta, (float) (2 * i) / (2 * plain.length)));
            return all;
        }

        @Override
        public int kind(int length) {
            return length > trained ? 1 : 0;
        }

        /** The factor of the paper where a model names none. */
        public static double defaultAttentionFactor(double factor, int trained) {
            return factor <= 1 ? 1 : Math.sqrt(1 + Math.log(factor) / Math.log(trained));
        }
    }
}
