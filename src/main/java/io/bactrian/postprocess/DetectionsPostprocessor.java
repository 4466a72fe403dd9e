package io.bactrian.postprocess;

import static java.util.Objects.requireNonNull;

import io.bactrian.pipeline.ExchangeDeadline;
import io.bactrian.pipeline.ImageGeometry;
import io.bactrian.pipeline.PipelineFaultException;
import io.bactrian.postprocess.image.ImageDrawing;
import io.bactrian.postprocess.image.ImageType;
import io.bactrian.tensor.NamedTensors;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import org.apache.camel.Exchange;
import org.apache.camel.spi.Metadata;
import org.jspecify.annotations.Nullable;

/**
 * A postprocessor that answers a detector's boxes, {@code {"detections": [{"class_id", "label",
 * "confidence", "xmin", "ymin", "xmax", "ymax"}, …]}}: those with at least the threshold's
 * confidence, in the model's order, or the best first where boxes are suppressed. The answer to
 * several images is a list. Where the request accepts an image rather than JSON, the answer is the
 * image that was sent with the boxes drawn on it.
 */
abstract class DetectionsPostprocessor extends LabelledPostprocessor {

    /** What rounding may add to a probability of 1, or take from one of 0. */
    private static final double ROUNDING = 1e-3;

    private static final int PERCENT = 100;
    private static final int BOXES_PER_CHECK = 64;
    private static final Pattern CLASS_NUMBER = Pattern.compile("\\d{1,9}");

    /** The confidence of rows that pad an output. */
    private static final float PADDING = -1;

    @Metadata(description = "The least confidence of a detection in the answer")
    private double threshold = 0.5;

    @Metadata(
            description =
                    "Whether a confidence that equals the threshold is left out; false keeps it")
    private boolean strict;

    @Metadata(description = "The number of detections in the answer, the first ones. Not set: all")
    private @Nullable Integer limit;

    @Metadata(
            description =
                    "The numbers of the classes in the answer, with commas between; boxes of others"
                            + " suppress none. Not set: all")
    private @Nullable String classes;

    @Metadata(
            description =
                    "The name of a further field with the number of detections. Not set: there is none")
    private @Nullable String countField;

    @Metadata(
            description =
                    "The boxes that suppress each other where they overlap, as by"
                            + " tf.image.non_max_suppression: those of one class (per_class), all"
                            + " (all_classes), or none, for models that have done it")
    private Suppression suppression = Suppression.NONE;

    @Metadata(
            description =
                    "The overlap over which the box with the lower confidence is suppressed:"
                            + " intersection over union")
    private double iouThreshold = 0.5;

    @Metadata(
            description =
                    "The sigma of soft suppression, as by tf.image.non_max_suppression_with_scores:"
                            + " overlapping boxes get a lower confidence, whatever the iouThreshold."
                            + " 0: they are suppressed")
    private double sigma;

    @Metadata(
            description =
                    "The units of the model's boxes: normalized is 0 to 1 of the model's input, pixels"
                            + " are the input's. Not set: unknown, and the answer's are the model's")
    private @Nullable BoxCoordinates coordinates;

    @Metadata(
            description =
                    "The units of the answer's boxes: the model's, pixels of the image that was sent"
                            + " (original), or 0 to 1 of it (original_normalized). The image's size"
                            + " and place in the input are those that the image preprocessor kept")
    private AnswerCoordinates answerCoordinates = AnswerCoordinates.MODEL;

    @Metadata(
            description =
                    "The four numbers of an answer's box: corners are xmin, ymin, xmax, ymax;"
                            + " corner_size is x, y, width, height from the upper left corner;"
                            + " center_size is the same from the center")
    private BoxForm boxForm = BoxForm.CORNERS;

    @Metadata(
            description =
                    "Whether the numbers of boxes are made whole, as by Python's int, which drops the"
                            + " decimals")
    private boolean wholeNumbers;

    private @Nullable Set<Integer> answeredClasses;

    /**
     * @param coordinates the default of the property {@code coordinates}
     */
    DetectionsPostprocessor(@Nullable BoxCoordinates coordinates) {
        super("detections");
        this.coordinates = coordinates;
    }

    public double getThreshold() {
        return threshold;
    }

    /**
     * Sets the least confidence of a detection in the answer, 0.5 by default.
     *
     * @throws PipelineFaultException if it is not finite
     */
    public void setThreshold(double threshold) {
        this.threshold = Thresholds.finite(threshold);
    }

    public boolean isStrict() {
        return strict;
    }

    /** Sets whether a confidence that equals the threshold is left out, false by default. */
    public void setStrict(boolean strict) {
        this.strict = strict;
    }

    public @Nullable Integer getLimit() {
        return limit;
    }

    /**
     * Sets the number of detections in the answer, the first ones; null for all, as by default.
     *
     * @throws PipelineFaultException below 1
     */
    public void setLimit(@Nullable Integer limit) {
        if (limit != null && limit < 1) {
            throw PipelineFaultException.property("limit", "1 or more", limit);
        }
        this.limit = limit;
    }

    public @Nullable String getClasses() {
        return classes;
    }

    /**
     * Sets the numbers of the classes in the answer, with commas between; null for all, as by
     * default.
     *
     * @throws PipelineFaultException if they are no whole numbers from 0 on
     */
    public void setClasses(@Nullable String classes) {
        this.answeredClasses = classes == null ? null : parseClasses(classes);
        this.classes = classes;
    }

    private static Set<Integer> parseClasses(String text) {
        Set<Integer> numbers = new HashSet<>();
        for (String each : text.split(",", -1)) {
            if (!CLASS_NUMBER.matcher(each.strip()).matches()) {
                throw PipelineFaultException.property(
                        "classes", "class numbers with commas between, such as 1, 3", text);
            }
            numbers.add(Integer.valueOf(each.strip()));
        }
        return numbers;
    }

    public @Nullable String getCountField() {
        return countField;
    }

    /**
     * Sets the name of a further field with the number of detections; null for none, as by default.
     */
    public void setCountField(@Nullable String countField) {
        this.countField = countField;
    }

    public Suppression getSuppression() {
        return suppression;
    }

    /** Sets the boxes that suppress each other, {@link Suppression#NONE} by default. */
    public void setSuppression(Suppression suppression) {
        this.suppression = suppression;
    }

    public double getIouThreshold() {
        return iouThreshold;
    }

    /**
     * Sets the intersection over union above which a box is suppressed, 0.5 by default.
     *
     * @throws PipelineFaultException if it is not from 0 to 1
     */
    public void setIouThreshold(double iouThreshold) {
        if (!(iouThreshold >= 0 && iouThreshold <= 1)) {
            throw PipelineFaultException.property("iouThreshold", "from 0 to 1", iouThreshold);
        }
        this.iouThreshold = iouThreshold;
    }

    public double getSigma() {
        return sigma;
    }

    /**
     * Sets the sigma of soft suppression; 0 for none, as by default.
     *
     * @throws PipelineFaultException if it is negative or not finite
     */
    public void setSigma(double sigma) {
        if (Thresholds.finite("sigma", sigma) < 0) {
            throw PipelineFaultException.property("sigma", "0 or more", sigma);
        }
        this.sigma = sigma;
    }

    public @Nullable BoxCoordinates getCoordinates() {
        return coordinates;
    }

    /** Sets the units of the model's boxes. */
    public void setCoordinates(@Nullable BoxCoordinates coordinates) {
        this.coordinates = coordinates;
    }

    public AnswerCoordinates getAnswerCoordinates() {
        return answerCoordinates;
    }

    /** Sets the units of the answer's boxes, {@link AnswerCoordinates#MODEL} by default. */
    public void setAnswerCoordinates(AnswerCoordinates answerCoordinates) {
        this.answerCoordinates = answerCoordinates;
    }

    public BoxForm getBoxForm() {
        return boxForm;
    }

    /** Sets the four numbers of an answer's box, {@link BoxForm#CORNERS} by default. */
    public void setBoxForm(BoxForm boxForm) {
        this.boxForm = boxForm;
    }

    public boolean isWholeNumbers() {
        return wholeNumbers;
    }

    /** Sets whether the decimals of the boxes' numbers are dropped, false by default. */
    public void setWholeNumbers(boolean wholeNumbers) {
        this.wholeNumbers = wholeNumbers;
    }

    @Override
    void checkProperties() {
        super.checkProperties();
        if (answerCoordinates != AnswerCoordinates.MODEL && coordinates == null) {
            throw new PipelineFaultException(
                    "answerCoordinates is "
                            + answerCoordinates
                            + ": set coordinates to the units of the model's boxes, normalized or"
                            + " pixels");
        }
        if (getField().equals(countField)) {
            throw new PipelineFaultException("field and countField are both \"" + countField + '"');
        }
        if (sigma > 0 && suppression == Suppression.NONE) {
            throw new PipelineFaultException(
                    "sigma is " + sigma + ": set suppression to per_class or all_classes");
        }
    }

    @Override
    protected final Object answer(Exchange exchange, NamedTensors.Reference outputs) {
        List<Boxes> images = images(outputs);
        ImageType accepted = ImageType.accepted(exchange);
        if (accepted != null) {
            ImageType.requireOne(exchange, images.size(), "answers");
            return draw(exchange, images.get(0), accepted);
        }
        List<ImageGeometry> geometries =
                answerCoordinates == AnswerCoordinates.MODEL
                        ? List.of()
                        : ImageGeometry.of(exchange, images.size());
        return perRow(
                exchange,
                images.size(),
                row ->
                        answer(
                                exchange,
                                images.get(row),
                                geometries.isEmpty() ? null : geometries.get(row)));
    }

    private byte[] draw(Exchange exchange, Boxes boxes, ImageType type) {
        if (coordinates == null) {
            throw new PipelineFaultException(
                    "the request accepts an image: set coordinates to the units of the model's"
                            + " boxes, normalized or pixels, to draw them");
        }
        ImageGeometry geometry = ImageGeometry.of(exchange, 1).get(0);
        ImageDrawing drawing = ImageDrawing.open(exchange);
        for (Box box : select(exchange, boxes)) {
            Box original = coordinates.original(box, geometry);
            drawing.box(
                    original.xmin(),
                    original.ymin(),
                    original.xmax(),
                    original.ymax(),
                    classId(box),
                    caption(box));
        }
        return drawing.encode(type);
    }

    private String caption(Box box) {
        Object name = labels().name(classId(box));
        return (name == null ? classId(box) : name)
                + " "
                + Math.round(box.confidence() * PERCENT)
                + "%";
    }

    private Object answer(Exchange exchange, Boxes boxes, @Nullable ImageGeometry image) {
        List<Map<String, Object>> detections = new ArrayList<>();
        for (Box box : select(exchange, boxes)) {
            detections.add(describe(box, image));
        }
        if (countField == null) {
            return inField(detections);
        }
        Map<String, Object> counted = new LinkedHashMap<>();
        counted.put(countField, detections.size());
        if (!getField().isEmpty()) {
            counted.put(getField(), detections);
        }
        return counted;
    }

    /** {@return the boxes that are detections, in the order of the answer} */
    private List<Box> select(Exchange exchange, Boxes boxes) {
        Runnable check = ExchangeDeadline.check(exchange, "the model's boxes were compared");
        int max = limit == null ? Integer.MAX_VALUE : limit;
        List<Box> found = new ArrayList<>();
        int enough = suppression == Suppression.NONE ? max : Integer.MAX_VALUE;
        for (int i = 0; i < boxes.count() && found.size() < enough; i++) {
            if (i % BOXES_PER_CHECK == 0) {
                check.run();
            }
            float confidence = boxes.confidence(i);
            checkConfidence(confidence);
            // A row without a confidence is none of a detection, nor an error: NaN reaches nothing.
            if (Thresholds.reaches(confidence, threshold)
                    && Thresholds.passes(confidence, threshold, strict)) {
                Box box = boxes.get(i);
                int classId = classId(box);
                if (answeredClasses == null || answeredClasses.contains(classId)) {
                    found.add(box);
                }
            }
        }
        return new BoxSuppression(suppression, iouThreshold, sigma, threshold)
                .suppress(found, max, check);
    }

    /**
     * {@return the model's boxes of each image, in its order}
     *
     * @throws PipelineFaultException if the outputs are not a detector's
     */
    abstract List<Boxes> images(NamedTensors.Reference outputs);

    /** {@return where the classes and confidences come from, and what to set if they are wrong} */
    abstract String origin();

    private Map<String, Object> describe(Box found, @Nullable ImageGeometry image) {
        int classId = classId(found);
        Box box = image == null ? found : inImage(found, image);
        Map<String, Object> detection = new LinkedHashMap<>();
        detection.put("class_id", classId);
        addLabel(detection, classId);
        detection.put("confidence", box.confidence());
        float[] numbers = boxForm.numbers(box);
        for (int i = 0; i < numbers.length; i++) {
            detection.put(
                    boxForm.names().get(i),
                    wholeNumbers ? (Number) (long) numbers[i] : (Number) numbers[i]);
        }
        return detection;
    }

    private Box inImage(Box box, ImageGeometry image) {
        Box original = requireNonNull(coordinates).original(box, image);
        return answerCoordinates == AnswerCoordinates.ORIGINAL
                ? original
                : original.at(
                        original.xmin() / image.originalWidth(),
                        original.ymin() / image.originalHeight(),
                        original.xmax() / image.originalWidth(),
                        original.ymax() / image.originalHeight());
    }

    /** Checks a confidence: one that is no probability is a sign of columns in another order. */
    private void checkConfidence(float confidence) {
        if (confidence > 1 + ROUNDING || (confidence < -ROUNDING && confidence != PADDING)) {
            throw new PipelineFaultException(
                    "the model gave confidence "
                            + confidence
                            + ", expected a number from 0 to 1; "
                            + origin());
        }
    }

    /**
     * {@return the box's class} A value that is no class is a sign of columns or outputs in another
     * order.
     */
    private int classId(Box box) {
        int classId = (int) box.classId();
        if (classId != box.classId() || classId < 0) {
            throw new PipelineFaultException(
                    "the model gave class "
                            + box.classId()
                            + " with confidence "
                            + box.confidence()
                            + ", expected a whole number from 0 on; "
                            + origin());
        }
        labels().checkClass(classId);
        return classId;
    }

    /** A detector's boxes of one image, read one at a time. */
    interface Boxes {

        int count();

        float confidence(int index);

        Box get(int index);
    }

    /** A box and what it holds. */
    record Box(double classId, float confidence, float xmin, float ymin, float xmax, float ymax) {

        /** {@return the same with other corners} */
        Box at(float left, float top, float right, float bottom) {
            return new Box(classId, confidence, left, top, right, bottom);
        }

        /** {@return the same with another confidence} */
        Box with(float other) {
            return new Box(classId, other, xmin, ymin, xmax, ymax);
        }
    }
}
