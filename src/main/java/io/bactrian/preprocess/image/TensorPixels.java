package io.bactrian.preprocess.image;

import static java.util.Objects.requireNonNull;

import java.nio.ByteBuffer;

/** The place of one image in a tensor, which takes the image's rows. */
final class TensorPixels {

    private final ByteBuffer memory;
    private final ImagePlan plan;
    private final ImageScaling.Placement placement;
    private final Runnable check;

    /**
     * Creates the place.
     *
     * @param memory the native memory of one image
     * @param plan how images become tensors
     * @param placement where the image goes
     * @param check called before each row is written; throws if there is no time left
     */
    TensorPixels(
            ByteBuffer memory, ImagePlan plan, ImageScaling.Placement placement, Runnable check) {
        this.memory = memory;
        this.plan = plan;
        this.placement = placement;
        this.check = check;
    }

    /**
     * {@return what takes the image's rows of samples of 8 bits}
     *
     * @param channels samples per pixel of the rows
     * @param width pixels per row
     */
    ImageResizer.Rows samples(int channels, int width) {
        ImageResizer.Rows rows = samples(channels, layout(width));
        return (y, samples) -> {
            check.run();
            rows.row(y, samples);
        };
    }

    /**
     * {@return what takes the image's rows of samples that are not whole numbers}
     *
     * @param channels samples per pixel of the rows
     * @param width pixels per row
     */
    FloatResizer.Rows fractions(int channels, int width) {
        FloatResizer.Rows rows = fractions(channels, layout(width));
        return (y, samples) -> {
            check.run();
            rows.row(y, samples);
        };
    }

    /** Writes the color that is around the image to all of its place. */
    void fill() {
        int[] color = plan.padColor();
        PixelLayout whole =
                new PixelLayout(placement.width(), placement.height(), plan.order(), plan.layout());
        int[] row = new int[whole.width() * color.length];
        float[] fractions = new float[row.length];
        for (int i = 0; i < row.length; i++) {
            row[i] = color[i % color.length];
            fractions[i] = row[i];
        }
        if (plan.table() == null) {
            FloatResizer.Rows rows = fractions(color.length, whole);
            for (int y = 0; y < whole.height(); y++) {
                rows.row(y, fractions);
            }
        } else {
            ImageResizer.Rows rows = samples(color.length, whole);
            for (int y = 0; y < whole.height(); y++) {
                rows.row(y, row);
            }
        }
    }

    private PixelLayout layout(int rowWidth) {
        return new PixelLayout(
                placement.width(),
                placement.height(),
                plan.order(),
                plan.layout(),
                placement.left(),
                placement.top(),
                rowWidth);
    }

    private ImageResizer.Rows samples(int channels, PixelLayout layout) {
        return TensorPixelWriter.of(memory, requireNonNull(plan.table()), layout, channels);
    }

    private FloatResizer.Rows fractions(int channels, PixelLayout layout) {
        return new FractionPixelWriter(memory, plan.normalization(), layout, channels);
    }
}
