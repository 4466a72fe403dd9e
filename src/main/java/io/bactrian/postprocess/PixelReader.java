package io.bactrian.postprocess;

import io.bactrian.pipeline.PipelineFaultException;
import io.bactrian.postprocess.image.PixelRounding;
import io.bactrian.postprocess.image.RasterImage;
import io.bactrian.preprocess.image.ChannelOrder;
import io.bactrian.preprocess.image.ImageLayout;
import io.bactrian.tensor.DType;
import io.bactrian.tensor.NumericElements;
import org.jspecify.annotations.Nullable;
import org.tensorflow.ndarray.Shape;

/**
 * The reader of images in a model's output.
 *
 * @param layout the order of the dimensions
 * @param order the order of the colors
 * @param range the numbers of black and white; null for 0 and 1 in floating point, else 0 and 255
 * @param rounding how the samples become whole numbers
 */
record PixelReader(
        ImageLayout layout, ChannelOrder order, @Nullable Range range, PixelRounding rounding) {

    private static final int MAX_SAMPLE = 255;
    private static final int RANK = 4;

    /**
     * By how much a model's numbers may be outside of a range that was guessed. More is a sign of
     * another range, by which the image would be right.
     */
    private static final float TOLERANCE = 0.5f;

    /** The numbers of black and white. */
    record Range(double black, double white) {}

    /** How many images there are, and their size; {@link Shape#UNKNOWN_SIZE} if it is not known. */
    record Size(long images, long width, long height, long channels) {}

    /**
     * {@return the size of the images in a tensor}
     *
     * @param shape of 4 dimensions, or of 3 for one image
     * @param described the tensor, for the error
     * @throws PipelineFaultException if it has no images of 1 or 3 channels
     */
    Size size(Shape shape, String described) {
        int first = shape.numDimensions() - (RANK - 1);
        if (first == 0 || first == 1) {
            int depth = layout == ImageLayout.NCHW ? first : first + 2;
            int rows = layout == ImageLayout.NCHW ? first + 1 : first;
            long channels = shape.get(depth);
            if (channels == 1 || channels == RasterImage.RGB || channels == Shape.UNKNOWN_SIZE) {
                return new Size(
                        first == 0 ? 1 : shape.get(0),
                        shape.get(rows + 1),
                        shape.get(rows),
                        channels);
            }
        }
        throw new PipelineFaultException(
                "expected images of shape "
                        + (layout == ImageLayout.NCHW
                                ? "[images, channels, height, width]"
                                : "[images, height, width, channels]")
                        + ", with 1 or 3 channels, but "
                        + described);
    }

    /**
     * {@return an image}
     *
     * @param output the output, with a shape that {@link #size} takes
     * @param index the image's index
     * @param eachRow called at each row, to end at a deadline
     * @throws PipelineFaultException if the numbers are none of pixels
     */
    RasterImage read(ModelOutput output, int index, Runnable eachRow) {
        Size size = size(output.shape(), output.toString());
        int width = (int) size.width();
        int height = (int) size.height();
        int channels = (int) size.channels();
        RasterImage image = new RasterImage(width, height, channels);
        Scale scale = new Scale(output);
        int plane = width * height;
        int from = index * plane * channels;
        int to = 0;
        for (int y = 0; y < height; y++) {
            eachRow.run();
            for (int x = 0; x < width; x++) {
                int pixel = y * width + x;
                for (int c = 0; c < channels; c++) {
                    int source = order == ChannelOrder.BGR ? channels - 1 - c : c;
                    int at =
                            layout == ImageLayout.NCHW
                                    ? source * plane + pixel
                                    : pixel * channels + source;
                    image.samples()[to++] = scale.sample(from + at);
                }
            }
        }
        return image;
    }

    /** Makes samples of numbers, in float32 unless they are float64, as NumPy does. */
    private final class Scale {

        private final ModelOutput output;
        private final NumericElements numbers;
        private final boolean isDouble;
        private final double black;
        private final double factor;

        Scale(ModelOutput output) {
            this.output = output;
            numbers = output.numbers();
            isDouble = numbers.dtype() == DType.FLOAT64;
            Range found =
                    range != null
                            ? range
                            : new Range(0, numbers.dtype().isFloatingPoint() ? 1 : MAX_SAMPLE);
            black = found.black();
            factor = MAX_SAMPLE / (found.white() - found.black());
        }

        byte sample(int index) {
            double number = numbers.get(index);
            double level =
                    isDouble
                            ? (number - black) * factor
                            : ((float) number - (float) black) * (float) factor;
            if (Double.isNaN(level) || (range == null && isOutside(level))) {
                throw wrong(number);
            }
            double whole = rounding == PixelRounding.DOWN ? level : Math.rint(level);
            return (byte) (int) Math.max(0, Math.min(MAX_SAMPLE, whole));
        }

        private boolean isOutside(double level) {
            return level < -TOLERANCE * MAX_SAMPLE || level > (1 + TOLERANCE) * MAX_SAMPLE;
        }

        private PipelineFaultException wrong(double number) {
            return new PipelineFaultException(
                    "the model gave "
                            + number
                            + " for a pixel"
                            + (Double.isNaN(number)
                                    ? ""
                                    : ", expected numbers from 0 to "
                                            + (numbers.dtype().isFloatingPoint() ? 1 : MAX_SAMPLE)
                                            + ": set range to those of black and white, such as"
                                            + " -1, 1 or 0, 255")
                            + "; "
                            + output);
        }
    }
}
