package io.bactrian.postprocess;

import com.fasterxml.jackson.databind.JsonNode;
import io.bactrian.format.NpyReader;
import io.bactrian.pipeline.PipelineFaultException;
import io.bactrian.pipeline.ProcessorFile;
import io.bactrian.pipeline.SignatureTensors;
import io.bactrian.preprocess.table.FeatureVectors;
import io.bactrian.tensor.BadInputException;
import io.bactrian.tensor.DType;
import io.bactrian.tensor.NamedTensors;
import io.bactrian.tensor.NumericElements;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.OptionalDouble;
import org.apache.camel.Exchange;
import org.apache.camel.spi.Metadata;
import org.jspecify.annotations.Nullable;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.types.family.TType;

/**
 * The postprocessor of an autoencoder that finds anomalies: it compares the output with the vectors
 * that a preprocessor with {@code keepRows: true} gave the model, and answers whether their mean
 * error is above a threshold: {@code {"anomaly": true, "error": 0.21}}.
 */
@Metadata(
        label = "bean",
        description =
                "Answers whether an autoencoder's output differs from what the model was given, such as"
                        + " {\"anomaly\": true, \"error\": 0.21}; a list of that for a list of rows. It"
                        + " needs a FeatureVectorPreprocessor or WindowPreprocessor with keepRows: true.",
        annotations = {"interfaceName=org.apache.camel.Processor"})
public class ReconstructionErrorPostprocessor extends FilePostprocessor<OptionalDouble> {

    /** The error of several elements. */
    public enum Metric {
        /** The mean of the squared differences. */
        MSE,
        /** The mean of the absolute differences. */
        MAE
    }

    @Metadata(
            description =
                    "The error of a row or window: MSE, the mean of the squared differences of all"
                            + " elements as the model takes them, or MAE, that of the absolute ones")
    private Metric metric = Metric.MSE;

    @Metadata(
            description =
                    "The error above which a row or window is an anomaly. Not set: that of"
                            + " thresholdFile")
    private @Nullable Double threshold;

    @Metadata(
            description =
                    "A file with the threshold: one number in a NumPy file (.npy), or in JSON. Found"
                            + " as labelsFile is. Not set: threshold")
    private @Nullable String thresholdFile;

    @Metadata(description = "Whether an error that equals the threshold is no anomaly")
    private boolean strict = true;

    @Metadata(description = "The name of the field with the error. Empty: the error is left out")
    private String errorField = "error";

    @Metadata(
            description =
                    "The name of the field with the threshold. Empty: the threshold is left out")
    private String thresholdField = "";

    @Metadata(
            description =
                    "The name of the field with the health in percent, with two decimal places: 100"
                            + " without an error, 0 from the threshold on. Empty: it is left out")
    private String healthField = "";

    @Metadata(
            description =
                    "The number of decimal places that the error is rounded to, 0 to 15, as by"
                            + " Python's round. Not set: it is not rounded")
    private @Nullable Integer round;

    /** Creates a postprocessor with default properties. */
    public ReconstructionErrorPostprocessor() {
        super("anomaly", OptionalDouble.empty());
    }

    /** {@return the error of a row or window} */
    public Metric getMetric() {
        return metric;
    }

    /**
     * Sets the error of a row or window.
     *
     * @param metric {@link Metric#MSE} by default
     */
    public void setMetric(Metric metric) {
        this.metric = metric;
    }

    /** {@return the error above which a row or window is an anomaly; null for that of a file} */
    public @Nullable Double getThreshold() {
        return threshold;
    }

    /**
     * Sets the error above which a row or window is an anomaly.
     *
     * @param threshold null for that of a file
     * @throws PipelineFaultException if it is not finite
     */
    public void setThreshold(@Nullable Double threshold) {
        this.threshold = threshold == null ? null : (Double) Thresholds.finite(threshold);
    }

    /** {@return a file with the threshold, NumPy's or JSON; null for none} */
    public @Nullable String getThresholdFile() {
        return thresholdFile;
    }

    /**
     * Sets a file with the threshold, NumPy's or JSON.
     *
     * @param thresholdFile null for none, as by default
     */
    public void setThresholdFile(@Nullable String thresholdFile) {
        this.thresholdFile = thresholdFile;
    }

    /** {@return whether an error that equals the threshold is no anomaly} */
    public boolean isStrict() {
        return strict;
    }

    /**
     * Sets whether an error that equals the threshold is no anomaly.
     *
     * @param strict true by default
     */
    public void setStrict(boolean strict) {
        this.strict = strict;
    }

    /** {@return the name of the field with the error} */
    public String getErrorField() {
        return errorField;
    }

    /**
     * Sets the name of the field with the error.
     *
     * @param errorField {@code error} by default
     */
    public void setErrorField(String errorField) {
        this.errorField = errorField;
    }

    /** {@return the name of the field with the threshold; empty to leave it out} */
    public String getThresholdField() {
        return thresholdField;
    }

    /**
     * Sets the name of the field with the threshold.
     *
     * @param thresholdField empty, as by default, to leave it out
     */
    public void setThresholdField(String thresholdField) {
        this.thresholdField = thresholdField;
    }

    /** {@return the name of the field with the health; empty to leave it out} */
    public String getHealthField() {
        return healthField;
    }

    /**
     * Sets the name of the field with the health.
     *
     * @param healthField empty, as by default, to leave it out
     */
    public void setHealthField(String healthField) {
        this.healthField = healthField;
    }

    /** {@return the number of decimal places that the error is rounded to; null for all digits} */
    public @Nullable Integer getRound() {
        return round;
    }

    /**
     * Sets the number of decimal places that the error is rounded to.
     *
     * @param round null for all digits, as by default
     * @throws PipelineFaultException below 0 or above 15
     */
    public void setRound(@Nullable Integer round) {
        this.round = Rounding.places(round);
    }

    @Override
    void checkProperties() {
        if ((threshold == null) == (thresholdFile == null)) {
            throw new PipelineFaultException("set one of threshold and thresholdFile");
        }
        Map<String, String> fields = new HashMap<>();
        fields.put("field", getField());
        fields.put("errorField", errorField);
        fields.put("thresholdField", thresholdField);
        fields.put("healthField", healthField);
        AnswerMembers.checkDistinct(fields);
        if (fields.values().stream().allMatch(String::isEmpty)) {
            throw new PipelineFaultException("the answer has no fields: set field or errorField");
        }
    }

    @Override
    boolean namesFile() {
        return thresholdFile != null;
    }

    @Override
    OptionalDouble load(List<Path> modelFolders) {
        if (threshold != null) {
            return OptionalDouble.of(threshold);
        }
        if (thresholdFile == null) {
            return OptionalDouble.empty();
        }
        ProcessorFile file = new ProcessorFile(getCamelContext(), "thresholdFile", thresholdFile);
        byte[] bytes = read(file, modelFolders);
        double number =
                thresholdFile.toLowerCase(Locale.ROOT).endsWith(".npy")
                        ? ofNpy(file, bytes)
                        : ofJson(file, file.json(bytes));
        if (!Double.isFinite(number)) {
            throw new PipelineFaultException(
                    file + " has " + number + ", expected a finite number");
        }
        return OptionalDouble.of(number);
    }

    private static double ofNpy(ProcessorFile file, byte[] bytes) {
        try (TType tensor = NpyReader.read(bytes)) {
            if (DType.of(tensor) == DType.STRING || tensor.shape().size() != 1) {
                throw new PipelineFaultException(file + " must have one number");
            }
            return NumericElements.of(tensor).get(0);
        } catch (BadInputException e) {
            throw new PipelineFaultException(file + ": " + e.getMessage());
        }
    }

    private static double ofJson(ProcessorFile file, JsonNode json) {
        JsonNode number = json.size() == 1 ? json.iterator().next() : json;
        if (!number.isNumber()) {
            throw new PipelineFaultException(file + " must have one number");
        }
        return number.doubleValue();
    }

    @Override
    void check(SignatureTensors outputs, OptionalDouble loaded) {
        Shape shape = numeric(outputs, getOutput()).shape();
        if (!shape.isUnknown() && shape.numDimensions() == 0) {
            throw new PipelineFaultException(
                    "expected a reconstruction [rows, …], but " + numeric(outputs, getOutput()));
        }
    }

    @Override
    protected final Object answer(Exchange exchange, NamedTensors.Reference outputs) {
        ModelOutput read = read(outputs);
        FeatureVectors given = FeatureVectors.of(exchange);
        long elements = (long) given.size() * given.width();
        int rows = read.shape().numDimensions() == 0 ? 0 : Math.toIntExact(read.shape().get(0));
        if (rows == 0 || read.numbers().size() != elements) {
            throw new PipelineFaultException(
                    "the model was given "
                            + given.size()
                            + (given.size() == 1 ? " row of " : " rows of ")
                            + given.width()
                            + ", but "
                            + read);
        }
        int size = read.numbers().size() / rows;
        return perRow(exchange, rows, row -> describe(error(read, given, row * size, size)));
    }

    private double error(ModelOutput output, FeatureVectors given, int start, int size) {
        double sum = 0;
        for (int i = start; i < start + size; i++) {
            double difference = output.numbers().get(i) - given.get(i);
            sum += metric == Metric.MSE ? difference * difference : Math.abs(difference);
        }
        return sum / size;
    }

    private Map<String, Object> describe(double error) {
        if (!Double.isFinite(error)) {
            throw new PipelineFaultException(
                    "the error of the reconstruction is "
                            + error
                            + ": the model gave numbers that are not finite");
        }
        double limit = content().orElseThrow();
        Map<String, Object> answer = new LinkedHashMap<>();
        put(answer, getField(), strict ? error > limit : error >= limit);
        put(answer, errorField, Rounding.round(error, round));
        put(answer, thresholdField, limit);
        double health = Math.min(Math.max(100 - error / limit * 100, 0), 100);
        put(answer, healthField, Rounding.round(Double.isNaN(health) ? 0 : health, 2));
        return answer;
    }

    private static void put(Map<String, Object> answer, String name, Object value) {
        if (!name.isEmpty()) {
            answer.put(name, value);
        }
    }
}
