package io.bactrian.preprocess;

import io.bactrian.pipeline.BodyText;
import io.bactrian.pipeline.ExchangeTensors;
import io.bactrian.pipeline.InputBound;
import io.bactrian.pipeline.PipelineFaultException;
import io.bactrian.pipeline.SignatureTensors;
import io.bactrian.tensor.BadInputException;
import io.bactrian.tensor.DType;
import io.bactrian.tensor.NamedTensors;
import io.bactrian.tensor.TensorSpec;
import io.bactrian.tensor.Utf8;
import java.util.Arrays;
import java.util.Collection;
import java.util.Map;
import org.apache.camel.Exchange;
import org.apache.camel.Processor;
import org.tensorflow.ndarray.NdArray;
import org.tensorflow.ndarray.NdArrays;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.types.TString;

/**
 * Text to a string tensor of its UTF-8 bytes: {@code [1]}, or of the rank that the model after it
 * takes, {@code []} or {@code [1, 1]}.
 *
 * <p>The text is a field of the message body, an object as {@code unmarshal: json} makes it, or the
 * whole body.
 */
public class TextPreprocessor implements Processor, InputBound {

    private String field = "text";
    private CaseFolding caseFolding = CaseFolding.LOWER;
    private String input = NamedTensors.UNNAMED;
    private volatile Shape shape = Shape.of(1);
    private boolean bound;

    /**
     * @param field the body's field that holds the text, {@code text} by default; empty for the
     *     whole body
     */
    public void setField(String field) {
        this.field = field;
    }

    public String getField() {
        return field;
    }

    /**
     * @param caseFolding what is done about upper and lower case, {@link CaseFolding#LOWER} by
     *     default
     */
    public void setCaseFolding(CaseFolding caseFolding) {
        this.caseFolding = caseFolding;
    }

    public CaseFolding getCaseFolding() {
        return caseFolding;
    }

    /**
     * @param input the model's input that takes the text; not needed where it has one input
     */
    public void setInput(String input) {
        this.input = input;
    }

    public String getInput() {
        return input;
    }

    /** Takes its tensor's rank from the input: {@code []}, {@code [1]} or {@code [1, 1]}. */
    @Override
    public void bindInputs(SignatureTensors inputs) {
        TensorSpec spec = inputs.single(input, DType.STRING);
        Shape taken = spec.shape().isUnknown() ? shape : ones(spec.shape().numDimensions());
        if (taken.numDimensions() > 2 || !spec.accepts(taken)) {
            throw new PipelineFaultException("makes one text, but " + inputs.describe(spec));
        }
        if (bound && !taken.equals(shape)) {
            throw new PipelineFaultException(
                    "feeds a model that takes "
                            + TensorSpec.format(shape)
                            + " too: use another bean of it where "
                            + inputs.describe(spec));
        }
        shape = taken;
        bound = true;
    }

    private static Shape ones(int rank) {
        long[] sizes = new long[rank];
        Arrays.fill(sizes, 1);
        return Shape.of(sizes);
    }

    /**
     * @throws BadInputException if the text is missing, no string, or not well-formed Unicode
     */
    @Override
    public void process(Exchange exchange) {
        byte[] bytes = utf8(caseFolding.apply(text(exchange)));
        NdArray<byte[]> value = NdArrays.ofObjects(byte[].class, shape);
        value.scalars().forEach(scalar -> scalar.setObject(bytes));
        TString tensor = TString.tensorOfBytes(value);
        ExchangeTensors.setBody(exchange, NamedTensors.of(input, tensor));
    }

    private String text(Exchange exchange) {
        if (field.isEmpty()) {
            return wholeBody(exchange);
        }
        if (!(exchange.getMessage().getBody() instanceof Map<?, ?> body)) {
            throw new BadInputException(
                    "expected an object with a field \""
                            + field
                            + "\", such as {\""
                            + field
                            + "\": \"...\"}");
        }
        if (!body.containsKey(field)) {
            throw new BadInputException("missing field \"" + field + "\"");
        }
        Object value = body.get(field);
        if (value instanceof String text) {
            return text;
        }
        throw new BadInputException(
                "field \"" + field + "\" must be a string, got " + JsonType.of(value));
    }

    private static String wholeBody(Exchange exchange) {
        Object body = exchange.getMessage().getBody();
        if (body instanceof Map
                || body instanceof Collection
                || body instanceof Number
                || body instanceof Boolean) {
            throw new BadInputException("the body must be a text, got " + JsonType.of(body));
        }
        String text = BodyText.of(exchange, body);
        if (text.isEmpty()) {
            throw new BadInputException("the body is empty, expected text");
        }
        return text;
    }

    /** Refuses a lone surrogate, which Java would turn into a question mark. */
    private byte[] utf8(String text) {
        byte[] bytes = Utf8.encode(text);
        if (bytes == null) {
            throw new BadInputException(
                    (field.isEmpty() ? "the text" : "field \"" + field + "\"")
                            + " is not well-formed Unicode: it has half of a surrogate pair");
        }
        return bytes;
    }
}
