package io.bactrian.preprocess;

import io.bactrian.limit.DeadlineExceededException;
import io.bactrian.limit.InsufficientMemoryException;
import io.bactrian.limit.OverloadedException;
import io.bactrian.pipeline.ExchangeDeadline;
import io.bactrian.pipeline.ItemErrors;
import io.bactrian.pipeline.PipelineConstants;
import io.bactrian.pipeline.PipelineFaultException;
import io.bactrian.pipeline.RequestItems;
import io.bactrian.tensor.BadInputException;
import org.apache.camel.Exchange;
import org.apache.camel.spi.Metadata;
import org.tensorflow.types.family.TType;

/**
 * The preprocessor of encoded images: it makes the tensor that Python makes by decoding with
 * Pillow, resizing with Pillow, TensorFlow or OpenCV, and {@code (pixel * scale - mean) / std} of
 * numpy.
 *
 * <p>Body in: the bytes of a JPEG, PNG, GIF (first frame), BMP, TIFF (first page) or WebP file, as
 * {@code byte[]}, {@link java.nio.ByteBuffer}, {@code InputStream} or anything else that Camel
 * converts to bytes; or base64 in a text or a field of JSON, a form with files, or a feature of
 * {@code tf.train.Example}s. Body out: one tensor [images, height, width, channels]. The exchange
 * property {@link PipelineConstants#IMAGES} keeps where each image is in it for later steps.
 */
@Metadata(
        label = "bean",
        description =
                "Decodes JPEG, PNG, GIF, BMP, TIFF or WebP images, of one or several in a request,"
                        + " resizes them and makes a tensor of their pixels, as Pillow,"
                        + " tf.image.resize or OpenCV, and numpy do.",
        annotations = {"interfaceName=org.apache.camel.Processor"})
public final class ImagePreprocessor extends PixelsPreprocessor {

    @Metadata(
            description =
                    "The field of a JSON object or of a form that has the image in base64, or a list"
                            + " of them, or the feature of tf.train.Examples, such as"
                            + " image/encoded. Empty: the JSON itself is")
    private String field = "image";

    @Metadata(description = "The most images that a request may have")
    private int maxImages = 100;

    @Metadata(
            description =
                    "What an image that is wrong does to a request that is a list: FAIL it, or ANSWER"
                            + " it by {\"error\": \"…\"} in its place, and the other images as"
                            + " ever")
    private ItemErrors itemErrors = ItemErrors.FAIL;

    @Metadata(
            description =
                    "Whether the images are kept, so that steps after the model can draw on them where"
                            + " the request accepts an image, or cut boxes out of them"
                            + " (CropsPreprocessor)")
    private boolean keepImages;

    /** {@return the field of a JSON object or a form that has the image, or images} */
    public String getField() {
        return field;
    }

    /**
     * Sets the field of a JSON object or a form that has the image, or images.
     *
     * @param field {@code image} by default; empty if the JSON itself is the image's base64
     */
    public void setField(String field) {
        this.field = field;
    }

    /** {@return the most images that a request may have} */
    public int getMaxImages() {
        return maxImages;
    }

    /**
     * Sets the most images that a request may have.
     *
     * @param maxImages 100 by default
     * @throws PipelineFaultException below 1
     */
    public void setMaxImages(int maxImages) {
        if (maxImages < 1) {
            throw PipelineFaultException.property("maxImages", "1 or more", maxImages);
        }
        this.maxImages = maxImages;
    }

    /** {@return what an image that is wrong does to a request that is a list} */
    public ItemErrors getItemErrors() {
        return itemErrors;
    }

    /**
     * Sets what an image that is wrong does to a request that is a list.
     *
     * @param itemErrors {@link ItemErrors#FAIL} by default
     */
    public void setItemErrors(ItemErrors itemErrors) {
        this.itemErrors = itemErrors;
    }

    /** {@return whether the images are kept for steps after the model} */
    public boolean isKeepImages() {
        return keepImages;
    }

    /**
     * Sets whether the images are kept in the exchange property {@link
     * PipelineConstants#KEPT_IMAGES}, so that steps after the model can draw on them or, as a
     * {@link CropsPreprocessor} does, cut boxes out of them.
     *
     * @param keepImages false by default
     */
    public void setKeepImages(boolean keepImages) {
        this.keepImages = keepImages;
    }

    /**
     * {@inheritDoc} What decoding takes by the files' headers is reserved first.
     *
     * @throws BadInputException if the body has no image that can be decoded
     * @throws DeadlineExceededException if the exchange's {@link PipelineConstants#DEADLINE} passed
     * @throws OverloadedException if other requests hold too much of the memory now
     * @throws InsufficientMemoryException if the images take more memory than there is
     */
    @Override
    protected TType tensor(Exchange exchange) {
        RequestFiles.Place place = new RequestFiles.Place(field, maxImages, "image");
        try (RequestFiles files = RequestFiles.read(exchange, place)) {
            RequestItems.setList(exchange, files.list());
            RequestImages images = new RequestImages(files, plan(), getMaxPixels(), itemErrors);
            return reserving(
                    exchange,
                    "decoding " + images,
                    images.bytes(),
                    () -> images.tensor(exchange, ExchangeDeadline.of(exchange), keepImages));
        }
    }
}
