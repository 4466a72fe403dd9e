package io.bactrian.preprocess.image;

/** The weights of OpenCV's {@code resize} (modules/imgproc/src/resize.cpp). */
final class OpenCvWeights {

    /** OpenCV's kernel of cubic interpolation; Pillow and TensorFlow have -0.5. */
    private static final double CUBIC = -0.75;

    /** Less of a pixel than this is no part of an area. */
    private static final double MIN_PART = 1e-3;

    private OpenCvWeights() {}

    /**
     * {@return the weights}
     *
     * @param shrinks whether neither side of the image becomes longer, else areas are interpolated
     */
    static LineWeights of(int in, int out, Resampling resampling, boolean shrinks) {
        return switch (resampling) {
            case NEAREST -> nearest(in, out);
            case BICUBIC -> bicubic(in, out);
            case AREA -> shrinks ? area(in, out) : enlargedArea(in, out);
            default -> bilinear(in, out);
        };
    }

    /** {@return the most input pixels of an output pixel} */
    static int stride(int in, int out, Resampling resampling) {
        return switch (resampling) {
            case NEAREST -> 1;
            case BICUBIC -> 4;
            case AREA -> areaStride(in, out);
            default -> 2;
        };
    }

    private static LineWeights nearest(int in, int out) {
        LineWeights weights = new LineWeights(in, out, 1);
        double scale = 1 / ((double) out / in);
        for (int x = 0; x < out; x++) {
            weights.add(x, (int) Math.floor(x * scale), 1);
        }
        return weights;
    }

    private static float center(int x, int in, int out) {
        return (float) ((x + 0.5) * ((double) in / out) - 0.5);
    }

    private static LineWeights bilinear(int in, int out) {
        LineWeights weights = new LineWeights(in, out, 2);
        for (int x = 0; x < out; x++) {
            float center = center(x, in, out);
            int floor = (int) Math.floor(center);
            float part = center - floor;
            weights.add(x, floor, 1 - part);
            weights.add(x, floor + 1, part);
        }
        return weights;
    }

    private static LineWeights bicubic(int in, int out) {
        LineWeights weights = new LineWeights(in, out, 4);
        for (int x = 0; x < out; x++) {
            float center = center(x, in, out);
            int floor = (int) Math.floor(center);
            double part = center - floor;
            double before = cubicOutside(part + 1);
            double left = cubicInside(part);
            double right = cubicInside(1 - part);
            weights.add(x, floor - 1, before);
            weights.add(x, floor, left);
            weights.add(x, floor + 1, right);
            weights.add(x, floor + 2, 1 - before - left - right);
        }
        return weights;
    }

    private static double cubicOutside(double x) {
        return ((CUBIC * x - 5 * CUBIC) * x + 8 * CUBIC) * x - 4 * CUBIC;
    }

    private static double cubicInside(double x) {
        return ((CUBIC + 2) * x - (CUBIC + 3)) * x * x + 1;
    }

    private static int areaStride(int in, int out) {
        return (int) Math.ceil((double) in / out) + 2;
    }

    private static LineWeights area(int in, int out) {
        LineWeights weights = new LineWeights(in, out, areaStride(in, out));
        double scale = (double) in / out;
        for (int x = 0; x < out; x++) {
            double start = x * scale;
            double end = start + scale;
            double cell = Math.min(scale, in - start);
            int last = Math.min((int) Math.floor(end), in - 1);
            int whole = Math.min((int) Math.ceil(start), last);
            if (whole - start > MIN_PART) {
                weights.add(x, whole - 1, (whole - start) / cell);
            }
            for (int i = whole; i < last; i++) {
                weights.add(x, i, 1 / cell);
            }
            if (end - last > MIN_PART) {
                weights.add(x, last, Math.min(Math.min(end - last, 1), cell) / cell);
            }
        }
        return weights;
    }

    private static LineWeights enlargedArea(int in, int out) {
        LineWeights weights = new LineWeights(in, out, areaStride(in, out));
        double scale = (double) in / out;
        double inverse = (double) out / in;
        for (int x = 0; x < out; x++) {
            int floor = (int) Math.floor(x * scale);
            float part = (float) (x + 1 - (floor + 1) * inverse);
            part = part <= 0 ? 0 : part - (float) Math.floor(part);
            weights.add(x, floor, 1 - part);
            weights.add(x, floor + 1, part);
        }
        return weights;
    }
}
