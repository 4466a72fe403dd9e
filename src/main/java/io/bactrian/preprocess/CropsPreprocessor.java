package io.bactrian.preprocess;

import io.bactrian.limit.DeadlineExceededException;
import io.bactrian.pipeline.ExchangeDeadline;
import io.bactrian.pipeline.ImageGeometry;
import io.bactrian.pipeline.ModelTensor;
import io.bactrian.pipeline.PipelineConstants;
import io.bactrian.pipeline.PipelineFaultException;
import io.bactrian.pipeline.RequestItems;
import io.bactrian.preprocess.image.ImageBatch;
import io.bactrian.preprocess.image.ImagePlan;
import io.bactrian.preprocess.image.ImageScaling;
import io.bactrian.preprocess.image.KeptImage;
import io.bactrian.tensor.BadInputException;
import io.bactrian.tensor.JsonType;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.camel.Exchange;
import org.apache.camel.spi.Metadata;
import org.jspecify.annotations.Nullable;
import org.tensorflow.types.family.TType;

/**
 * The preprocessor of the parts of an image that a detector found: it cuts them out of the image
 * that was sent and makes one tensor of them, for a second model that classifies or reads each.
 *
 * <p>Body in: the list of detections that a postprocessor of boxes answers with {@code
 * answerCoordinates: original} and {@code field: ""}. An {@link ImagePreprocessor} before has kept
 * the image ({@code keepImages: true}). Body out: one tensor [crops, height, width, channels]. The
 * exchange property {@link PipelineConstants#IMAGES} keeps where each crop is in it, in relation to
 * the whole image, and {@link PipelineConstants#REQUEST} the detections.
 */
@Metadata(
        label = "bean",
        description =
                "Cuts the boxes that a detector found out of the image that was sent, and makes a"
                        + " tensor of their pixels for a second model, as ImagePreprocessor does of whole"
                        + " images.",
        annotations = {"interfaceName=org.apache.camel.Processor"})
public final class CropsPreprocessor extends PixelsPreprocessor {

    private static final int CORNERS = 4;

    /** Edges are subtracted from each other. */
    private static final double MAX_EDGE = 1 << 30;

    @Metadata(
            description =
                    "The fields of a detection with its left, upper, right and lower edge, in pixels of"
                            + " the image that was sent; decimals are dropped, as by Python's int")
    private String boxFields = "xmin, ymin, xmax, ymax";

    @Metadata(description = "The most crops of an image")
    private int maxCrops = 100;

    private volatile List<String> fields = List.of();

    /** {@return the fields of a detection with its left, upper, right and lower edge} */
    public String getBoxFields() {
        return boxFields;
    }

    /**
     * Sets the fields of a detection with its left, upper, right and lower edge.
     *
     * @param boxFields four names with commas between
     */
    public void setBoxFields(String boxFields) {
        this.boxFields = boxFields;
    }

    /** {@return the most crops of an image} */
    public int getMaxCrops() {
        return maxCrops;
    }

    /**
     * Sets the most crops of an image.
     *
     * @param maxCrops 100 by default
     * @throws PipelineFaultException below 1
     */
    public void setMaxCrops(int maxCrops) {
        if (maxCrops < 1) {
            throw PipelineFaultException.property("maxCrops", "1 or more", maxCrops);
        }
        this.maxCrops = maxCrops;
    }

    @Override
    protected void configure(List<ModelTensor> inputs) {
        if (!getFit().isFixedSize()) {
            throw new PipelineFaultException(
                    "fit is " + getFit() + ", but all crops must have one size: set another");
        }
        String[] names = boxFields.strip().split("\\s*,\\s*");
        if (names.length != CORNERS) {
            throw PipelineFaultException.property(
                    "boxFields", "four names with commas between", boxFields);
        }
        super.configure(inputs);
        fields = List.of(names);
    }

    /**
     * {@inheritDoc}
     *
     * @throws BadInputException if the request has several images, or the image can't be decoded
     * @throws DeadlineExceededException if the exchange's {@link PipelineConstants#DEADLINE} passed
     * @throws PipelineFaultException if the body is no list of detections, or no step has kept the
     *     image
     */
    @Override
    protected TType tensor(Exchange exchange) {
        ImagePlan current = plan();
        List<ImageScaling.Part> parts = parts(exchange.getMessage().getBody());
        KeptImage image = image(exchange);
        RequestItems.setList(exchange, true);
        long bytes =
                image.decodingBytes()
                        + current.workBytes(image.file())
                        + parts.size() * current.tensorBytes(image.file());
        return reserving(
                exchange,
                "cutting " + parts.size() + " boxes out of " + image.file(),
                bytes,
                () -> {
                    try (ImageBatch batch = new ImageBatch(current, parts.size())) {
                        batch.addParts(image, parts, ExchangeDeadline.of(exchange));
                        ImageGeometry.keep(exchange, batch.geometries());
                        return batch.tensor();
                    }
                });
    }

    private static KeptImage image(Exchange exchange) {
        List<?> kept = exchange.getProperty(PipelineConstants.KEPT_IMAGES, List.class);
        if (kept == null) {
            throw new PipelineFaultException(
                    "no step before kept the image: set keepImages: true on the ImagePreprocessor"
                            + " before the detector");
        }
        if (kept.size() != 1 || RequestItems.isList(exchange)) {
            throw new BadInputException(
                    "the request must be one image, not a list, since boxes are cut out of it");
        }
        return (KeptImage) kept.get(0);
    }

    private List<ImageScaling.Part> parts(@Nullable Object body) {
        if (!(body instanceof List<?> detections)) {
            throw new PipelineFaultException(
                    "expected a list of detections, got "
                            + JsonType.describe(body)
                            + ": set field: \"\" on the postprocessor of the boxes");
        }
        if (detections.isEmpty()) {
            throw new PipelineFaultException(
                    "there are no detections: put this step and those of its model into a filter,"
                            + " simple: \"${body.size} > 0\"");
        }
        if (detections.size() > maxCrops) {
            throw new PipelineFaultException(
                    "there are "
                            + detections.size()
                            + " detections, the most are "
                            + maxCrops
                            + ": set maxCrops, or limit on the postprocessor of the boxes");
        }
        List<ImageScaling.Part> parts = new ArrayList<>(detections.size());
        for (int i = 0; i < detections.size(); i++) {
            int left = edge(detections, i, 0);
            int top = edge(detections, i, 1);
            int right = edge(detections, i, 2);
            int bottom = edge(detections, i, 3);
            parts.add(
                    new ImageScaling.Part(
                            left,
                            top,
                            Math.max(0, Math.subtractExact(right, left)),
                            Math.max(0, Math.subtractExact(bottom, top))));
        }
        return parts;
    }

    private int edge(List<?> detections, int index, int edge) {
        String field = fields.get(edge);
        Object value = detections.get(index) instanceof Map<?, ?> box ? box.get(field) : null;
        if (!(value instanceof Number number) || !(Math.abs(number.doubleValue()) <= MAX_EDGE)) {
            throw new PipelineFaultException(
                    "detection "
                            + index
                            + " has no "
                            + field
                            + " in pixels of the image: set boxFields, or answerCoordinates: original"
                            + " on the postprocessor of the boxes");
        }
        return number.intValue();
    }
}
