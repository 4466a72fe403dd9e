package io.bactrian.postprocess;

import io.bactrian.pipeline.ModelTensor;
import io.bactrian.pipeline.PipelineFaultException;
import io.bactrian.pipeline.SignatureTensors;
import io.bactrian.tensor.NamedTensors;
import io.bactrian.tensor.NumericElements;
import java.util.List;
import org.apache.camel.spi.Metadata;
import org.jspecify.annotations.Nullable;
import org.tensorflow.ndarray.Shape;

/**
 * The postprocessor of the four outputs of a model of the TensorFlow Object Detection API, for one
 * image: {@code detection_boxes [1, n, 4]} as {@code [ymin, xmin, ymax, xmax]} in 0 to 1, {@code
 * detection_scores [1, n]}, {@code detection_classes [1, n]} and {@code num_detections [1]}, past
 * which the rows are padding.
 */
@Metadata(
        label = "bean",
        description =
                "Answers the detections of a model of the TensorFlow Object Detection API, with its"
                        + " four outputs detection_boxes, detection_scores, detection_classes and"
                        + " num_detections: those with at least the threshold's confidence. Where the"
                        + " request accepts an image rather than JSON, the boxes are drawn on the one that"
                        + " was sent.",
        excludeProperties = "output",
        annotations = {"interfaceName=org.apache.camel.Processor"})
public class DetectionApiPostprocessor extends DetectionsPostprocessor {

    private static final String BOXES = "detection_boxes";
    private static final String SCORES = "detection_scores";
    private static final String CLASSES = "detection_classes";
    private static final String COUNT = "num_detections";
    private static final int CORNERS = 4;

    /** Creates a postprocessor with the default properties. */
    public DetectionApiPostprocessor() {
        super(BoxCoordinates.NORMALIZED);
    }

    /** Rejects an output: this step reads the four that the API names. */
    @Override
    public void setOutput(@Nullable String output) {
        throw new PipelineFaultException(
                "output can't be set: this step reads "
                        + String.join(", ", List.of(BOXES, SCORES, CLASSES, COUNT)));
    }

    @Override
    void check(SignatureTensors outputs, Labels labels) {
        for (String name : List.of(BOXES, SCORES, CLASSES, COUNT)) {
            if (!outputs.specs().containsKey(name)) {
                throw new PipelineFaultException(
                        "expected an output \""
                                + name
                                + "\", as the Object Detection API names it, but "
                                + outputs.list());
            }
            ModelTensor declared = numeric(outputs, name);
            Shape shape = declared.shape();
            if (name.equals(BOXES) && !shape.isUnknown() && !holdsCorners(shape)) {
                throw new PipelineFaultException(
                        "expected boxes of shape [1, n, 4], but " + declared);
            }
        }
    }

    private static boolean holdsCorners(Shape shape) {
        int rank = shape.numDimensions();
        long corners = rank == 0 ? 0 : shape.get(rank - 1);
        return corners == CORNERS || corners == Shape.UNKNOWN_SIZE;
    }

    @Override
    String origin() {
        return "read from the outputs " + CLASSES + " and " + SCORES;
    }

    @Override
    List<Boxes> images(NamedTensors.Reference outputs) {
        ModelOutput corners = ModelOutput.of(outputs, BOXES);
        ModelOutput scores = ModelOutput.of(outputs, SCORES);
        ModelOutput classes = ModelOutput.of(outputs, CLASSES);
        ModelOutput number = ModelOutput.of(outputs, COUNT);
        int rows = scores.numbers().size();
        if (number.numbers().size() != 1
                || classes.numbers().size() != rows
                || corners.numbers().size() != CORNERS * rows) {
            throw new PipelineFaultException(
                    "expected the detections of one image, but the model gave " + outputs);
        }
        double count = number.numbers().get(0);
        if (!(count >= 0 && count <= rows && count == Math.rint(count))) {
            throw new PipelineFaultException(
                    COUNT + " is " + count + ", expected 0 to " + rows + ": " + scores);
        }
        return List.of(
                new Rows(corners.numbers(), scores.numbers(), classes.numbers(), (int) count));
    }

    private record Rows(
            NumericElements corners, NumericElements scores, NumericElements classes, int count)
            implements Boxes {

        @Override
        public float confidence(int index) {
            return (float) scores.get(index);
        }

        @Override
        public Box get(int index) {
            int first = CORNERS * index;
            return new Box(
                    classes.get(index),
                    confidence(index),
                    (float) corners.get(first + 1),
                    (float) corners.get(first),
                    (float) corners.get(first + 3),
                    (float) corners.get(first + 2));
        }
    }
}
