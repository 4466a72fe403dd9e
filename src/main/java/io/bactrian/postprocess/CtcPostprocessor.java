package io.bactrian.postprocess;

import io.bactrian.limit.Deadline;
import io.bactrian.limit.DeadlineExceededException;
import io.bactrian.pipeline.ExchangeDeadline;
import io.bactrian.pipeline.ModelTensor;
import io.bactrian.pipeline.PipelineFaultException;
import io.bactrian.pipeline.SignatureTensors;
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
 * The postprocessor of CTC (connectionist temporal classification), as models that read text in
 * images or in speech give it: scores {@code [rows, steps, classes]}, of which one class is the
 * blank. It answers the text of each row, greedily as {@code tf.nn.ctc_greedy_decoder} or by beam
 * search as {@code tf.nn.ctc_beam_search_decoder}.
 */
@Metadata(
        label = "bean",
        description =
                "Answers the text that a model with CTC reads or hears, such as {\"text\": \"A-113\"},"
                        + " of scores [rows, steps, classes]: the best class of each step, or a beam"
                        + " search; repeated classes are merged, and blanks left out.",
        annotations = {"interfaceName=org.apache.camel.Processor"})
public final class CtcPostprocessor extends LabelledPostprocessor {

    private static final int MAX_BEAM_WIDTH = 1000;

    /** What keras.backend.ctc_decode adds to probabilities. */
    private static final double EPSILON = 1e-7;

    /** Which class is the blank. */
    public enum Blank {
        /** Class 0. */
        FIRST,
        /** The last class. */
        LAST
    }

    @Metadata(
            description =
                    "The characters of the classes without the blank, such as"
                            + " ABCDEFGHIJKLMNOPQRSTUVWXYZ. Not set: the classes' names are in labels or"
                            + " labelsFile")
    private @Nullable String alphabet;

    @Metadata(description = "Which class is the blank: LAST, or FIRST for class 0")
    private Blank blank = Blank.LAST;

    @Metadata(
            description =
                    "The number of prefixes that a beam search keeps at each step, at most 1000. Not"
                            + " set: greedy, the best class of each step")
    private @Nullable Integer beamWidth;

    @Metadata(description = "Whether a class at successive steps counts once, as CTC has it")
    private boolean mergeRepeated = true;

    @Metadata(
            description =
                    "Whether the model's output is logits, of which softmax makes probabilities; false"
                            + " for probabilities")
    private boolean logits;

    @Metadata(description = "What stands between the names of two classes. Not set: nothing")
    private String separator = "";

    @Metadata(
            description =
                    "The name of the field with the probability: of the text in a beam search, of the"
                            + " best alignment if greedy. Empty: it is left out")
    private String confidenceField = "";

    /** Creates a postprocessor with the default properties. */
    public CtcPostprocessor() {
        super("text");
    }

    /** {@return the characters of the classes without the blank, or null} */
    public @Nullable String getAlphabet() {
        return alphabet;
    }

    /**
     * Sets the characters of the classes without the blank; null for labels in their place.
     *
     * @param alphabet the characters of the classes without the blank, or null
     */
    public void setAlphabet(@Nullable String alphabet) {
        this.alphabet = alphabet;
    }

    /** {@return which class is the blank} */
    public Blank getBlank() {
        return blank;
    }

    /**
     * Sets which class is the blank, {@link Blank#LAST} by default.
     *
     * @param blank which class is the blank
     */
    public void setBlank(Blank blank) {
        this.blank = blank;
    }

    /** {@return the number of prefixes that a beam search keeps, or null} */
    public @Nullable Integer getBeamWidth() {
        return beamWidth;
    }

    /**
     * Sets the number of prefixes that a beam search keeps at each step; null, as by default, to
     * take the best class of each step.
     *
     * @param beamWidth the number of prefixes that a beam search keeps, or null
     * @throws PipelineFaultException below 1 or above 1000
     */
    public void setBeamWidth(@Nullable Integer beamWidth) {
        if (beamWidth != null && (beamWidth < 1 || beamWidth > MAX_BEAM_WIDTH)) {
            throw PipelineFaultException.property(
                    "beamWidth", "from 1 to " + MAX_BEAM_WIDTH, beamWidth);
        }
        this.beamWidth = beamWidth;
    }

    /** {@return whether a class at successive steps counts once} */
    public boolean isMergeRepeated() {
        return mergeRepeated;
    }

    /**
     * Sets whether a class at successive steps counts once, as by default.
     *
     * @param mergeRepeated whether a class at successive steps counts once
     */
    public void setMergeRepeated(boolean mergeRepeated) {
        this.mergeRepeated = mergeRepeated;
    }

    /** {@return whether the model's output is logits} */
    public boolean isLogits() {
        return logits;
    }

    /**
     * Sets whether the model's output is logits; false, as by default, for probabilities.
     *
     * @param logits whether the model's output is logits
     */
    public void setLogits(boolean logits) {
        this.logits = logits;
    }

    /** {@return what stands between the names of two classes} */
    public String getSeparator() {
        return separator;
    }

    /**
     * Sets what stands between the names of two classes, nothing by default.
     *
     * @param separator what stands between the names of two classes
     */
    public void setSeparator(String separator) {
        this.separator = separator;
    }

    /** {@return the name of the field with the probability} */
    public String getConfidenceField() {
        return confidenceField;
    }

    /**
     * Sets the name of the field with the probability; empty, as by default, to leave it out.
     *
     * @param confidenceField the name of the field with the probability
     */
    public void setConfidenceField(String confidenceField) {
        this.confidenceField = confidenceField;
    }

    @Override
    void checkProperties() {
        super.checkProperties();
        if (alphabet != null && (getLabels() != null || getLabelsFile() != null)) {
            throw new PipelineFaultException(
                    "alphabet and "
                            + (getLabels() != null ? "labels" : "labelsFile")
                            + " are both set: keep one of them");
        }
        if (alphabet == null && getLabels() == null && getLabelsFile() == null) {
            throw new PipelineFaultException("set alphabet, labels or labelsFile");
        }
        if (beamWidth != null && !mergeRepeated) {
            throw new PipelineFaultException(
                    "mergeRepeated is false, which a beam search can't take: leave beamWidth out");
        }
        AnswerMembers.checkDistinct(
                Map.of("field", getField(), "confidenceField", confidenceField));
    }

    /** {@return the names of all classes but the blank} */
    private Labels names() {
        String characters = alphabet;
        return characters == null
                ? labels()
                : Labels.listed(
                        "alphabet", characters.codePoints().mapToObj(Character::toString).toList());
    }

    @Override
    void check(SignatureTensors outputs, Labels labels) {
        ModelTensor declared = numeric(outputs, getOutput());
        Shape shape = declared.shape();
        if (shape.isUnknown()) {
            return;
        }
        checkRank(shape, declared.toString());
        if (shape.get(2) != Shape.UNKNOWN_SIZE) {
            Labels names = alphabet == null ? labels : names();
            names.checkCount(Math.toIntExact(shape.get(2) - 1), "the blank aside, " + declared);
        }
    }

    private static void checkRank(Shape shape, String described) {
        if (shape.numDimensions() != 3) {
            throw new PipelineFaultException(
                    "expected scores of shape [rows, steps, classes], but " + described);
        }
    }

    @Override
    protected Object answer(Exchange exchange, NamedTensors.Reference outputs) {
        ModelOutput read = read(outputs);
        checkRank(read.shape(), read.toString());
        int rows = Math.toIntExact(read.shape().get(0));
        int steps = Math.toIntExact(read.shape().get(1));
        int classes = Math.toIntExact(read.shape().get(2));
        Labels names = names();
        names.checkCount(classes - 1, "the blank aside, " + read);
        Deadline deadline = ExchangeDeadline.of(exchange);
        return perRow(
                exchange,
                rows,
                row -> {
                    CtcBeamSearch.Path path =
                            beamWidth == null
                                    ? greedy(read.numbers(), row * steps, steps, classes)
                                    : searched(
                                            read.numbers(),
                                            row * steps,
                                            steps,
                                            classes,
                                            beamWidth,
                                            deadline);
                    return described(path, names);
                });
    }

    private Object described(CtcBeamSearch.Path path, Labels names) {
        List<String> text = new ArrayList<>();
        for (int classId : path.classes()) {
            text.add(String.valueOf(names.name(blank == Blank.FIRST ? classId - 1 : classId)));
        }
        String joined = String.join(separator, text);
        if (confidenceField.isEmpty()) {
            return inField(joined);
        }
        Map<String, Object> answer = new LinkedHashMap<>();
        if (!getField().isEmpty()) {
            answer.put(getField(), joined);
        }
        answer.put(confidenceField, Math.exp(path.logProbability()));
        return answer;
    }

    private int blankClass(int classes) {
        return blank == Blank.FIRST ? 0 : classes - 1;
    }

    private CtcBeamSearch.Path greedy(
            NumericElements scores, int firstStep, int steps, int classes) {
        List<Integer> text = new ArrayList<>();
        double[] logs = new double[classes];
        double total = 0;
        int before = -1;
        for (int step = firstStep; step < firstStep + steps; step++) {
            int best = scores.argMax(step * classes, classes);
            if (best != blankClass(classes) && !(mergeRepeated && best == before)) {
                text.add(best);
            }
            before = best;
            // Scores that are none are a fault, whatever is answered of them.
            logProbabilities(scores, step * classes, logs);
            total += logs[best];
        }
        return new CtcBeamSearch.Path(text, total);
    }

    private CtcBeamSearch.Path searched(
            NumericElements scores,
            int firstStep,
            int steps,
            int classes,
            int width,
            Deadline deadline) {
        CtcBeamSearch search = new CtcBeamSearch(blankClass(classes), width);
        double[] logs = new double[classes];
        for (int step = firstStep; step < firstStep + steps; step++) {
            if (deadline.isPassed()) {
                throw new DeadlineExceededException("deadline exceeded while a text was decoded");
            }
            logProbabilities(scores, step * classes, logs);
            search.step(logs);
        }
        return search.best();
    }

    /** The log softmax of a step, of the logits or of the logarithms of the probabilities. */
    private void logProbabilities(NumericElements scores, int first, double[] logs) {
        double max = Double.NEGATIVE_INFINITY;
        for (int i = 0; i < logs.length; i++) {
            double score = scores.get(first + i);
            if (!Double.isFinite(score) || (!logits && score < 0)) {
                throw new PipelineFaultException(
                        "the model's score is "
                                + score
                                + (logits
                                        ? ", expected a logit"
                                        : ", expected a probability; set logits: true if it is a"
                                                + " logit"));
            }
            logs[i] = logits ? score : Math.log(score + EPSILON);
            max = Math.max(max, logs[i]);
        }
        double sum = 0;
        for (double log : logs) {
            sum += Math.exp(log - max);
        }
        double norm = max + Math.log(sum);
        for (int i = 0; i < logs.length; i++) {
            logs[i] -= norm;
        }
    }
}
