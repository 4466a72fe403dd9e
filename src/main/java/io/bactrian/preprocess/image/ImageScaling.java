package io.bactrian.preprocess.image;

import io.bactrian.pipeline.ImageGeometry;
import io.bactrian.tensor.BadInputException;
import org.jspecify.annotations.Nullable;

/**
 * How images of any size are placed in tensors.
 *
 * @param width the tensor's pixels per row, where the fit fixes its size
 * @param height the tensor's rows, where the fit fixes its size
 * @param fit what becomes of other proportions
 * @param shortestSide the pixels that the shorter side is resized to before the middle is cropped;
 *     null to crop before resizing
 * @param rounding how a side that keeps its proportions becomes a whole number
 * @param position where an image is that is smaller than the tensor
 * @param library the library whose arithmetic decides by how much
 */
public record ImageScaling(
        int width,
        int height,
        ImageFit fit,
        @Nullable Integer shortestSide,
        SizeRounding rounding,
        PadPosition position,
        ImageLibrary library) {

    /**
     * Where an image's pixels go: a part of it is resized, and the result is at an offset in the
     * tensor, which may be smaller or larger.
     *
     * @param part the part of the image
     * @param resizedWidth the pixels per row that the part is resized to
     * @param resizedHeight the rows that the part is resized to
     * @param left the column of the tensor where the result begins, negative if it is cropped
     * @param top the row of the tensor where the result begins, negative if it is cropped
     * @param width the tensor's pixels per row
     * @param height the tensor's rows
     * @param geometry the same for who reads positions in the tensor
     */
    record Placement(
            Part part,
            int resizedWidth,
            int resizedHeight,
            int left,
            int top,
            int width,
            int height,
            ImageGeometry geometry) {

        /** {@return whether the image is all over the tensor} */
        boolean isFilling() {
            return left <= 0
                    && top <= 0
                    && left + resizedWidth >= width
                    && top + resizedHeight >= height;
        }
    }

    /**
     * A rectangle of an image, in pixels.
     *
     * @param x its left edge
     * @param y its upper edge
     * @param width its columns, at least 1
     * @param height its rows, at least 1
     */
    public record Part(int x, int y, int width, int height) {

        /** {@return what of this is in an image, at least one pixel} */
        Part inside(int imageWidth, int imageHeight) {
            int left = Math.min(Math.max(x, 0), imageWidth - 1);
            int top = Math.min(Math.max(y, 0), imageHeight - 1);
            long right = Math.min((long) x + width, imageWidth);
            long bottom = Math.min((long) y + height, imageHeight);
            return new Part(
                    left, top, (int) Math.max(1, right - left), (int) Math.max(1, bottom - top));
        }
    }

    /**
     * {@return where an image of a size goes}
     *
     * @throws BadInputException if its sides differ so much that it would be too large in between
     */
    Placement place(int imageWidth, int imageHeight) {
        Part whole = new Part(0, 0, imageWidth, imageHeight);
        return switch (fit) {
            case STRETCH -> placed(whole, imageWidth, imageHeight, width, height);
            case NONE -> placed(whole, imageWidth, imageHeight, imageWidth, imageHeight);
            case CROP ->
                    shortestSide == null
                            ? placed(
                                    middle(imageWidth, imageHeight),
                                    imageWidth,
                                    imageHeight,
                                    width,
                                    height)
                            : cropped(imageWidth, imageHeight, shortestSide);
            case INSIDE -> inside(imageWidth, imageHeight);
            case PAD -> padded(imageWidth, imageHeight);
        };
    }

    private static Placement placed(
            Part part, int imageWidth, int imageHeight, int width, int height) {
        double scaleX = (double) width / part.width();
        double scaleY = (double) height / part.height();
        return new Placement(
                part,
                width,
                height,
                0,
                0,
                width,
                height,
                new ImageGeometry(
                        imageWidth,
                        imageHeight,
                        width,
                        height,
                        scaleX,
                        scaleY,
                        -part.x() * scaleX,
                        -part.y() * scaleY));
    }

    /** {@return the part that Keras' smart_resize keeps} */
    private Part middle(int imageWidth, int imageHeight) {
        int partHeight =
                Math.min(imageHeight, Math.max(1, (int) ((double) imageWidth * height / width)));
        int partWidth =
                Math.min(imageWidth, Math.max(1, (int) ((double) imageHeight * width / height)));
        return new Part(
                (imageWidth - partWidth) / 2,
                (imageHeight - partHeight) / 2,
                partWidth,
                partHeight);
    }

    /** As torchvision's {@code Resize(shortest)} and {@code CenterCrop((height, width))}. */
    private Placement cropped(int imageWidth, int imageHeight, int shortest) {
        int shorter = Math.min(imageWidth, imageHeight);
        int longer = (int) ((double) shortest * Math.max(imageWidth, imageHeight) / shorter);
        boolean wide = imageWidth > imageHeight;
        int resizedWidth = wide ? longer : shortest;
        int resizedHeight = wide ? shortest : longer;
        if (longer > ImageDecoder.MAX_SIDE) {
            throw new BadInputException(
                    imageWidth
                            + "x"
                            + imageHeight
                            + " pixels are "
                            + resizedWidth
                            + "x"
                            + resizedHeight
                            + " once the shorter side is resized: a side may have "
                            + ImageDecoder.MAX_SIDE
                            + " at most");
        }
        int left = -(int) Math.rint((resizedWidth - width) / 2.0);
        int top = -(int) Math.rint((resizedHeight - height) / 2.0);
        return offset(
                imageWidth,
                imageHeight,
                resizedWidth,
                resizedHeight,
                left,
                top,
                (double) resizedWidth / imageWidth,
                (double) resizedHeight / imageHeight);
    }

    private Placement inside(int imageWidth, int imageHeight) {
        double scale = scale(imageWidth, imageHeight);
        return placed(
                new Part(0, 0, imageWidth, imageHeight),
                imageWidth,
                imageHeight,
                Math.min(width, rounding.round(imageWidth * scale)),
                Math.min(height, rounding.round(imageHeight * scale)));
    }

    private double scale(int imageWidth, int imageHeight) {
        return Math.min((double) width / imageWidth, (double) height / imageHeight);
    }

    private Placement padded(int imageWidth, int imageHeight) {
        double scale = scale(imageWidth, imageHeight);
        double exactWidth = imageWidth * scale;
        double exactHeight = imageHeight * scale;
        boolean tensorFlow = library == ImageLibrary.TENSORFLOW && rounding == SizeRounding.DOWN;
        boolean pillow = library == ImageLibrary.PILLOW && rounding == SizeRounding.NEAREST;
        if (tensorFlow) {
            // tf.image.resize_with_pad computes in float32.
            float ratio = Math.max((float) imageWidth / width, (float) imageHeight / height);
            exactWidth = imageWidth / ratio;
            exactHeight = imageHeight / ratio;
        } else if (pillow) {
            // ImageOps.pad multiplies by the ratio of the sides.
            boolean wide = (double) imageWidth / imageHeight > (double) width / height;
            exactWidth = wide ? width : (double) imageWidth / imageHeight * height;
            exactHeight = wide ? (double) imageHeight / imageWidth * width : height;
        }
        int resizedWidth = Math.min(width, rounding.round(exactWidth));
        int resizedHeight = Math.min(height, rounding.round(exactHeight));
        int left = 0;
        int top = 0;
        if (position == PadPosition.CENTER) {
            if (tensorFlow) {
                left = (int) Math.max(0, Math.floor((width - (float) exactWidth) / 2));
                top = (int) Math.max(0, Math.floor((height - (float) exactHeight) / 2));
            } else if (pillow) {
                left = (int) Math.rint((width - resizedWidth) * 0.5);
                top = (int) Math.rint((height - resizedHeight) * 0.5);
            } else {
                left = (width - resizedWidth) / 2;
                top = (height - resizedHeight) / 2;
            }
        }
        return offset(
                imageWidth, imageHeight, resizedWidth, resizedHeight, left, top, scale, scale);
    }

    private Placement offset(
            int imageWidth,
            int imageHeight,
            int resizedWidth,
            int resizedHeight,
            int left,
            int top,
            double scaleX,
            double scaleY) {
        return new Placement(
                new Part(0, 0, imageWidth, imageHeight),
                resizedWidth,
                resizedHeight,
                left,
                top,
                width,
                height,
                new ImageGeometry(
                        imageWidth, imageHeight, width, height, scaleX, scaleY, left, top));
    }
}
