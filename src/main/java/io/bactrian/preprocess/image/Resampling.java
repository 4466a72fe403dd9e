package io.bactrian.preprocess.image;

import java.util.Locale;

/**
 * A resampling filter, under Pillow's name and with its kernel (src/libImaging/Resample.c), which
 * TensorFlow's is too; OpenCV has another bicubic one.
 */
public enum Resampling {
    /** Nearest neighbor: no averaging. */
    NEAREST(0) {
        @Override
        double weight(double x) {
            throw new IllegalStateException("nearest has no kernel");
        }
    },
    /** The mean of the input pixels that an output pixel covers. */
    BOX(0.5) {
        @Override
        double weight(double x) {
            return x > -0.5 && x <= 0.5 ? 1 : 0;
        }
    },
    /** Linear interpolation, widened by the scale when shrinking (antialiased). */
    BILINEAR(1) {
        @Override
        double weight(double x) {
            double distance = Math.abs(x);
            return distance < 1 ? 1 - distance : 0;
        }
    },
    /** A Hamming-windowed sinc of one lobe, with single-precision constants as in Pillow. */
    HAMMING(1) {
        @Override
        double weight(double x) {
            double distance = Math.abs(x);
            if (distance == 0) {
                return 1;
            }
            if (distance >= 1) {
                return 0;
            }
            double angle = distance * Math.PI;
            return Math.sin(angle) / angle * (0.54f + 0.46f * Math.cos(angle));
        }
    },
    /** Bicubic convolution with a = -0.5, antialiased like bilinear; Pillow's default. */
    BICUBIC(2) {
        private static final double A = -0.5;

        @Override
        double weight(double x) {
            double distance = Math.abs(x);
            if (distance < 1) {
                return ((A + 2) * distance - (A + 3)) * distance * distance + 1;
            }
            if (distance < 2) {
                return (((distance - 5) * distance + 8) * distance - 4) * A;
            }
            return 0;
        }
    },
    /** A Lanczos-windowed sinc of three lobes. */
    LANCZOS(3) {
        @Override
        double weight(double x) {
            return x >= -3 && x < 3 ? sinc(x) * sinc(x / 3) : 0;
        }

        private static double sinc(double x) {
            if (x == 0) {
                return 1;
            }
            double angle = x * Math.PI;
            return Math.sin(angle) / angle;
        }
    },
    /** The mean of the area that an output pixel covers, with parts of the pixels at its edge. */
    AREA(0.5) {
        @Override
        double weight(double x) {
            throw new IllegalStateException("area has no kernel");
        }
    };

    private final double support;

    Resampling(double support) {
        this.support = support;
    }

    /**
     * {@return the radius of the kernel, in output pixels when shrinking and in input pixels when
     * enlarging}
     */
    double support() {
        return support;
    }

    /**
     * {@return the value of the kernel at {@code x}}
     *
     * @param x signed distance from the center
     */
    abstract double weight(double x);

    /** {@return the name in lower case, such as {@code bicubic}} */
    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT);
    }
}
