package io.bactrian.preprocess.image;

/**
 * The weights of {@code tf.image.resize}: its kernels ResizeNearestNeighbor, ResizeBilinear,
 * ResizeBicubic and ResizeArea with centers of half pixels, and ScaleAndTranslate where it is
 * antialiased.
 */
final class TensorFlowWeights {

    /** ResizeBicubic reads its weights from a table of so many positions between two pixels. */
    private static final int TABLE_SIZE = 1 << 10;

    private static final int CUBIC_TAPS = 4;

    private TensorFlowWeights() {}

    static LineWeights of(int in, int out, Resampling resampling, boolean antialias) {
        return switch (resampling) {
            case NEAREST -> nearest(in, out);
            case AREA -> area(in, out);
            case BILINEAR -> antialias ? kernel(in, out, resampling, true) : bilinear(in, out);
            case BICUBIC -> antialias ? kernel(in, out, resampling, true) : bicubic(in, out);
            default -> kernel(in, out, resampling, antialias);
        };
    }

    /** {@return the most input pixels of an output pixel} */
    static int stride(int in, int out, Resampling resampling, boolean antialias) {
        return switch (resampling) {
            case NEAREST -> 1;
            case AREA -> areaStride(in, out);
            case BILINEAR -> antialias ? kernelStride(in, out, resampling, true) : 2;
            case BICUBIC -> antialias ? kernelStride(in, out, resampling, true) : CUBIC_TAPS;
            default -> kernelStride(in, out, resampling, antialias);
        };
    }

    private static float center(int x, float scale) {
        return (x + 0.5f) * scale - 0.5f;
    }

    private static LineWeights nearest(int in, int out) {
        LineWeights weights = new LineWeights(in, out, 1);
        float scale = (float) in / out;
        for (int x = 0; x < out; x++) {
            weights.add(x, (int) Math.floor((x + 0.5f) * scale), 1);
        }
        return weights;
    }

    private static LineWeights bilinear(int in, int out) {
        LineWeights weights = new LineWeights(in, out, 2);
        float scale = (float) in / out;
        for (int x = 0; x < out; x++) {
            float center = center(x, scale);
            float floor = (float) Math.floor(center);
            weights.add(x, (int) floor, 1 - (center - floor));
            weights.add(x, (int) Math.ceil(center), center - floor);
        }
        return weights;
    }

    /** Pixels outside the line have no weight. */
    private static LineWeights bicubic(int in, int out) {
        LineWeights weights = new LineWeights(in, out, CUBIC_TAPS);
        float scale = (float) in / out;
        for (int x = 0; x < out; x++) {
            float center = center(x, scale);
            int floor = (int) Math.floor(center);
            double position = Math.rint((center - floor) * TABLE_SIZE) / TABLE_SIZE;
            for (int tap = -1; tap <= 2; tap++) {
                if (floor + tap >= 0 && floor + tap < in) {
                    weights.add(x, floor + tap, Resampling.BICUBIC.weight(tap - position));
                }
            }
            weights.normalize(x);
        }
        return weights;
    }

    private static int areaStride(int in, int out) {
        return (int) Math.ceil((double) in / out) + 1;
    }

    private static LineWeights area(int in, int out) {
        LineWeights weights = new LineWeights(in, out, areaStride(in, out));
        float scale = (float) in / out;
        for (int x = 0; x < out; x++) {
            float start = x * scale;
            float end = (x + 1) * scale;
            for (int i = (int) Math.floor(start); i < (int) Math.ceil(end); i++) {
                weights.add(x, i, (Math.min(i + 1, end) - Math.max(i, start)) / scale);
            }
        }
        return weights;
    }

    private static double kernelScale(int in, int out, boolean antialias) {
        return antialias ? Math.max((double) in / out, 1) : 1;
    }

    private static int kernelStride(int in, int out, Resampling filter, boolean antialias) {
        int reach = (int) Math.ceil(filter.support() * kernelScale(in, out, antialias));
        return Math.min(2 * reach + 1, in);
    }

    private static LineWeights kernel(int in, int out, Resampling filter, boolean antialias) {
        double scale = (double) in / out;
        double kernelScale = kernelScale(in, out, antialias);
        double reach = filter.support() * kernelScale;
        LineWeights weights = new LineWeights(in, out, kernelStride(in, out, filter, antialias));
        for (int x = 0; x < out; x++) {
            double center = (x + 0.5) * scale;
            int start = (int) Math.max(Math.ceil(center - reach - 0.5), 0);
            int end = (int) Math.min(Math.floor(center + reach - 0.5), in - 1);
            for (int i = start; i <= end; i++) {
                weights.add(x, i, filter.weight((i + 0.5 - center) / kernelScale));
            }
            weights.normalize(x);
        }
        return weights;
    }
}
