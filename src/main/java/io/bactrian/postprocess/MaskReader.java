package io.bactrian.postprocess;

import io.bactrian.pipeline.PipelineFaultException;
import io.bactrian.postprocess.mask.ClassMap;
import io.bactrian.preprocess.image.ImageLayout;
import io.bactrian.tensor.DType;
import io.bactrian.tensor.NumericElements;
import org.jspecify.annotations.Nullable;
import org.tensorflow.ndarray.Shape;

/**
 * The reader of an output with scores or a class for each pixel: scores {@code [images, height,
 * width, channels]} or, with the channels before the height, in the layout NCHW; one score, or one
 * integer that is the class, {@code [images, height, width]}.
 *
 * <p>Of several channels a pixel's class is that with the highest score, the first of equal ones;
 * of one it is 1 where the score reaches the threshold, else 0.
 */
final class MaskReader {

    /** The threshold of a single score. */
    private static final double DEFAULT_THRESHOLD = 0.5;

    private static final int PIXEL_RANK = 3;

    private final ImageLayout layout;
    private final Activation activation;
    private final @Nullable Double threshold;

    /**
     * @param layout the order of the dimensions
     * @param activation what makes the scores that the threshold is for
     * @param threshold the least score of a pixel's class, below which it is 0; null for none, or
     *     0.5 of a single score
     */
    MaskReader(ImageLayout layout, Activation activation, @Nullable Double threshold) {
        this.layout = layout;
        this.activation = activation;
        this.threshold = threshold;
    }

    /**
     * What a shape means.
     *
     * @param images the number of images
     * @param height rows
     * @param width pixels in a row
     * @param channels scores of a pixel
     */
    record Size(long images, long height, long width, long channels) {}

    /**
     * {@return what a shape means; -1 is any size}
     *
     * @param described the output, for the error
     * @throws PipelineFaultException if it is no shape of masks
     */
    Size size(Shape shape, String described) {
        int rank = shape.numDimensions();
        if (rank == PIXEL_RANK) {
            return new Size(shape.get(0), shape.get(1), shape.get(2), 1);
        }
        if (rank != PIXEL_RANK + 1) {
            throw new PipelineFaultException(
                    "expected scores of pixels, of shape "
                            + (layout == ImageLayout.NCHW
                                    ? "[images, channels, height, width]"
                                    : "[images, height, width, channels]")
                            + " or [images, height, width], but "
                            + described);
        }
        Size size =
                layout == ImageLayout.NCHW
                        ? new Size(shape.get(0), shape.get(2), shape.get(3), shape.get(1))
                        : new Size(shape.get(0), shape.get(1), shape.get(2), shape.get(3));
        if (size.channels() > ClassMap.MAX_CLASSES) {
            throw new PipelineFaultException(
                    described
                            + ": "
                            + size.channels()
                            + " channels in the layout "
                            + layout
                            + ", the most are "
                            + ClassMap.MAX_CLASSES
                            + "; set layout if they are in another dimension");
        }
        return size;
    }

    /**
     * {@return the mask of an image}
     *
     * @param output the model's output
     * @param image the image's index in it
     * @param deadline called at each row
     * @throws PipelineFaultException if a class is not from 0 to 255, or a score NaN where there is
     *     a threshold
     */
    ClassMap read(ModelOutput output, int image, Runnable deadline) {
        Size size = size(output.shape(), output.toString());
        int width = (int) size.width();
        int height = (int) size.height();
        int channels = (int) size.channels();
        NumericElements numbers = output.numbers();
        int plane = width * height;
        int first = image * plane * channels;
        byte[] pixels = new byte[plane];
        // The distance of a pixel's scores, and of neighboring pixels' scores.
        int step = layout == ImageLayout.NCHW ? plane : 1;
        int next = layout == ImageLayout.NCHW ? 1 : channels;
        boolean classes = channels == 1 && !numbers.dtype().isFloatingPoint();
        for (int i = 0; i < plane; i++) {
            if (i % width == 0) {
                deadline.run();
            }
            int at = first + i * next;
            pixels[i] =
                    (byte)
                            (classes
                                    ? classId(output, numbers.getLong(at))
                                    : channels == 1
                                            ? (passes(numbers, at, 1, 1, 0) ? 1 : 0)
                                            : best(numbers, at, channels, step));
        }
        return new ClassMap(width, height, pixels);
    }

    private static long classId(ModelOutput output, long classId) {
        if (classId < 0 || classId >= ClassMap.MAX_CLASSES) {
            throw new PipelineFaultException(
                    output + " with " + classId + ", expected classes from 0 to 255");
        }
        return classId;
    }

    private int best(NumericElements numbers, int at, int channels, int step) {
        int best = numbers.argMax(at, channels, step);
        return threshold == null || passes(numbers, at, channels, step, best) ? best : 0;
    }

    private boolean passes(NumericElements numbers, int at, int channels, int step, int classId) {
        double value = numbers.get(at + classId * step);
        double score =
                switch (activation) {
                    case NONE -> value;
                    case SIGMOID -> 1 / (1 + Math.exp(-value));
                    case SOFTMAX -> softmax(numbers, at, channels, step, value);
                };
        // As float32, in which thresholds like 0.9 are compared by NumPy.
        Number exact = numbers.dtype() == DType.FLOAT64 ? (Number) score : (Number) (float) score;
        return Thresholds.passes(exact, threshold == null ? DEFAULT_THRESHOLD : threshold, false);
    }

    /** {@return the softmax of the highest of a pixel's logits} */
    private static double softmax(
            NumericElements numbers, int at, int channels, int step, double highest) {
        double sum = 0;
        for (int i = 0; i < channels; i++) {
            sum += Math.exp(numbers.get(at + i * step) - highest);
        }
        return 1 / sum;
    }
}
