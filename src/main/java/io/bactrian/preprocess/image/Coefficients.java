package io.bactrian.preprocess.image;

import java.util.LinkedHashMap;
import java.util.Map;

/**
 * What each output pixel of a line is made of: a run of input pixels and their weights in fixed
 * point, rounded as Pillow rounds them (precompute_coeffs and normalize_coeffs_8bpc in Pillow
 * src/libImaging/Resample.c), so that the sums are Pillow's to the bit.
 *
 * <p>Immutable once made. The last few are kept: a service mostly sees images of a few sizes.
 */
final class Coefficients {

    /** Fraction bits of a weight: 32 but for 8 of the sample and 2 for over- and undershoot. */
    static final int PRECISION_BITS = 32 - 8 - 2;

    private static final int KEPT = 32;

    /** More weights than this are cheap beside the image they belong to: made anew each time. */
    private static final int MAX_KEPT_WEIGHTS = 1 << 16;

    private static final Map<Key, Coefficients> CACHE =
            new LinkedHashMap<>(2 * KEPT, 0.75f, true) {
                @Override
                protected boolean removeEldestEntry(Map.Entry<Key, Coefficients> eldest) {
                    return size() > KEPT;
                }
            };

    /** The first input pixel of each output pixel. */
    final int[] first;

    /** How many input pixels each output pixel has. */
    final int[] count;

    /** The weights, {@link #stride} an output pixel. */
    final int[] weights;

    /** The most input pixels an output pixel can have. */
    final int stride;

    private record Key(int in, int out, Resampling filter) {}

    /**
     * @param in pixels of the input line, at least 1
     * @param out pixels of the output line, at least 1
     * @param filter any but {@link Resampling#NEAREST}
     */
    static Coefficients of(int in, int out, Resampling filter) {
        Key key = new Key(in, out, filter);
        synchronized (CACHE) {
            Coefficients kept = CACHE.get(key);
            if (kept != null) {
                return kept;
            }
        }
        Coefficients made = new Coefficients(in, out, filter);
        if (made.weights.length <= MAX_KEPT_WEIGHTS) {
            synchronized (CACHE) {
                CACHE.put(key, made);
            }
        }
        return made;
    }

    /** {@return the most input pixels that an output pixel can have} */
    static int stride(int in, int out, Resampling filter) {
        double support = filter.support() * Math.max((double) (float) in / out, 1);
        return (int) Math.ceil(support) * 2 + 1;
    }

    private Coefficients(int in, int out, Resampling filter) {
        double scale = (double) (float) in / out;
        double filterScale = Math.max(scale, 1);
        double support = filter.support() * filterScale;
        double inverse = 1 / filterScale;
        stride = stride(in, out, filter);
        first = new int[out];
        count = new int[out];
        weights = new int[Math.multiplyExact(out, stride)];
        double[] exact = new double[stride];
        for (int x = 0; x < out; x++) {
            double center = (x + 0.5) * scale;
            int from = Math.max((int) (center - support + 0.5), 0);
            int to = Math.min((int) (center + support + 0.5), in);
            double sum = 0;
            for (int i = 0; i < to - from; i++) {
                exact[i] = filter.weight((i + from - center + 0.5) * inverse);
                sum += exact[i];
            }
            for (int i = 0; i < to - from; i++) {
                double weight = (sum == 0 ? exact[i] : exact[i] / sum) * (1 << PRECISION_BITS);
                weights[x * stride + i] = (int) (weight < 0 ? weight - 0.5 : weight + 0.5);
            }
            first[x] = from;
            count[x] = to - from;
        }
    }
}
