package io.bactrian.preprocess;

import io.bactrian.limit.Deadline;
import io.bactrian.pipeline.ExchangeMemory;
import io.bactrian.pipeline.ImageGeometry;
import io.bactrian.pipeline.ItemErrors;
import io.bactrian.pipeline.PipelineConstants;
import io.bactrian.pipeline.RejectedItems;
import io.bactrian.preprocess.image.EncodedImage;
import io.bactrian.preprocess.image.ImageBatch;
import io.bactrian.preprocess.image.ImageDecoder;
import io.bactrian.preprocess.image.ImagePlan;
import io.bactrian.preprocess.image.KeptImage;
import io.bactrian.tensor.BadInputException;
import java.util.ArrayList;
import java.util.List;
import org.apache.camel.Exchange;
import org.jspecify.annotations.Nullable;
import org.tensorflow.types.family.TType;

/**
 * The images of a request. Those of a list that are wrong are rejected, when they are opened or
 * decoded.
 */
final class RequestImages {

    private final RequestFiles files;
    private final ImagePlan plan;
    private final RejectedItems rejected;

    /** The images by their headers, null for those that are rejected. */
    private final List<@Nullable EncodedImage> images = new ArrayList<>();

    /**
     * Reads the images' headers.
     *
     * @param maxPixels the largest image that is decoded
     * @throws BadInputException if the image is wrong, or all of a list are
     */
    RequestImages(RequestFiles files, ImagePlan plan, long maxPixels, ItemErrors itemErrors) {
        this.files = files;
        this.plan = plan;
        this.rejected = files.rejected(itemErrors);
        for (RequestFile file : files.files()) {
            EncodedImage image = null;
            try {
                image = open(file, maxPixels);
            } catch (BadInputException e) {
                rejected.reject(images.size(), e);
            }
            images.add(image);
        }
        rejected.requireOthers(images.size());
    }

    private EncodedImage open(RequestFile file, long maxPixels) {
        byte[] bytes = file.bytes();
        try {
            EncodedImage image = ImageDecoder.open(bytes, maxPixels);
            // An image that is too large for them is wrong by itself, not its whole list.
            plan.tensorBytes(image);
            plan.workBytes(image);
            return image;
        } catch (BadInputException e) {
            throw file.named(e);
        }
    }

    private List<EncodedImage> accepted() {
        List<EncodedImage> accepted = new ArrayList<>();
        for (EncodedImage image : images) {
            if (image != null) {
                accepted.add(image);
            }
        }
        return accepted;
    }

    /**
     * {@return the most bytes that {@link #tensor} allocates, the tensor included}
     *
     * @throws BadInputException if the tensor is larger than a tensor may be
     */
    long bytes() {
        long tensorBytes = 0;
        long workBytes = 0;
        for (EncodedImage image : accepted()) {
            tensorBytes += plan.tensorBytes(image);
            workBytes = Math.max(workBytes, plan.workBytes(image));
        }
        if (tensorBytes > Integer.MAX_VALUE) {
            throw new BadInputException(
                    "the images make a tensor of " + tensorBytes + " bytes: 2 GiB is the limit");
        }
        return tensorBytes + workBytes;
    }

    /**
     * {@return the tensor of all images but those that are rejected, which the exchange keeps with
     * the images' geometry}
     *
     * @param keepImages whether the exchange keeps the images, too
     * @throws BadInputException if the image can't be decoded, or none of a list
     */
    TType tensor(Exchange exchange, Deadline deadline, boolean keepImages) {
        try (ImageBatch batch = new ImageBatch(plan, accepted().size())) {
            for (int i = 0; i < images.size(); i++) {
                EncodedImage image = images.get(i);
                if (image == null) {
                    continue;
                }
                try {
                    batch.add(image, deadline);
                } catch (BadInputException e) {
                    rejected.reject(i, files.files().get(i).named(e));
                }
            }
            rejected.keep(exchange, images.size());
            ImageGeometry.keep(exchange, batch.geometries());
            if (keepImages) {
                keep(exchange, batch.images());
            }
            return batch.tensor();
        }
    }

    private static void keep(Exchange exchange, List<KeptImage> images) {
        long bytes = images.stream().mapToLong(KeptImage::fileBytes).sum();
        ExchangeMemory.reserve(exchange, "keeping the images", bytes);
        exchange.setProperty(PipelineConstants.KEPT_IMAGES, List.copyOf(images));
    }

    /** {@return what is decoded, for errors} */
    @Override
    public String toString() {
        List<EncodedImage> accepted = accepted();
        return accepted.size() == 1 ? accepted.get(0).toString() : accepted.size() + " images";
    }
}
