package io.bactrian.postprocess;

import io.bactrian.pipeline.ModelTensor;
import io.bactrian.pipeline.PipelineFaultException;
import io.bactrian.pipeline.SignatureTensors;
import io.bactrian.tensor.DType;
import io.bactrian.tensor.NamedTensors;
import java.util.List;
import java.util.stream.IntStream;
import org.apache.camel.spi.Metadata;
import org.jspecify.annotations.Nullable;
import org.tensorflow.ndarray.Shape;

/**
 * The postprocessor of detections in an output of shape {@code [boxes, columns]} or {@code [images,
 * boxes, columns]}, or the transpose of these: the columns are those of a row {@code class_id,
 * confidence, xmin, ymin, xmax, ymax}, or those that the property {@code columns} names. Classes
 * and confidences may be in outputs of their own.
 */
@Metadata(
        label = "bean",
        description =
                "Answers the detections of an output with a row for each box, in columns that are"
                        + " named: those with at least the threshold's confidence. It reads the heads"
                        + " of YOLO v5 and v8 too, with a column for each class. Where the request"
                        + " accepts an image rather than JSON, the boxes are drawn on the one that was sent.",
        annotations = {"interfaceName=org.apache.camel.Processor"})
public class BoxesPostprocessor extends DetectionsPostprocessor {

    private static final String DEFAULT_COLUMNS = "class, confidence, xmin, ymin, xmax, ymax";

    @Metadata(
            description =
                    "What the columns hold, with commas between: class, confidence; for the box xmin"
                            + " and xmax, xmin and width, or xcenter and width, and the same of y;"
                            + " scores, at the end, for a column per class, of which the highest is"
                            + " the confidence; objectness, which scores or confidence are multiplied"
                            + " by; _ for one that is ignored")
    private String columns = DEFAULT_COLUMNS;

    @Metadata(
            description =
                    "Whether the output is [columns, boxes], as YOLO v8's [1, 84, 8400], in place of"
                            + " [boxes, columns]")
    private boolean transposed;

    @Metadata(
            description =
                    "The output with the confidence of each box, [boxes], or with a score for each"
                            + " class, [boxes, classes], of which the highest is the confidence. Not"
                            + " set: they are among the columns")
    private @Nullable String scoresOutput;

    @Metadata(
            description =
                    "The output with the class of each box. Not set: they are among the columns, or"
                            + " scoresOutput has a score for each class")
    private @Nullable String classesOutput;

    /** Creates a postprocessor with the default properties. */
    public BoxesPostprocessor() {
        super(null);
    }

    /** {@return what the columns hold} */
    public String getColumns() {
        return columns;
    }

    /**
     * Sets what the columns hold, with commas between, such as {@code xcenter, ycenter, width,
     * height, scores}.
     *
     * @param columns names with commas between
     * @throws PipelineFaultException if a name is unknown, or the columns don't make a box
     */
    public void setColumns(String columns) {
        new BoxColumns(columns);
        this.columns = columns;
    }

    /** {@return whether the output has a row for each column} */
    public boolean isTransposed() {
        return transposed;
    }

    /**
     * Sets whether the output has a row for each column, false by default.
     *
     * @param transposed whether it is [columns, boxes]
     */
    public void setTransposed(boolean transposed) {
        this.transposed = transposed;
    }

    /** {@return the output with the confidences, or null} */
    public @Nullable String getScoresOutput() {
        return scoresOutput;
    }

    /**
     * Sets the output with the confidences.
     *
     * @param scoresOutput its name; null if they are among the columns, as by default
     */
    public void setScoresOutput(@Nullable String scoresOutput) {
        this.scoresOutput = scoresOutput;
    }

    /** {@return the output with the classes, or null} */
    public @Nullable String getClassesOutput() {
        return classesOutput;
    }

    /**
     * Sets the output with the classes.
     *
     * @param classesOutput its name; null if they are among the columns, as by default
     */
    public void setClassesOutput(@Nullable String classesOutput) {
        this.classesOutput = classesOutput;
    }

    @Override
    void checkProperties() {
        super.checkProperties();
        BoxColumns named = new BoxColumns(columns);
        if (named.haveConfidence() == (scoresOutput != null)) {
            throw new PipelineFaultException(
                    "columns is "
                            + named
                            + (scoresOutput == null
                                    ? ": add confidence or scores, or set scoresOutput"
                                    : ", and scoresOutput has the confidences too"));
        }
        if (named.haveClass() && classesOutput != null) {
            throw new PipelineFaultException(
                    "columns is " + named + ", and classesOutput has the classes too");
        }
        if (!named.haveClass() && classesOutput == null && scoresOutput == null) {
            throw new PipelineFaultException(
                    "columns is " + named + ": add class or scores, or set classesOutput");
        }
    }

    @Override
    void check(SignatureTensors outputs, Labels labels) {
        BoxColumns named = new BoxColumns(columns);
        ModelTensor declared = outputs.select(getOutput());
        Shape shape = declared.shape();
        if (declared.dataType() == DType.STRING.dataType()
                || (!shape.isUnknown() && !fits(shape, named))) {
            throw wrong(named, declared.toString());
        }
        if (scoresOutput != null) {
            numeric(outputs, scoresOutput);
        }
        if (classesOutput != null) {
            numeric(outputs, classesOutput);
        }
    }

    private boolean fits(Shape shape, BoxColumns named) {
        int rank = shape.numDimensions();
        if (rank != 2 && rank != 3) {
            return false;
        }
        long size = shape.get(transposed ? rank - 2 : rank - 1);
        return size == Shape.UNKNOWN_SIZE || named.fit(size);
    }

    @Override
    String origin() {
        return scoresOutput == null
                ? "columns is " + columns + ": set it to what the model's columns hold"
                : "set scoresOutput, classesOutput and columns to what the model's outputs hold";
    }

    @Override
    List<Boxes> images(NamedTensors.Reference outputs) {
        BoxColumns named = new BoxColumns(columns);
        ModelOutput read = read(outputs);
        Shape shape = read.shape();
        if (!fits(shape, named)) {
            throw wrong(named, read.toString());
        }
        int rank = shape.numDimensions();
        int images = rank == 2 ? 1 : (int) shape.get(0);
        int boxes = (int) shape.get(transposed ? rank - 1 : rank - 2);
        int width = (int) shape.get(transposed ? rank - 2 : rank - 1);
        ModelOutput scores = scoresOutput == null ? null : ModelOutput.of(outputs, scoresOutput);
        ModelOutput classes = classesOutput == null ? null : ModelOutput.of(outputs, classesOutput);
        int perBox = scores == null ? 0 : columnsOf(scores, images * boxes);
        if (classes != null && columnsOf(classes, images * boxes) != 1) {
            throw new PipelineFaultException(
                    "expected a class for each of " + images * boxes + " boxes, but " + classes);
        }
        if (scores != null && classes == null && !named.haveClass() && perBox == 1) {
            throw new PipelineFaultException(
                    "nothing gives the classes: set classesOutput, since " + scores);
        }
        if (perBox > 1 && (classes != null || named.haveClass())) {
            throw new PipelineFaultException(
                    "expected a confidence for each of "
                            + images * boxes
                            + " boxes, but "
                            + scores);
        }
        BoxTable table =
                new BoxTable(
                        named,
                        transposed,
                        boxes,
                        width,
                        read.numbers(),
                        scores == null ? null : scores.numbers(),
                        perBox,
                        classes == null ? null : classes.numbers());
        return IntStream.range(0, images).mapToObj(table::image).toList();
    }

    private static int columnsOf(ModelOutput output, int boxes) {
        int size = output.numbers().size();
        if (boxes == 0 ? size != 0 : size == 0 || size % boxes != 0) {
            throw new PipelineFaultException(
                    "expected numbers of " + boxes + " boxes, but " + output);
        }
        return boxes == 0 ? 1 : size / boxes;
    }

    private PipelineFaultException wrong(BoxColumns named, String described) {
        String size = named.count();
        return new PipelineFaultException(
                "expected numbers of shape "
                        + (transposed
                                ? "[%s, boxes] or [images, %s, boxes]".formatted(size, size)
                                : "[boxes, %s] or [images, boxes, %s]".formatted(size, size))
                        + ", with the columns "
                        + named
                        + ", but "
                        + described);
    }
}
