package io.bactrian.postprocess;

import io.bactrian.pipeline.ImageGeometry;
import io.bactrian.pipeline.ModelTensor;
import io.bactrian.pipeline.PipelineFaultException;
import io.bactrian.pipeline.SignatureTensors;
import io.bactrian.postprocess.image.ImageDrawing;
import io.bactrian.postprocess.image.ImageType;
import io.bactrian.tensor.NamedTensors;
import io.bactrian.tensor.NumericElements;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.camel.Exchange;
import org.apache.camel.spi.Metadata;
import org.jspecify.annotations.Nullable;
import org.tensorflow.ndarray.Shape;

/**
 * The postprocessor of models of poses, such as MoveNet: {@code {"poses": [{"score": 0.7, "xmin",
 * "ymin", "xmax", "ymax", "keypoints": [{"name": "nose", "x", "y", "score"}, …]}]}}, those with at
 * least the threshold's score. Where the request accepts an image rather than JSON, the answer is
 * the image that was sent with the poses drawn on it.
 *
 * <p>The output is {@code [images, poses, keypoints, 3]} or {@code [images, keypoints, 3]}, with y,
 * x and the score of each keypoint, or {@code [images, poses, columns]}, of which the first are
 * these.
 */
@Metadata(
        label = "bean",
        description =
                "Answers the keypoints of people or things by name, for models such as MoveNet,"
                        + " in pixels of the image that was sent; drawn on it where the request accepts"
                        + " an image rather than JSON.",
        annotations = {"interfaceName=org.apache.camel.Processor"})
public final class KeypointsPostprocessor extends Postprocessor {

    /** Row, column and score. */
    private static final int NUMBERS = 3;

    private static final int MAX_RANK = 4;

    @Metadata(
            description =
                    "The names of the model's keypoints in its order, with commas between; _ for one"
                            + " that is left out of the answer, the score and the box",
            defaultValue = KeypointNames.COCO)
    private String keypoints = KeypointNames.COCO;

    @Metadata(
            description =
                    "The least score of a pose in the answer: the mean of its keypoints' scores")
    private double threshold = 0.3;

    @Metadata(description = "Whether a score that equals the threshold is left out; false keeps it")
    private boolean strict;

    @Metadata(
            description =
                    "The least score of a keypoint in the answer. Not set: all keypoints of a pose are"
                            + " answered")
    private @Nullable Double keypointThreshold;

    @Metadata(
            description =
                    "The units of the model's keypoints: normalized is 0 to 1 of the model's input,"
                            + " pixels are the input's")
    private BoxCoordinates coordinates = BoxCoordinates.NORMALIZED;

    @Metadata(
            description =
                    "The units of the answer's keypoints and boxes: the model's, pixels of the image"
                            + " that was sent (original), or 0 to 1 of it (original_normalized). The"
                            + " image's size and place in the input are those that the image"
                            + " preprocessor kept")
    private AnswerCoordinates answerCoordinates = AnswerCoordinates.ORIGINAL;

    @Metadata(
            description =
                    "By how much the box around a pose's keypoints is enlarged on all sides, in the"
                            + " answer's units")
    private double boxMargin;

    private KeypointNames names = KeypointNames.parse(KeypointNames.COCO);

    /** Creates a postprocessor with the default properties. */
    public KeypointsPostprocessor() {
        super("poses");
    }

    /** {@return the names of the model's keypoints} */
    public String getKeypoints() {
        return keypoints;
    }

    /**
     * Sets the names of the model's keypoints in its order, with commas between.
     *
     * @param keypoints COCO's 17 by default; {@code _} for one that is left out
     * @throws PipelineFaultException if a name is empty or twice, or all are left out
     */
    public void setKeypoints(String keypoints) {
        this.names = KeypointNames.parse(keypoints);
        this.keypoints = keypoints;
    }

    /** {@return the least score of a pose in the answer} */
    public double getThreshold() {
        return threshold;
    }

    /**
     * Sets the least score of a pose in the answer.
     *
     * @param threshold 0.3 by default
     * @throws PipelineFaultException if it is not finite
     */
    public void setThreshold(double threshold) {
        this.threshold = Thresholds.finite(threshold);
    }

    /** {@return whether a score that equals the threshold is left out} */
    public boolean isStrict() {
        return strict;
    }

    /**
     * Sets whether a score that equals the threshold is left out.
     *
     * @param strict false by default
     */
    public void setStrict(boolean strict) {
        this.strict = strict;
    }

    /** {@return the least score of a keypoint in the answer; null for all} */
    public @Nullable Double getKeypointThreshold() {
        return keypointThreshold;
    }

    /**
     * Sets the least score of a keypoint in the answer.
     *
     * @param keypointThreshold null for all, as by default
     * @throws PipelineFaultException if it is not finite
     */
    public void setKeypointThreshold(@Nullable Double keypointThreshold) {
        if (keypointThreshold != null) {
            Thresholds.finite("keypointThreshold", keypointThreshold);
        }
        this.keypointThreshold = keypointThreshold;
    }

    /** {@return the units of the model's keypoints} */
    public BoxCoordinates getCoordinates() {
        return coordinates;
    }

    /**
     * Sets the units of the model's keypoints.
     *
     * @param coordinates {@link BoxCoordinates#NORMALIZED} by default
     */
    public void setCoordinates(BoxCoordinates coordinates) {
        this.coordinates = coordinates;
    }

    /** {@return the units of the answer's keypoints and boxes} */
    public AnswerCoordinates getAnswerCoordinates() {
        return answerCoordinates;
    }

    /**
     * Sets the units of the answer's keypoints and boxes.
     *
     * @param answerCoordinates {@link AnswerCoordinates#ORIGINAL} by default
     */
    public void setAnswerCoordinates(AnswerCoordinates answerCoordinates) {
        this.answerCoordinates = answerCoordinates;
    }

    /** {@return by how much the box around a pose is enlarged} */
    public double getBoxMargin() {
        return boxMargin;
    }

    /**
     * Sets by how much the box around a pose is enlarged on all sides.
     *
     * @param boxMargin in the answer's units, 0 by default
     * @throws PipelineFaultException if it is not finite
     */
    public void setBoxMargin(double boxMargin) {
        this.boxMargin = Thresholds.finite("boxMargin", boxMargin);
    }

    @Override
    protected void configure(List<SignatureTensors> outputs) {
        for (SignatureTensors each : outputs) {
            ModelTensor declared = numeric(each, getOutput());
            if (!declared.shape().isUnknown()) {
                checkShape(declared.shape(), declared.toString());
            }
        }
    }

    /** Where the poses are in an output. */
    private record Layout(int images, int poses, int columns) {}

    private void checkShape(Shape shape, String described) {
        int rank = shape.numDimensions();
        int points = names.count();
        boolean fits =
                (rank == MAX_RANK && is(shape, 2, points) && is(shape, NUMBERS, NUMBERS))
                        || (rank == NUMBERS
                                && ((is(shape, 1, points) && is(shape, 2, NUMBERS))
                                        || shape.get(2) == Shape.UNKNOWN_SIZE
                                        || shape.get(2) >= (long) NUMBERS * points));
        if (!fits) {
            throw new PipelineFaultException(
                    "expected keypoints of shape [images, poses, %d, 3], [images, %d, 3] or [images,"
                                    .formatted(points, points)
                            + " poses, "
                            + NUMBERS * points
                            + " or more], with "
                            + points
                            + " keypoints by the property keypoints, but "
                            + described);
        }
    }

    private static boolean is(Shape shape, int axis, int size) {
        return shape.get(axis) == Shape.UNKNOWN_SIZE || shape.get(axis) == size;
    }

    private Layout layout(Shape shape) {
        int images = Math.toIntExact(shape.get(0));
        if (shape.numDimensions() == MAX_RANK) {
            return new Layout(images, (int) shape.get(1), NUMBERS * names.count());
        }
        return is(shape, 1, names.count()) && is(shape, 2, NUMBERS)
                ? new Layout(images, 1, NUMBERS * names.count())
                : new Layout(images, (int) shape.get(1), (int) shape.get(2));
    }

    @Override
    protected Object answer(Exchange exchange, NamedTensors.Reference outputs) {
        ModelOutput output = read(outputs);
        checkShape(output.shape(), output.toString());
        Layout layout = layout(output.shape());
        if (layout.images() == 0) {
            throw new PipelineFaultException("expected keypoints of images, but " + output);
        }
        ImageType accepted = ImageType.accepted(exchange);
        if (accepted != null) {
            ImageType.requireOne(exchange, layout.images(), "answers");
            return draw(exchange, poses(output.numbers(), layout, 0), accepted);
        }
        List<ImageGeometry> geometries =
                answerCoordinates == AnswerCoordinates.MODEL
                        ? List.of()
                        : ImageGeometry.of(exchange, layout.images());
        return perRow(
                exchange,
                layout.images(),
                image -> {
                    List<Map<String, Object>> poses = new ArrayList<>();
                    for (Pose pose : poses(output.numbers(), layout, image)) {
                        poses.add(
                                describe(
                                        geometries.isEmpty()
                                                ? pose
                                                : inImage(pose, geometries.get(image))));
                    }
                    return inField(poses);
                });
    }

    /** {@return the poses of an image that reach the threshold, in the model's order} */
    private List<Pose> poses(NumericElements numbers, Layout layout, int image) {
        List<Pose> poses = new ArrayList<>();
        for (int i = 0; i < layout.poses(); i++) {
            int first = (image * layout.poses() + i) * layout.columns();
            List<Pose.Point> points = new ArrayList<>();
            for (int index : names.used()) {
                int at = first + index * NUMBERS;
                points.add(
                        new Pose.Point(
                                index,
                                (float) numbers.get(at + 1),
                                (float) numbers.get(at),
                                (float) numbers.get(at + 2)));
            }
            Pose pose = Pose.of(points);
            if (Thresholds.passes(pose.score(), threshold, strict)) {
                poses.add(pose);
            }
        }
        return poses;
    }

    private Pose inImage(Pose pose, ImageGeometry image) {
        Pose original = pose.original(coordinates, image);
        return answerCoordinates == AnswerCoordinates.ORIGINAL
                ? original
                : original.dividedBy(image.originalWidth(), image.originalHeight());
    }

    private boolean isShown(Pose.Point point) {
        return keypointThreshold == null || Thresholds.reaches(point.score(), keypointThreshold);
    }

    private Map<String, Object> describe(Pose pose) {
        Map<String, Object> described = new LinkedHashMap<>();
        described.put("score", pose.score());
        float[] corners = BoxForm.CORNERS.numbers(pose.box((float) boxMargin));
        for (int i = 0; i < corners.length; i++) {
            described.put(BoxForm.CORNERS.names().get(i), corners[i]);
        }
        List<Map<String, Object>> points = new ArrayList<>();
        for (Pose.Point point : pose.points()) {
            if (isShown(point)) {
                Map<String, Object> keypoint = new LinkedHashMap<>();
                keypoint.put("name", names.names().get(point.index()));
                keypoint.put("x", point.x());
                keypoint.put("y", point.y());
                keypoint.put("score", point.score());
                points.add(keypoint);
            }
        }
        described.put("keypoints", points);
        return described;
    }

    private byte[] draw(Exchange exchange, List<Pose> poses, ImageType type) {
        ImageGeometry geometry = ImageGeometry.of(exchange, 1).get(0);
        ImageDrawing drawing = ImageDrawing.open(exchange);
        for (int i = 0; i < poses.size(); i++) {
            Pose.Point[] shown = new Pose.Point[names.count()];
            for (Pose.Point point : poses.get(i).original(coordinates, geometry).points()) {
                shown[point.index()] = isShown(point) ? point : null;
            }
            for (KeypointNames.Edge edge : names.edges()) {
                Pose.Point from = shown[edge.from()];
                Pose.Point to = shown[edge.to()];
                if (from != null && to != null) {
                    drawing.line(from.x(), from.y(), to.x(), to.y(), i);
                }
            }
            for (Pose.Point point : shown) {
                if (point != null) {
                    drawing.point(point.x(), point.y(), i);
                }
            }
        }
        return drawing.encode(type);
    }
}
