package io.bactrian.preprocess.image;

import java.util.Locale;

/** Pillow's resampling filters, by its names (formulas: Pillow src/libImaging/Resample.c). */
public enum Resampling {
    /** The nearest pixel, nothing averaged. */
    NEAREST(0) {
        @Override
        double weight(double x) {
            throw new IllegalStateException("nearest has no kernel");
        }
    },
    /** The mean of the pixels an output pixel covers. */
    BOX(0.5) {
        @Override
        double weight(double x) {
            return x > -0.5 && x <= 0.5 ? 1 : 0;
        }
    },
    /** A triangle, widened by the scale (antialiased). */
    BILINEAR(1) {
        @Override
        double weight(double x) {
            double distance = Math.abs(x);
            return distance < 1 ? 1 - distance : 0;
        }
    },
    /** A Hamming-windowed sinc of one lobe; its constants are single precision, as Pillow's. */
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
    /** Bicubic convolution with a = -0.5, widened by the scale (antialiased): Pillow's default. */
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
    /** A sinc of three lobes, sinc-windowed. */
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
    };

    private final double support;

    Resampling(double support) {
        this.support = support;
    }

    /**
     * {@return how far from its center the kernel reaches, in output pixels when shrinking, in
     * input pixels when growing}
     */
    double support() {
        return support;
    }

    /**
     * {@return the kernel's value}
     *
     * @param x distance from the center
     */
    abstract double weight(double x);

    /** {@return Pillow's name in small letters, such as {@code bicubic}} */
    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT);
    }
}
