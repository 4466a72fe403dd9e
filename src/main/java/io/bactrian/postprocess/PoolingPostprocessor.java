package io.bactrian.postprocess;

import io.bactrian.pipeline.ModelTensor;
import io.bactrian.pipeline.PipelineFaultException;
import io.bactrian.pipeline.SignatureTensors;
import io.bactrian.preprocess.text.TokenizedTexts;
import io.bactrian.tensor.NamedTensors;
import io.bactrian.tensor.NumericElements;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.camel.Exchange;
import org.apache.camel.spi.Metadata;
import org.tensorflow.ndarray.Shape;

/**
 * The postprocessor that answers one vector for each text, the embedding: of an output {@code
 * [texts, tokens, size]} it pools the tokens' vectors, padding left out; an output {@code [texts,
 * size]} is pooled already.
 */
@Metadata(
        label = "bean",
        description =
                "Answers the embedding of each text, such as {\"embedding\": [0.1, -0.2]}: the mean,"
                        + " maximum or first of its tokens' vectors, padding left out, or the model's"
                        + " own vector.",
        annotations = {"interfaceName=org.apache.camel.Processor"})
public class PoolingPostprocessor extends Postprocessor {

    /** The least that a vector's length is divided by, as in PyTorch's {@code normalize}. */
    private static final double MIN_NORM = 1e-12;

    /** How the vectors of a text's tokens become one. */
    public enum Pooling {
        /** Their mean. */
        MEAN,
        /** The largest value in each dimension. */
        MAX,
        /** The first token's, such as that of [CLS]. */
        FIRST
    }

    @Metadata(
            description =
                    "How the vectors of a text's tokens become one: MEAN, MAX, or FIRST, the vector of"
                            + " [CLS]")
    private Pooling pooling = Pooling.MEAN;

    @Metadata(description = "Whether vectors are divided by their length (L2 norm)")
    private boolean normalize;

    /** Creates a postprocessor with default properties. */
    public PoolingPostprocessor() {
        super("embedding");
    }

    /** {@return how the vectors of a text's tokens become one} */
    public Pooling getPooling() {
        return pooling;
    }

    /**
     * Sets how the vectors of a text's tokens become one.
     *
     * @param pooling {@link Pooling#MEAN} by default
     */
    public void setPooling(Pooling pooling) {
        this.pooling = pooling;
    }

    /** {@return whether vectors are divided by their length} */
    public boolean isNormalize() {
        return normalize;
    }

    /**
     * Sets whether vectors are divided by their length.
     *
     * @param normalize false by default
     */
    public void setNormalize(boolean normalize) {
        this.normalize = normalize;
    }

    @Override
    protected void configure(List<SignatureTensors> outputs) {
        for (SignatureTensors each : outputs) {
            ModelTensor declared = numeric(each, getOutput());
            checkShape(declared.shape(), declared.toString());
        }
    }

    private static void checkShape(Shape shape, String described) {
        if (!shape.isUnknown() && shape.numDimensions() != 2 && shape.numDimensions() != 3) {
            throw new PipelineFaultException(
                    "expected vectors of shape [texts, tokens, size] or [texts, size], but "
                            + described);
        }
    }

    @Override
    protected Object answer(Exchange exchange, NamedTensors.Reference outputs) {
        ModelOutput output = read(outputs);
        checkShape(output.shape(), output.toString());
        int rows = Math.toIntExact(output.shape().get(0));
        if (output.shape().numDimensions() == 2) {
            int size = Math.toIntExact(output.shape().get(1));
            return perRow(exchange, rows, row -> member(vector(output.numbers(), row, size)));
        }
        TokenizedTexts tokens = TokenizedTexts.of(exchange);
        if (tokens.rows().size() != rows || tokens.texts().size() != rows) {
            throw new PipelineFaultException(
                    output
                            + ", but there are "
                            + tokens.texts().size()
                            + " texts in "
                            + tokens.rows().size()
                            + " rows: a text's windows have no common embedding");
        }
        return perRow(exchange, rows, row -> member(pooled(output, tokens, row)));
    }

    private Object member(double[] vector) {
        double norm = 1;
        if (normalize) {
            double squares = 0;
            for (double each : vector) {
                squares += each * each;
            }
            norm = Math.max(Math.sqrt(squares), MIN_NORM);
        }
        List<Float> values = new ArrayList<>(vector.length);
        for (double each : vector) {
            values.add((float) (each / norm));
        }
        return getField().isEmpty() ? values : Map.of(getField(), values);
    }

    private static double[] vector(NumericElements numbers, int row, int size) {
        double[] vector = new double[size];
        for (int i = 0; i < size; i++) {
            vector[i] = numbers.get(row * size + i);
        }
        return vector;
    }

    private double[] pooled(ModelOutput output, TokenizedTexts tokens, int row) {
        int length = Math.toIntExact(output.shape().get(1));
        int size = Math.toIntExact(output.shape().get(2));
        int used = Math.min(length, tokens.rows().get(row).sequence().length());
        int first = tokens.firstToken(row, length);
        int count = pooling == Pooling.FIRST ? Math.min(1, used) : used;
        double[] vector = new double[size];
        for (int i = 0; i < count; i++) {
            double[] token = vector(output.numbers(), first + i, size);
            for (int j = 0; j < size; j++) {
                vector[j] =
                        pooling == Pooling.MAX && i > 0
                                ? Math.max(vector[j], token[j])
                                : vector[j] + token[j];
            }
        }
        if (pooling == Pooling.MEAN && count > 0) {
            for (int j = 0; j < size; j++) {
                vector[j] /= count;
            }
        }
        return vector;
    }
}
