package io.bactrian.preprocess.image;

/** The resizing of images to rows in a tensor, as a library does it. */
public abstract class Resizer {

    private Resizer() {}

    /**
     * {@return the resizing of a library}
     *
     * @param library the library
     * @param resampling one that it {@linkplain ImageLibrary#has has}
     * @param antialias whether TensorFlow's resizing is antialiased
     */
    public static Resizer of(ImageLibrary library, Resampling resampling, boolean antialias) {
        return switch (library) {
            case PILLOW -> new Pillow(resampling);
            case TENSORFLOW -> new TensorFlow(resampling, antialias);
            case OPENCV -> new OpenCv(resampling);
        };
    }

    /** {@return whether the results are not whole numbers} */
    public abstract boolean isFractional();

    /** {@return about the most bytes that {@link #resize} allocates} */
    abstract long workBytes(int fromWidth, int fromHeight, int width, int height);

    /**
     * Resizes an image.
     *
     * @param image the input, which is not closed
     * @param width pixels per row of the result
     * @param height rows of the result
     * @param to takes the rows
     */
    abstract void resize(DecodedImage image, int width, int height, TensorPixels to);

    private static long floatBytes(int fromWidth, int width, int height, int columns, int rows) {
        return Float.BYTES
                        * ((long) columns * width + (long) rows * height + 3L * width * (rows + 1))
                + 3L * fromWidth
                + 8L * (width + height);
    }

    private static final class Pillow extends Resizer {

        private final Resampling filter;

        Pillow(Resampling filter) {
            this.filter = filter;
        }

        @Override
        public boolean isFractional() {
            return false;
        }

        @Override
        long workBytes(int fromWidth, int fromHeight, int width, int height) {
            return ImageResizer.workBytes(fromWidth, fromHeight, 3, width, height, filter);
        }

        @Override
        void resize(DecodedImage image, int width, int height, TensorPixels to) {
            ImageResizer.resize(image, width, height, filter, to.samples(image.channels(), width));
        }
    }

    private static final class TensorFlow extends Resizer {

        private final Resampling resampling;
        private final boolean antialias;

        TensorFlow(Resampling resampling, boolean antialias) {
            this.resampling = resampling;
            this.antialias = antialias;
        }

        @Override
        public boolean isFractional() {
            return resampling != Resampling.NEAREST;
        }

        @Override
        long workBytes(int fromWidth, int fromHeight, int width, int height) {
            return floatBytes(
                    fromWidth,
                    width,
                    height,
                    TensorFlowWeights.stride(fromWidth, width, resampling, antialias),
                    TensorFlowWeights.stride(fromHeight, height, resampling, antialias));
        }

        @Override
        void resize(DecodedImage image, int width, int height, TensorPixels to) {
            FloatResizer.Rows rows =
                    isFractional()
                            ? to.fractions(image.channels(), width)
                            : new RoundedRows(to.samples(image.channels(), width), width * 3);
            FloatResizer.resize(
                    image,
                    TensorFlowWeights.of(image.width(), width, resampling, antialias),
                    TensorFlowWeights.of(image.height(), height, resampling, antialias),
                    rows);
        }
    }

    private static final class OpenCv extends Resizer {

        private final Resampling resampling;

        OpenCv(Resampling resampling) {
            this.resampling = resampling;
        }

        @Override
        public boolean isFractional() {
            return false;
        }

        @Override
        long workBytes(int fromWidth, int fromHeight, int width, int height) {
            return floatBytes(
                    fromWidth,
                    width,
                    height,
                    OpenCvWeights.stride(fromWidth, width, resampling),
                    OpenCvWeights.stride(fromHeight, height, resampling));
        }

        @Override
        void resize(DecodedImage image, int width, int height, TensorPixels to) {
            ImageResizer.Rows rows = to.samples(image.channels(), width);
            if (image.width() == width && image.height() == height) {
                ImageResizer.copy(image, rows);
                return;
            }
            boolean shrinks = width <= image.width() && height <= image.height();
            FloatResizer.resize(
                    image,
                    OpenCvWeights.of(image.width(), width, resampling, shrinks),
                    OpenCvWeights.of(image.height(), height, resampling, shrinks),
                    new RoundedRows(rows, width * 3));
        }
    }

    /** Rows that are rounded to samples of 8 bits. */
    private static final class RoundedRows implements FloatResizer.Rows {

        private final ImageResizer.Rows to;
        private final int[] rounded;

        RoundedRows(ImageResizer.Rows to, int length) {
            this.to = to;
            this.rounded = new int[length];
        }

        @Override
        public void row(int y, float[] samples) {
            for (int i = 0; i < samples.length; i++) {
                rounded[i] = (int) Math.rint(Math.min(Math.max(samples[i], 0), 255));
            }
            to.row(y, rounded);
        }
    }
}
