package io.bactrian.postprocess;

import io.bactrian.pipeline.ModelTensor;
import io.bactrian.pipeline.PipelineFaultException;
import io.bactrian.pipeline.SignatureTensors;
import io.bactrian.tensor.NamedTensors;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.function.LongPredicate;
import java.util.stream.IntStream;
import org.apache.camel.spi.Metadata;
import org.jspecify.annotations.Nullable;
import org.tensorflow.ndarray.Shape;

/**
 * The postprocessor of YOLO's raw grids: outputs {@code [images, rows, columns, anchors × (5 +
 * classes)]}, or {@code [images, rows, columns, anchors, 5 + classes]}, one for each stride, in any
 * order. It makes boxes of the anchors and keeps the best of those that overlap.
 */
@Metadata(
        label = "bean",
        description =
                "Answers the detections of a YOLO model whose outputs are raw grids, one for each"
                        + " stride, as YOLO v3's convolutions give them: anchors become boxes, logits"
                        + " confidences, and overlapping boxes are suppressed. Where the request"
                        + " accepts an image rather than JSON, the boxes are drawn on the one that was sent.",
        excludeProperties = "output",
        annotations = {"interfaceName=org.apache.camel.Processor"})
public final class YoloGridsPostprocessor extends DetectionsPostprocessor {

    private static final String YOLO_V3 =
            "10,13, 16,30, 33,23, 30,61, 62,45, 59,119, 116,90, 156,198, 373,326";

    private static final int RANK = 4;

    @Metadata(
            description =
                    "Width and height of each anchor in pixels of the model's input, with commas"
                            + " between, in the order of the strides; each stride has as many",
            defaultValue = YOLO_V3)
    private String anchors = YOLO_V3;

    @Metadata(
            description =
                    "The pixels of the model's input per cell of each grid, with commas between",
            defaultValue = "8, 16, 32")
    private String strides = "8, 16, 32";

    @Metadata(
            description =
                    "The outputs that are grids, with commas between, in any order. Not set: all"
                            + " outputs")
    private @Nullable String outputs;

    @Metadata(
            description =
                    "How the logits become boxes: v3 is sigmoid and exp, of YOLO v2 and v3; v5 is the"
                            + " doubled sigmoid of YOLO v5 and v7")
    private YoloDecoding decoding = YoloDecoding.V3;

    @Metadata(
            description =
                    "Whether a box is a detection of each class whose score reaches the threshold;"
                            + " false: of the class with the highest score only")
    private boolean multiLabel;

    private double[] anchorSizes = numbers("anchors", YOLO_V3);
    private double[] strideSizes = numbers("strides", strides);

    /** Creates a postprocessor with the default properties. */
    public YoloGridsPostprocessor() {
        super(BoxCoordinates.PIXELS);
        setSuppression(Suppression.PER_CLASS);
    }

    /** Rejects an output: this step reads several. */
    @Override
    public void setOutput(@Nullable String output) {
        throw new PipelineFaultException("output can't be set: name the grids in outputs");
    }

    /** {@return width and height of each anchor} */
    public String getAnchors() {
        return anchors;
    }

    /**
     * Sets width and height of each anchor in pixels of the model's input, with commas between.
     *
     * @param anchors those of the first stride first; YOLO v3's by default
     * @throws PipelineFaultException if they are no positive numbers
     */
    public void setAnchors(String anchors) {
        this.anchorSizes = numbers("anchors", anchors);
        this.anchors = anchors;
    }

    /** {@return the pixels of the model's input per cell of each grid} */
    public String getStrides() {
        return strides;
    }

    /**
     * Sets the pixels of the model's input per cell of each grid, with commas between.
     *
     * @param strides {@code 8, 16, 32} by default
     * @throws PipelineFaultException if they are no positive numbers
     */
    public void setStrides(String strides) {
        this.strideSizes = numbers("strides", strides);
        this.strides = strides;
    }

    /** {@return the outputs that are grids; null for all} */
    public @Nullable String getOutputs() {
        return outputs;
    }

    /**
     * Sets the outputs that are grids, with commas between, in any order.
     *
     * @param outputs null for all, as by default
     */
    public void setOutputs(@Nullable String outputs) {
        this.outputs = outputs;
    }

    /** {@return how the logits become boxes} */
    public YoloDecoding getDecoding() {
        return decoding;
    }

    /**
     * Sets how the logits become boxes.
     *
     * @param decoding {@link YoloDecoding#V3} by default
     */
    public void setDecoding(YoloDecoding decoding) {
        this.decoding = decoding;
    }

    /** {@return whether a box is a detection of each class that reaches the threshold} */
    public boolean isMultiLabel() {
        return multiLabel;
    }

    /**
     * Sets whether a box is a detection of each class whose score reaches the threshold.
     *
     * @param multiLabel false, as by default, for the class with the highest score only
     */
    public void setMultiLabel(boolean multiLabel) {
        this.multiLabel = multiLabel;
    }

    private static double[] numbers(String property, String text) {
        try {
            double[] numbers =
                    Arrays.stream(text.split(",", -1))
                            .mapToDouble(each -> Double.parseDouble(each.strip()))
                            .toArray();
            if (Arrays.stream(numbers).allMatch(each -> each > 0 && Double.isFinite(each))) {
                return numbers;
            }
        } catch (NumberFormatException e) {
            // Told below.
        }
        throw PipelineFaultException.property(
                property, "positive numbers with commas between", text);
    }

    @Override
    void checkProperties() {
        super.checkProperties();
        if (anchorSizes.length % (2 * strideSizes.length) != 0) {
            throw new PipelineFaultException(
                    "anchors has "
                            + anchorSizes.length
                            + " numbers, expected width and height of as many anchors for each of"
                            + " the "
                            + strideSizes.length
                            + " strides");
        }
    }

    private List<String> names(Collection<String> all) {
        List<String> names =
                outputs == null
                        ? List.copyOf(all)
                        : Arrays.stream(outputs.split(",", -1)).map(String::strip).toList();
        if (names.size() != strideSizes.length) {
            throw new PipelineFaultException(
                    "strides has "
                            + strideSizes.length
                            + " numbers, expected one for each of the grids "
                            + names);
        }
        return names;
    }

    private int anchorsPerCell() {
        return anchorSizes.length / 2 / strideSizes.length;
    }

    @Override
    void check(SignatureTensors signature, Labels labels) {
        for (String name : names(signature.specs().keySet())) {
            ModelTensor declared = numeric(signature, name);
            if (!declared.shape().isUnknown()) {
                checkShape(declared.shape(), declared.toString());
                long classes = classes(declared.shape());
                if (classes > 0) {
                    labels.checkCount((int) classes, declared.toString());
                }
            }
        }
    }

    private void checkShape(Shape shape, String described) {
        int rank = shape.numDimensions();
        int perCell = anchorsPerCell();
        boolean fits =
                rank == RANK
                        ? isUnknownOr(shape, 3, size -> size % perCell == 0)
                        : rank == RANK + 1 && isUnknownOr(shape, 3, size -> size == perCell);
        if (!fits || (shape.get(rank - 1) != Shape.UNKNOWN_SIZE && classes(shape) < 1)) {
            throw new PipelineFaultException(
                    "expected a grid of shape [images, rows, columns, "
                            + perCell
                            + " * (5 + classes)] or [images, rows, columns, "
                            + perCell
                            + ", 5 + classes], with "
                            + perCell
                            + " anchors by the properties anchors and strides, but "
                            + described);
        }
    }

    private static boolean isUnknownOr(Shape shape, int axis, LongPredicate condition) {
        return shape.get(axis) == Shape.UNKNOWN_SIZE || condition.test(shape.get(axis));
    }

    /** {@return the number of classes, -1 if it is not known, less than 1 if there are none} */
    private long classes(Shape shape) {
        int rank = shape.numDimensions();
        long last = shape.get(rank - 1);
        if (last == Shape.UNKNOWN_SIZE) {
            return -1;
        }
        return (rank == RANK ? last / anchorsPerCell() : last) - YoloGrid.LEADING;
    }

    @Override
    String origin() {
        return "set anchors, strides and decoding to what the model's outputs hold";
    }

    @Override
    List<Boxes> images(NamedTensors.Reference tensors) {
        List<ModelOutput> found = new ArrayList<>();
        for (String name : names(tensors.names())) {
            ModelOutput output = ModelOutput.of(tensors, name);
            checkShape(output.shape(), output.toString());
            found.add(output);
        }
        // The smallest stride has the most cells, whatever the outputs are called.
        found.sort(Comparator.comparingLong(YoloGridsPostprocessor::cells).reversed());
        int[] order =
                IntStream.range(0, strideSizes.length)
                        .boxed()
                        .sorted(Comparator.comparingDouble(i -> strideSizes[i]))
                        .mapToInt(Integer::intValue)
                        .toArray();
        int perCell = 2 * anchorsPerCell();
        List<YoloGrid> grids = new ArrayList<>();
        for (int i = 0; i < found.size(); i++) {
            ModelOutput output = found.get(i);
            Shape shape = output.shape();
            ModelOutput first = found.get(0);
            if (shape.get(0) != first.shape().get(0) || classes(shape) != classes(first.shape())) {
                throw new PipelineFaultException(
                        "expected grids of the same images and classes, but "
                                + first
                                + ", and "
                                + output);
            }
            int from = order[i] * perCell;
            grids.add(
                    new YoloGrid(
                            output.numbers(),
                            (int) shape.get(1),
                            (int) shape.get(2),
                            Arrays.copyOfRange(anchorSizes, from, from + perCell),
                            (int) classes(shape),
                            strideSizes[order[i]],
                            decoding));
        }
        return IntStream.range(0, Math.toIntExact(found.get(0).shape().get(0)))
                .mapToObj(image -> (Boxes) new Image(grids, image, multiLabel))
                .toList();
    }

    private static long cells(ModelOutput output) {
        return output.shape().get(1) * output.shape().get(2);
    }

    /** The boxes of one image, grid by grid; with several labels, one for each class. */
    private record Image(List<YoloGrid> grids, int image, boolean multiLabel) implements Boxes {

        private int labels() {
            return multiLabel ? grids.get(0).classes() : 1;
        }

        @Override
        public int count() {
            return labels() * grids.stream().mapToInt(YoloGrid::boxes).sum();
        }

        @Override
        public float confidence(int index) {
            return at(index).score();
        }

        @Override
        public Box get(int index) {
            Place place = at(index);
            return place.grid().box(image, place.box(), place.classId());
        }

        private Place at(int index) {
            int box = index / labels();
            for (YoloGrid grid : grids) {
                if (box < grid.boxes()) {
                    int classId = multiLabel ? index % labels() : grid.best(image, box);
                    return new Place(grid, image, box, classId);
                }
                box -= grid.boxes();
            }
            throw new IndexOutOfBoundsException(index);
        }
    }

    /** A box of a grid, and a class. */
    private record Place(YoloGrid grid, int image, int box, int classId) {

        float score() {
            return grid.score(image, box, classId);
        }
    }
}
