package io.bactrian.preprocess.image;

import io.bactrian.limit.Deadline;
import io.bactrian.pipeline.PixelRange;
import io.bactrian.tensor.BadInputException;
import org.jspecify.annotations.Nullable;
import org.tensorflow.ndarray.Shape;

/** How images become the rows of a tensor. */
public final class ImagePlan {

    private final ImageScaling scaling;
    private final Resizer resizer;
    private final int[] padColor;
    private final Normalization normalization;
    private final @Nullable NormalizationTable table;
    private final ChannelOrder order;
    private final ImageLayout layout;
    private final boolean upright;
    private final boolean rotateTall;

    /**
     * Creates a plan.
     *
     * @param scaling how images are placed
     * @param resizer how they are resized
     * @param padColor the color around them, 0 to 255: gray, or red, green and blue
     * @param normalization what becomes of a sample, of as many channels
     * @param order the order of the channels
     * @param layout the order of the dimensions
     * @param upright whether the EXIF orientation is applied
     * @param rotateTall whether an image taller than wide is turned by 90° clockwise
     * @throws IllegalArgumentException if the dtype is an integer type and a value is not an
     *     integer in its range
     */
    public ImagePlan(
            ImageScaling scaling,
            Resizer resizer,
            int[] padColor,
            Normalization normalization,
            ChannelOrder order,
            ImageLayout layout,
            boolean upright,
            boolean rotateTall) {
        this.scaling = scaling;
        this.resizer = resizer;
        this.padColor = padColor.clone();
        this.normalization = normalization;
        this.table = resizer.isFractional() ? null : NormalizationTable.of(normalization);
        this.order = order;
        this.layout = layout;
        this.upright = upright;
        this.rotateTall = rotateTall;
    }

    ImageScaling scaling() {
        return scaling;
    }

    Resizer resizer() {
        return resizer;
    }

    int[] padColor() {
        return padColor;
    }

    Normalization normalization() {
        return normalization;
    }

    /** {@return the values of samples; null if they are not whole numbers} */
    @Nullable NormalizationTable table() {
        return table;
    }

    ChannelOrder order() {
        return order;
    }

    ImageLayout layout() {
        return layout;
    }

    /**
     * {@return the shape of the tensor of images of a size}
     *
     * @param images how many
     * @param width pixels per row in the tensor
     * @param height rows in the tensor
     */
    public Shape shape(int images, int width, int height) {
        int channels = normalization.channels();
        return layout == ImageLayout.NCHW
                ? Shape.of(images, channels, height, width)
                : Shape.of(images, height, width, channels);
    }

    /** {@return the shape that the tensor of one image has; unknown if it depends on the image} */
    public Shape fixedShape() {
        return scaling.fit().isFixedSize()
                ? shape(1, scaling.width(), scaling.height())
                : Shape.unknown();
    }

    /** {@return the range of the samples in the tensor; null for a quantized model} */
    public @Nullable PixelRange pixelRange() {
        return normalization.pixelRange();
    }

    /**
     * {@return the bytes that an image takes in the tensor}
     *
     * @param file the image
     * @throws BadInputException if it takes more than a tensor may have
     */
    public long tensorBytes(EncodedImage file) {
        long pixels =
                scaling.fit() == ImageFit.NONE
                        ? (long) file.width() * file.height()
                        : (long) scaling.width() * scaling.height();
        long bytes = pixels * normalization.channels() * normalization.dtype().byteSize();
        if (bytes > Integer.MAX_VALUE) {
            throw new BadInputException(
                    file + " makes a tensor of " + bytes + " bytes: 2 GiB is the limit");
        }
        return bytes;
    }

    /**
     * {@return about the most bytes that are allocated while an image is decoded and resized}
     *
     * @param file the image
     * @throws BadInputException if its sides differ so much that it can't be resized
     */
    public long workBytes(EncodedImage file) {
        long decoding = decodingBytes(file);
        long resizing = workBytes(file.width(), file.height());
        // The image's sides may be swapped.
        return upright || rotateTall
                ? decoding + Math.max(resizing, workBytes(file.height(), file.width()))
                : decoding + resizing;
    }

    long decodingBytes(EncodedImage file) {
        long decoding = file.decodingBytes(upright);
        return rotateTall ? decoding + 3L * file.width() * file.height() : decoding;
    }

    private long workBytes(int width, int height) {
        if (scaling.fit() == ImageFit.NONE) {
            return 0;
        }
        ImageScaling.Placement placement = scaling.place(width, height);
        return resizer.workBytes(
                placement.part().width(),
                placement.part().height(),
                placement.resizedWidth(),
                placement.resizedHeight());
    }

    /**
     * {@return the decoded image, turned and in as many channels as the plan says}
     *
     * @param file the image
     * @param deadline checked between steps of the work
     */
    DecodedImage decode(EncodedImage file, Deadline deadline) {
        return inChannels(decodeInColor(file, deadline));
    }

    /**
     * {@return a part of an image, turned and in as many channels as the plan says}
     *
     * @param part closed with the result, or before
     */
    DecodedImage prepared(DecodedImage part) {
        return inChannels(turned(part));
    }

    private DecodedImage inChannels(DecodedImage image) {
        return normalization.channels() == 1 ? GrayscaleImage.of(image) : image;
    }

    private DecodedImage turned(DecodedImage image) {
        return rotateTall && image.height() > image.width()
                ? Orientation.upright(image, Orientation.CLOCKWISE)
                : image;
    }

    /** {@return the decoded image, turned as the plan says} */
    DecodedImage decodeInColor(EncodedImage file, Deadline deadline) {
        return turned(ImageDecoder.decode(file, upright, deadline));
    }
}
