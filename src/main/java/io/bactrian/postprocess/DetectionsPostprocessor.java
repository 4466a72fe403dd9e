package io.bactrian.postprocess;

import io.bactrian.pipeline.PipelineFaultException;
import io.bactrian.tensor.NamedTensors;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.camel.Exchange;
import org.apache.camel.spi.Metadata;
import org.jspecify.annotations.Nullable;

/**
 * A postprocessor that answers a detector's boxes, {@code {"detections": [{"class_id", "label",
 * "confidence", "xmin", "ymin", "xmax", "ymax"}, …]}}, in the model's order: those with at least
 * the threshold's confidence.
 */
abstract class DetectionsPostprocessor extends LabelledPostprocessor {

    @Metadata(description = "The least confidence of a detection in the answer")
    private double threshold = 0.5;

    @Metadata(
            description =
                    "The number of detections in the answer, the model's first ones. Not set: all")
    private @Nullable Integer limit;

    DetectionsPostprocessor() {
        super("detections");
    }

    public double getThreshold() {
        return threshold;
    }

    /**
     * Sets the least confidence of a detection in the answer, 0.5 by default.
     *
     * @throws PipelineFaultException if it is not finite
     */
    public void setThreshold(double threshold) {
        this.threshold = Thresholds.finite(threshold);
    }

    public @Nullable Integer getLimit() {
        return limit;
    }

    /**
     * Sets the number of detections in the answer, the model's first ones; null for all, as by
     * default.
     *
     * @throws PipelineFaultException below 1
     */
    public void setLimit(@Nullable Integer limit) {
        if (limit != null && limit < 1) {
            throw PipelineFaultException.property("limit", "1 or more", limit);
        }
        this.limit = limit;
    }

    @Override
    protected final Object answer(Exchange exchange, NamedTensors.Reference outputs) {
        Boxes boxes = boxes(outputs);
        return perRow(exchange, 1, row -> answer(boxes));
    }

    private Object answer(Boxes boxes) {
        int max = limit == null ? Integer.MAX_VALUE : limit;
        List<Map<String, Object>> detections = new ArrayList<>();
        for (int i = 0; i < boxes.count() && detections.size() < max; i++) {
            Box box = boxes.get(i);
            if (Thresholds.reaches(box.confidence(), threshold)) {
                detections.add(describe(box));
            }
        }
        return inField(detections);
    }

    /**
     * {@return the model's boxes, in its order}
     *
     * @throws PipelineFaultException if the outputs are not a detector's
     */
    abstract Boxes boxes(NamedTensors.Reference outputs);

    private Map<String, Object> describe(Box box) {
        int classId = classId(box);
        Map<String, Object> detection = new LinkedHashMap<>();
        detection.put("class_id", classId);
        addLabel(detection, classId);
        detection.put("confidence", box.confidence());
        detection.put("xmin", box.xmin());
        detection.put("ymin", box.ymin());
        detection.put("xmax", box.xmax());
        detection.put("ymax", box.ymax());
        return detection;
    }

    /**
     * {@return the box's class} A value that is no class is a sign of columns or outputs in another
     * order.
     */
    private int classId(Box box) {
        int classId = (int) box.classId();
        if (classId != box.classId() || classId < 0) {
            throw new PipelineFaultException(
                    "the model gave class "
                            + box.classId()
                            + " with confidence "
                            + box.confidence()
                            + ", expected a whole number from 0 on");
        }
        labels().checkClass(classId);
        return classId;
    }

    /** A detector's boxes, read one at a time. */
    interface Boxes {

        int count();

        Box get(int index);
    }

    /** A box in the model's own coordinates. */
    record Box(double classId, float confidence, float xmin, float ymin, float xmax, float ymax) {}
}
