package io.bactrian.postprocess;

import io.bactrian.tensor.NamedTensors;
import io.bactrian.tensor.Numbers;
import java.util.ArrayList;
import java.util.List;

/**
 * Detections from the four outputs of a model of the TensorFlow Object Detection API, for one
 * picture: {@code detection_boxes [1, n, 4]} as {@code [ymin, xmin, ymax, xmax]} in 0 to 1, {@code
 * detection_scores [1, n]}, {@code detection_classes [1, n]} and {@code num_detections [1]}, past
 * which the rows are padding.
 */
public class DetectionApiPostprocessor extends DetectionsPostprocessor {

    @Override
    List<Box> boxes(NamedTensors outputs) {
        Numbers corners = Numbers.of(outputs.select("detection_boxes"));
        Numbers scores = Numbers.of(outputs.select("detection_scores"));
        Numbers classes = Numbers.of(outputs.select("detection_classes"));
        Numbers number = Numbers.of(outputs.select("num_detections"));
        if (number.size() != 1
                || classes.size() != scores.size()
                || corners.size() != 4 * scores.size()) {
            throw new IllegalArgumentException(
                    "expected the detections of one picture, the model gave " + outputs);
        }
        List<Box> boxes = new ArrayList<>();
        int count = Math.min((int) number.get(0), scores.size());
        for (int i = 0; i < count; i++) {
            boxes.add(
                    new Box(
                            (int) classes.get(i),
                            (float) scores.get(i),
                            (float) corners.get(4 * i + 1),
                            (float) corners.get(4 * i),
                            (float) corners.get(4 * i + 3),
                            (float) corners.get(4 * i + 2)));
        }
        return boxes;
    }
}
