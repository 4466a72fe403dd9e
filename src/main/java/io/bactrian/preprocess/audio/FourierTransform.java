package io.bactrian.preprocess.audio;

import java.util.Arrays;

/**
 * The discrete Fourier transform of real numbers of one length. Lengths that are no power of two
 * are transformed by Bluestein's convolution. Not thread-safe: it owns its working memory.
 */
final class FourierTransform {

    private final int length;

    /** The power of two that is transformed. */
    private final int size;

    private final double[] real;
    private final double[] imaginary;
    private final double[] cosines;
    private final double[] sines;

    /** Bluestein's chirp, cos and sin of πn²/length; empty for a power of two. */
    private final double[] chirpReal;

    private final double[] chirpImaginary;

    /**
     * The transform of the chirp, which runs in both directions from 0; empty for a power of two.
     */
    private final double[] kernelReal;

    private final double[] kernelImaginary;

    /**
     * @param length how many numbers are transformed, at least 1
     */
    FourierTransform(int length) {
        this.length = length;
        boolean direct = isPowerOfTwo(length);
        this.size = size(length);
        this.real = new double[size];
        this.imaginary = new double[size];
        this.cosines = new double[size / 2];
        this.sines = new double[size / 2];
        for (int i = 0; i < size / 2; i++) {
            cosines[i] = Math.cos(2 * Math.PI * i / size);
            sines[i] = -Math.sin(2 * Math.PI * i / size);
        }
        this.chirpReal = new double[direct ? 0 : length];
        this.chirpImaginary = new double[direct ? 0 : length];
        this.kernelReal = new double[direct ? 0 : size];
        this.kernelImaginary = new double[direct ? 0 : size];
        if (!direct) {
            makeChirp();
        }
    }

    private static boolean isPowerOfTwo(int length) {
        return Integer.bitCount(length) == 1;
    }

    private static int size(int length) {
        return isPowerOfTwo(length) ? length : Integer.highestOneBit(2 * length - 1) << 1;
    }

    /** {@return the bytes that a transform of a length takes} */
    static long bytes(int length) {
        return 7L * Double.BYTES * size(length);
    }

    private void makeChirp() {
        for (int n = 0; n < length; n++) {
            // The angle's period is 2 length: n² itself would lose digits.
            double angle = Math.PI * ((long) n * n % (2L * length)) / length;
            chirpReal[n] = Math.cos(angle);
            chirpImaginary[n] = Math.sin(angle);
            kernelReal[n] = chirpReal[n];
            kernelImaginary[n] = chirpImaginary[n];
            if (n > 0) {
                kernelReal[size - n] = chirpReal[n];
                kernelImaginary[size - n] = chirpImaginary[n];
            }
        }
        transform(kernelReal, kernelImaginary);
    }

    /**
     * Works out the power of each frequency.
     *
     * @param input as many numbers as the transform's length
     * @param power the squared magnitudes of frequencies 0 to length / 2, which are set
     */
    void power(double[] input, double[] power) {
        Arrays.fill(imaginary, 0);
        if (chirpReal.length == 0) {
            System.arraycopy(input, 0, real, 0, length);
            transform(real, imaginary);
        } else {
            convolve(input);
        }
        for (int k = 0; k <= length / 2; k++) {
            power[k] = real[k] * real[k] + imaginary[k] * imaginary[k];
        }
    }

    /**
     * Transforms by a convolution, which gives each frequency but for a factor of magnitude 1: a
     * power does not depend on it.
     */
    private void convolve(double[] input) {
        Arrays.fill(real, 0);
        for (int n = 0; n < length; n++) {
            real[n] = input[n] * chirpReal[n];
            imaginary[n] = -input[n] * chirpImaginary[n];
        }
        transform(real, imaginary);
        for (int k = 0; k < size; k++) {
            double product = real[k] * kernelReal[k] - imaginary[k] * kernelImaginary[k];
            // The conjugate: the inverse transform is that of the conjugate, conjugated.
            imaginary[k] = -(real[k] * kernelImaginary[k] + imaginary[k] * kernelReal[k]);
            real[k] = product;
        }
        transform(real, imaginary);
        for (int k = 0; k < length; k++) {
            real[k] /= size;
            imaginary[k] /= size;
        }
    }

    /** Transforms in place, by radix 2. */
    private void transform(double[] re, double[] im) {
        int shift = Integer.numberOfLeadingZeros(size) + 1;
        for (int i = 0; i < size; i++) {
            int j = size == 1 ? 0 : Integer.reverse(i) >>> shift;
            if (j > i) {
                double swappedReal = re[i];
                re[i] = re[j];
                re[j] = swappedReal;
                double swappedImaginary = im[i];
                im[i] = im[j];
                im[j] = swappedImaginary;
            }
        }
        for (int half = 1; half < size; half *= 2) {
            int stride = size / (2 * half);
            for (int start = 0; start < size; start += 2 * half) {
                for (int k = 0; k < half; k++) {
                    int even = start + k;
                    int odd = even + half;
                    double c = cosines[k * stride];
                    double s = sines[k * stride];
                    double x = re[odd] * c - im[odd] * s;
                    double y = re[odd] * s + im[odd] * c;
                    re[odd] = re[even] - x;
                    im[odd] = im[even] - y;
                    re[even] += x;
                    im[even] += y;
                }
            }
        }
    }
}
