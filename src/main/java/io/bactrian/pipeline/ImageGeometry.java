package io.bactrian.pipeline;

import java.util.List;
import org.apache.camel.Exchange;

/**
 * Where an image of a request is in the model's input: it is scaled, and its left upper corner is
 * at an offset, as after padding.
 *
 * @param originalWidth the width of the image as it was sent, in pixels
 * @param originalHeight its height
 * @param inputWidth the width of the model's input, in pixels
 * @param inputHeight its height
 * @param scaleX pixels of the input per pixel of the image, in a row
 * @param scaleY the same in a column
 * @param offsetX the image's left edge in the input, in pixels; negative if a part is cropped
 * @param offsetY its upper edge
 */
public record ImageGeometry(
        int originalWidth,
        int originalHeight,
        int inputWidth,
        int inputHeight,
        double scaleX,
        double scaleY,
        double offsetX,
        double offsetY) {

    /**
     * {@return that of an image which is resized to the whole input}
     *
     * @param originalWidth the width of the image as it was sent, in pixels
     * @param originalHeight its height
     * @param inputWidth the width of the model's input, in pixels
     * @param inputHeight its height
     */
    public static ImageGeometry stretched(
            int originalWidth, int originalHeight, int inputWidth, int inputHeight) {
        return new ImageGeometry(
                originalWidth,
                originalHeight,
                inputWidth,
                inputHeight,
                (double) inputWidth / originalWidth,
                (double) inputHeight / originalHeight,
                0,
                0);
    }

    /**
     * {@return where a part of a larger image is that has this geometry, in relation to the larger
     * one}
     *
     * @param left the part's left edge in the larger image, in pixels
     * @param top its upper edge
     * @param width the larger image's width, in pixels
     * @param height its height
     */
    public ImageGeometry ofPart(int left, int top, int width, int height) {
        return new ImageGeometry(
                width,
                height,
                inputWidth,
                inputHeight,
                scaleX,
                scaleY,
                offsetX - left * scaleX,
                offsetY - top * scaleY);
    }

    /**
     * {@return where a position in the input's rows is in the image's, in pixels}
     *
     * @param inputX pixels from the input's left edge
     */
    public double originalX(double inputX) {
        return (inputX - offsetX) / scaleX;
    }

    /**
     * {@return where a position in the input's columns is in the image's, in pixels}
     *
     * @param inputY pixels from the input's upper edge
     */
    public double originalY(double inputY) {
        return (inputY - offsetY) / scaleY;
    }

    /**
     * Keeps those of a request's images.
     *
     * @param exchange the exchange of the request
     * @param images one for each image, in the order in which the model is given them
     */
    public static void keep(Exchange exchange, List<ImageGeometry> images) {
        exchange.setProperty(PipelineConstants.IMAGES, List.copyOf(images));
    }

    /**
     * {@return those of a request's images, in the order in which the model was given them; empty
     * if no step before has kept any}
     *
     * @param exchange the exchange of the request
     */
    @SuppressWarnings("unchecked")
    public static List<ImageGeometry> of(Exchange exchange) {
        List<ImageGeometry> images = exchange.getProperty(PipelineConstants.IMAGES, List.class);
        return images == null ? List.of() : images;
    }

    /**
     * {@return those of a request's images}
     *
     * @param exchange the exchange of the request
     * @param images how many the model gave an answer to
     * @throws PipelineFaultException if the steps before have kept those of another number
     */
    public static List<ImageGeometry> of(Exchange exchange, int images) {
        List<ImageGeometry> kept = of(exchange);
        if (kept.size() != images) {
            throw new PipelineFaultException(
                    "the steps before kept the sizes of "
                            + kept.size()
                            + " images, and the model gave the answers to "
                            + images
                            + ": positions in the images that were sent can't be told");
        }
        return kept;
    }
}
