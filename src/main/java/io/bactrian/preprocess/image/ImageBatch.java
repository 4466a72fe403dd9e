package io.bactrian.preprocess.image;

import static java.util.Objects.requireNonNull;

import io.bactrian.limit.Deadline;
import io.bactrian.limit.DeadlineExceededException;
import io.bactrian.pipeline.ImageGeometry;
import io.bactrian.tensor.BadInputException;
import io.bactrian.tensor.NativeMemory;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.tensorflow.types.family.TType;

/**
 * A tensor that is made of several images, one after the other.
 *
 * <p>Not safe for use by several threads at once.
 */
public final class ImageBatch implements AutoCloseable {

    private final ImagePlan plan;
    private final int capacity;
    private final List<ImageGeometry> geometries = new ArrayList<>();
    private final List<KeptImage> images = new ArrayList<>();
    private @Nullable TType tensor;
    private int imageBytes;
    private String first = "";

    /**
     * Creates a batch.
     *
     * @param plan how images become rows of the tensor
     * @param capacity the most images
     */
    public ImageBatch(ImagePlan plan, int capacity) {
        this.plan = plan;
        this.capacity = capacity;
    }

    /**
     * Decodes an image and adds it. If that fails, the batch is as before.
     *
     * @param file the image
     * @param deadline checked at each row
     * @throws BadInputException if it can't be decoded, or has not the size of the others in the
     *     tensor
     * @throws DeadlineExceededException if the deadline passed
     */
    public void add(EncodedImage file, Deadline deadline) {
        try (DecodedImage image = plan.decode(file, deadline)) {
            geometries.add(add(file, image, deadline));
            images.add(new KeptImage(file, plan));
        }
    }

    /**
     * Decodes an image and adds parts of it.
     *
     * @param image the image
     * @param parts the parts, which need not be all inside; of one that is outside the nearest
     *     pixel is taken
     * @param deadline checked at each row
     * @throws BadInputException if it can't be decoded, or a part can't be resized
     * @throws DeadlineExceededException if the deadline passed
     */
    public void addParts(KeptImage image, List<ImageScaling.Part> parts, Deadline deadline) {
        try (DecodedImage whole = image.decode(deadline)) {
            for (ImageScaling.Part each : parts) {
                ImageScaling.Part part = each.inside(whole.width(), whole.height());
                try (DecodedImage crop = plan.prepared(CroppedImage.view(whole, part))) {
                    geometries.add(
                            add(image.file(), crop, deadline)
                                    .ofPart(part.x(), part.y(), whole.width(), whole.height()));
                }
            }
        }
    }

    private ImageGeometry add(EncodedImage file, DecodedImage image, Deadline deadline) {
        ImageScaling.Placement placement = plan.scaling().place(image.width(), image.height());
        TensorPixels pixels =
                new TensorPixels(
                        place(file, placement),
                        plan,
                        placement,
                        () -> {
                            if (deadline.isPassed()) {
                                throw new DeadlineExceededException(
                                        "deadline exceeded while resizing " + file);
                            }
                        });
        if (!placement.isFilling()) {
            pixels.fill();
        }
        plan.resizer()
                .resize(
                        CroppedImage.of(image, placement.part()),
                        placement.resizedWidth(),
                        placement.resizedHeight(),
                        pixels);
        return placement.geometry();
    }

    private ByteBuffer place(EncodedImage file, ImageScaling.Placement placement) {
        if (tensor == null) {
            tensor =
                    plan.normalization()
                            .dtype()
                            .allocate(plan.shape(capacity, placement.width(), placement.height()));
            imageBytes = Math.toIntExact(tensor.numBytes() / capacity);
            first = placement.width() + "x" + placement.height();
        } else if (!first.equals(placement.width() + "x" + placement.height())) {
            throw new BadInputException(
                    file
                            + " makes "
                            + placement.width()
                            + "x"
                            + placement.height()
                            + " pixels for the model, but the request's first image "
                            + first
                            + ": all images of a request must have one size");
        }
        ByteBuffer memory = NativeMemory.of(tensor);
        return memory.slice(geometries.size() * imageBytes, imageBytes).order(memory.order());
    }

    /** {@return where each image is in the model's input} */
    public List<ImageGeometry> geometries() {
        return geometries;
    }

    /** {@return the images that were added} */
    public List<KeptImage> images() {
        return images;
    }

    /** {@return the tensor of the images that were added, at least one, which the caller owns} */
    public TType tensor() {
        TType made = requireNonNull(tensor);
        tensor = null;
        int count = geometries.size();
        if (count == capacity) {
            return made;
        }
        try (made) {
            ImageGeometry any = geometries.get(0);
            TType smaller =
                    plan.normalization()
                            .dtype()
                            .allocate(plan.shape(count, any.inputWidth(), any.inputHeight()));
            NativeMemory.of(smaller).put(NativeMemory.of(made).slice(0, count * imageBytes));
            return smaller;
        }
    }

    /** Frees the tensor, unless {@link #tensor} has returned it. */
    @Override
    public void close() {
        if (tensor != null) {
            tensor.close();
        }
    }
}
