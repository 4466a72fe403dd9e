package io.bactrian.postprocess;

import io.bactrian.tensor.NamedTensors;
import io.bactrian.tensor.Numbers;
import io.bactrian.tensor.TensorSpec;
import java.util.ArrayList;
import java.util.List;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.types.family.TType;

/**
 * Detections from one output of shape {@code [boxes, 6]} or {@code [1, boxes, 6]}, each row {@code
 * [class_id, confidence, xmin, ymin, xmax, ymax]}.
 */
public class BoxesPostprocessor extends DetectionsPostprocessor {

    private static final int COLUMNS = 6;

    @Override
    List<Box> boxes(NamedTensors outputs) {
        TType output = outputs.select(getOutput());
        Shape shape = output.shape();
        int rank = shape.numDimensions();
        if (rank < 2
                || rank > 3
                || shape.get(rank - 1) != COLUMNS
                || rank == 3 && shape.get(0) != 1) {
            throw new IllegalArgumentException(
                    "expected boxes of shape [boxes, 6] or [1, boxes, 6], the model gave "
                            + TensorSpec.format(shape));
        }
        Numbers numbers = Numbers.of(output);
        List<Box> boxes = new ArrayList<>();
        for (int i = 0; i < numbers.size(); i += COLUMNS) {
            boxes.add(
                    new Box(
                            (int) numbers.get(i),
                            (float) numbers.get(i + 1),
                            (float) numbers.get(i + 2),
                            (float) numbers.get(i + 3),
                            (float) numbers.get(i + 4),
                            (float) numbers.get(i + 5)));
        }
        return boxes;
    }
}
