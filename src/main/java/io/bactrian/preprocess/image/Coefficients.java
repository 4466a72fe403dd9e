package io.bactrian.preprocess.image;

import java.util.LinkedHashMap;
import java.util.Map;

/**
 * The resampling weights of one dimension: for each output pixel a range of input pixels and their
 * weights in fixed point. They are rounded as in Pillow (precompute_coeffs and
 * normalize_coeffs_8bpc in src/libImaging/Resample.c), so that the weighted sums are bit-identical.
 *
 * <p>Immutable. Recently used instances are cached, since most services get images of a few sizes.
 */
final class Coefficients {

    /** Fraction bits of a weight: 32 minus 8 for the sample and 2 for over- and undershoot. */
    static final int PRECISION_BITS = 32 - 8 - 2;

    private static final int MAX_CACHED = 32;

    /** Larger tables are not cached: computing them costs little compared to their images. */
    private static final int MAX_CACHED_WEIGHTS = 1 << 16;

    private static final Map<Key, Coefficients> CACHE =
            new LinkedHashMap<>(2 * MAX_CACHED, 0.75f, true) {
                @Override
                protected boolean removeEldestEntry(Map.Entry<Key, Coefficients> eldest) {
                    return size() > MAX_CACHED;
                }
            };

    /** The first input pixel of each output pixel. */
    final int[] first;

    /** The number of input pixels of each output pixel. */
    final int[] count;

    /** The weights, {@link #stride} elements per output pixel. */
    final int[] weights;

    /** The maximum number of input pixels of an output pixel. */
    final int stride;

    private record Key(int in, int out, Resampling filter) {}

    /**
     * {@return the weights for these lengths, from the cache if they are there}
     *
     * @param in pixels of the input line, at least 1
     * @param out pixels of the output line, at least 1
     * @param filter any but {@link Resampling#NEAREST}
     */
    static Coefficients of(int in, int out, Resampling filter) {
        Key key = new Key(in, out, filter);
        synchronized (CACHE) {
            Coefficients cached = CACHE.get(key);
            if (cached != null) {
                return cached;
            }
        }
        Coefficients computed = new Coefficients(in, out, filter);
        if (computed.weights.length <= MAX_CACHED_WEIGHTS) {
            synchronized (CACHE) {
                CACHE.put(key, computed);
            }
        }
        return computed;
    }

    /** {@return the maximum number of input pixels of an output pixel} */
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
