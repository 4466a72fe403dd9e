package io.bactrian.preprocess;

import io.bactrian.pipeline.BodyText;
import io.bactrian.pipeline.ModelTensor;
import io.bactrian.pipeline.PipelineFaultException;
import io.bactrian.tensor.BadInputException;
import io.bactrian.tensor.DType;
import io.bactrian.tensor.JsonType;
import io.bactrian.tensor.StringTensors;
import io.bactrian.tensor.TensorSpec;
import io.bactrian.tensor.Utf8;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import org.apache.camel.Exchange;
import org.apache.camel.spi.Metadata;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.types.family.TType;

/**
 * The preprocessor of a text: it makes a string tensor of the text's UTF-8 bytes, of shape {@code
 * [1]} or the rank that the model takes, {@code []} or {@code [1, 1]}.
 *
 * <p>The text is a field of the message body, an object as {@code unmarshal: json} makes it, or the
 * whole body.
 */
@Metadata(
        label = "bean",
        description =
                "Makes a string tensor of a text: a field of the body's JSON object, or the whole"
                        + " body.",
        annotations = {"interfaceName=org.apache.camel.Processor"})
public class TextPreprocessor extends Preprocessor {

    private static final int MAX_RANK = 2;

    @Metadata(
            description = "The body's field that holds the text. Empty: the whole body is the text")
    private String field = "text";

    @Metadata(
            description =
                    "What happens to upper and lower case, whatever the machine's locale. LOWER and"
                            + " UPPER follow Unicode, as Python's str.lower and str.upper;"
                            + " ASCII_LOWER changes A to Z only, as tf.strings.lower")
    private CaseFolding caseFolding = CaseFolding.LOWER;

    private volatile Shape shape = Shape.of(1);

    public String getField() {
        return field;
    }

    /**
     * Sets the body's field that holds the text, {@code text} by default; empty if the whole body
     * is the text.
     */
    public void setField(String field) {
        this.field = field;
    }

    public CaseFolding getCaseFolding() {
        return caseFolding;
    }

    /** Sets what happens to upper and lower case, {@link CaseFolding#LOWER} by default. */
    public void setCaseFolding(CaseFolding caseFolding) {
        this.caseFolding = caseFolding;
    }

    /** Takes the tensor's rank from the inputs: {@code []}, {@code [1]} or {@code [1, 1]}. */
    @Override
    protected void configure(List<ModelTensor> inputs) {
        dtype(DType.STRING, inputs, dtype -> true, DType.STRING);
        Shape first = null;
        for (ModelTensor input : inputs) {
            if (input.shape().isUnknown()) {
                continue;
            }
            Shape taken = ones(input.shape().numDimensions());
            if (taken.numDimensions() > MAX_RANK || !input.spec().accepts(taken)) {
                throw new PipelineFaultException("makes one text, but " + input);
            }
            if (first != null && !taken.equals(first)) {
                throw new PipelineFaultException(
                        "feeds a model that takes "
                                + TensorSpec.format(first)
                                + " too: use another bean of it where "
                                + input);
            }
            first = taken;
        }
        shape = first == null ? Shape.of(1) : first;
    }

    private static Shape ones(int rank) {
        long[] sizes = new long[rank];
        Arrays.fill(sizes, 1);
        return Shape.of(sizes);
    }

    /**
     * {@inheritDoc}
     *
     * @throws BadInputException if the text is missing, no string, or not well-formed Unicode
     */
    @Override
    protected TType tensor(Exchange exchange) {
        String text = caseFolding.apply(text(exchange));
        String name = field.isEmpty() ? "the text" : "field \"" + field + "\"";
        return StringTensors.of(shape, Utf8.encode(text, name));
    }

    private String text(Exchange exchange) {
        if (field.isEmpty()) {
            return wholeBody(exchange);
        }
        Object value = field(exchange.getMessage().getBody(), field, "\"...\"");
        if (value instanceof String text) {
            return text;
        }
        throw new BadInputException(
                "field \"" + field + "\" must be a string, got " + JsonType.describe(value));
    }

    private static String wholeBody(Exchange exchange) {
        Object body = exchange.getMessage().getBody();
        if (body instanceof Map
                || body instanceof Collection
                || body instanceof Number
                || body instanceof Boolean) {
            throw new BadInputException("the body must be a text, got " + JsonType.describe(body));
        }
        String text = BodyText.of(exchange, body);
        if (text.isEmpty()) {
            throw new BadInputException("the body is empty, expected text");
        }
        return text;
    }
}
