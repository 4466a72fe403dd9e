package io.bactrian.postprocess;

import io.bactrian.pipeline.PipelineFaultException;
import io.bactrian.tensor.NamedTensors;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A detector's output to {@code {"detections": [{"class_id", "label", "confidence", "xmin", "ymin",
 * "xmax", "ymax"}, …]}}, in the model's order: those with at least the threshold's confidence.
 */
abstract class DetectionsPostprocessor extends LabelledPostprocessor {

    private double threshold = 0.5;
    private int limit = Integer.MAX_VALUE;
    private String field = "detections";

    /**
     * @param threshold the least confidence of a detection in the answer, 0.5 by default
     * @throws IllegalArgumentException if it is not finite
     */
    public void setThreshold(double threshold) {
        this.threshold = Thresholds.finite(threshold);
    }

    public double getThreshold() {
        return threshold;
    }

    /**
     * @param limit the most detections in the answer, the model's first ones; all by default
     * @throws IllegalArgumentException below 1
     */
    public void setLimit(int limit) {
        if (limit < 1) {
            throw new IllegalArgumentException("limit must be 1 or more, got " + limit);
        }
        this.limit = limit;
    }

    public int getLimit() {
        return limit;
    }

    /**
     * @param field the answer's field for the list, {@code detections} by default
     */
    public void setField(String field) {
        this.field = field;
    }

    public String getField() {
        return field;
    }

    @Override
    final Object answer(NamedTensors.Reference outputs) {
        Boxes boxes = boxes(outputs);
        List<Map<String, Object>> detections = new ArrayList<>();
        for (int i = 0; i < boxes.count() && detections.size() < limit; i++) {
            Box box = boxes.get(i);
            if (Thresholds.reaches(box.confidence(), threshold)) {
                detections.add(describe(box));
            }
        }
        return Map.of(field, detections);
    }

    /**
     * {@return the boxes that the model gave, in its order}
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

    /** The box's class; what is no class is a sign of columns or outputs in another order. */
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
