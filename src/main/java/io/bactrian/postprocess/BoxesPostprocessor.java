package io.bactrian.postprocess;

import io.bactrian.pipeline.ModelTensor;
import io.bactrian.pipeline.PipelineFaultException;
import io.bactrian.pipeline.SignatureTensors;
import io.bactrian.tensor.DType;
import io.bactrian.tensor.NamedTensors;
import io.bactrian.tensor.NumericElements;
import org.apache.camel.spi.Metadata;
import org.tensorflow.ndarray.Shape;

/**
 * The postprocessor of detections in one output of shape {@code [boxes, 6]} or {@code [1, boxes,
 * 6]}, each row {@code [class_id, confidence, xmin, ymin, xmax, ymax]}.
 */
@Metadata(
        label = "bean",
        description =
                "Answers the detections of one output whose rows are class_id, confidence, xmin,"
                        + " ymin, xmax, ymax: those with at least the threshold's confidence.",
        annotations = {"interfaceName=org.apache.camel.Processor"})
public class BoxesPostprocessor extends DetectionsPostprocessor {

    private static final int COLUMNS = 6;

    @Override
    void check(SignatureTensors outputs, Labels labels) {
        ModelTensor declared = outputs.select(getOutput());
        Shape shape = declared.shape();
        if (declared.dataType() == DType.STRING.dataType()
                || (!shape.isUnknown() && !fits(shape))) {
            throw wrong(declared.toString());
        }
    }

    @Override
    Boxes boxes(NamedTensors.Reference outputs) {
        ModelOutput read = read(outputs);
        if (!fits(read.shape())) {
            throw wrong(read.toString());
        }
        return new Rows(read.numbers());
    }

    private static boolean fits(Shape shape) {
        int rank = shape.numDimensions();
        return (rank == 2 || (rank == 3 && is(shape.get(0), 1)))
                && is(shape.get(rank - 1), COLUMNS);
    }

    private static boolean is(long size, long expected) {
        return size == expected || size == Shape.UNKNOWN_SIZE;
    }

    private static PipelineFaultException wrong(String described) {
        return new PipelineFaultException(
                "expected numbers of shape [boxes, 6] or [1, boxes, 6], each row class_id,"
                        + " confidence, xmin, ymin, xmax, ymax, but "
                        + described);
    }

    private record Rows(NumericElements numbers) implements Boxes {

        @Override
        public int count() {
            return numbers.size() / COLUMNS;
        }

        @Override
        public Box get(int index) {
            int first = index * COLUMNS;
            return new Box(
                    numbers.get(first),
                    (float) numbers.get(first + 1),
                    (float) numbers.get(first + 2),
                    (float) numbers.get(first + 3),
                    (float) numbers.get(first + 4),
                    (float) numbers.get(first + 5));
        }
    }
}
