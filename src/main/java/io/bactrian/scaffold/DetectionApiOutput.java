package io.bactrian.scaffold;

import io.bactrian.postprocess.DetectionApiPostprocessor;
import io.bactrian.tensor.TensorSpec;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The guess that the outputs are those of the TensorFlow Object Detection API. */
final class DetectionApiOutput implements OutputGuesser {

    private static final List<String> NAMES =
            List.of("detection_boxes", "detection_scores", "detection_classes", "num_detections");

    private static final int CORNERS = 4;

    @Override
    public @Nullable OutputGuess guess(ModelFacts facts) {
        Map<String, TensorSpec> outputs = facts.signature().outputs();
        if (!outputs.keySet().containsAll(NAMES)
                || NAMES.stream().anyMatch(each -> isString(outputs, each))) {
            return null;
        }
        TensorSpec boxes = outputs.get(NAMES.get(0));
        if (boxes == null || ModelFacts.rank(boxes) == 0) {
            return null;
        }
        long corners = ModelFacts.lastSize(boxes);
        if (corners != CORNERS && corners != -1) {
            return null;
        }
        List<Bean.Property> properties = new ArrayList<>();
        properties.add(threshold());
        properties.addAll(LabelsProperty.of(facts.files().labels(-1)));
        return OutputGuess.of(
                new Bean(
                        "detections",
                        DetectionApiPostprocessor.class,
                        List.of(
                                "Guess: the outputs are those of the TensorFlow Object Detection API,"
                                        + " of one image. Coordinates are fractions of its height"
                                        + " and width."),
                        properties));
    }

    private static boolean isString(Map<String, TensorSpec> outputs, String name) {
        TensorSpec output = outputs.get(name);
        return output != null && ModelFacts.isString(output);
    }

    /** {@return the least confidence of a detection} */
    static Bean.Property threshold() {
        return new Bean.Property(
                "threshold",
                "0.5",
                "Guess: detections below this confidence are left out. Lower it to see more.");
    }
}
