package io.bactrian.postprocess;

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
     * @param threshold the least confidence a detection is told with, 0.5 by default
     */
    public void setThreshold(double threshold) {
        this.threshold = threshold;
    }

    public double getThreshold() {
        return threshold;
    }

    /**
     * @param limit how many detections to tell at most, the model's first ones; all by default
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
    final Object answer(NamedTensors outputs) {
        List<Map<String, Object>> detections = new ArrayList<>();
        for (Box box : boxes(outputs)) {
            // As numpy compares a float32 with a Python float: both as float32.
            if (box.confidence() >= (float) threshold && detections.size() < limit) {
                detections.add(describe(box));
            }
        }
        return Map.of(field, detections);
    }

    /**
     * @return every box the model gave, in its order
     * @throws IllegalArgumentException if the outputs are not a detector's
     */
    abstract List<Box> boxes(NamedTensors outputs);

    private Map<String, Object> describe(Box box) {
        Map<String, Object> detection = new LinkedHashMap<>();
        detection.put("class_id", box.classId());
        addLabel(detection, box.classId());
        detection.put("confidence", box.confidence());
        detection.put("xmin", box.xmin());
        detection.put("ymin", box.ymin());
        detection.put("xmax", box.xmax());
        detection.put("ymax", box.ymax());
        return detection;
    }

    /** A box in the model's own coordinates. */
    record Box(int classId, float confidence, float xmin, float ymin, float xmax, float ymax) {}
}
