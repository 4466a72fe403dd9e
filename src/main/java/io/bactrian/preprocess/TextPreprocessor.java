package io.bactrian.preprocess;

import io.bactrian.pipeline.BodyText;
import io.bactrian.pipeline.ExchangeTensors;
import io.bactrian.tensor.BadInputException;
import io.bactrian.tensor.NamedTensors;
import io.bactrian.tensor.Utf8;
import java.util.Collection;
import java.util.Map;
import org.apache.camel.Exchange;
import org.apache.camel.Processor;
import org.tensorflow.ndarray.NdArrays;
import org.tensorflow.types.TString;

/**
 * Text to a string tensor {@code [1]} of its UTF-8 bytes.
 *
 * <p>The text is a field of the message body, an object as {@code unmarshal: json} makes it, or the
 * whole body.
 */
public class TextPreprocessor implements Processor {

    private String field = "text";
    private CaseFolding caseFolding = CaseFolding.LOWER;
    private String input = NamedTensors.UNNAMED;

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

    /**
     * @throws BadInputException if the text is missing, no string, or not well-formed Unicode
     */
    @Override
    public void process(Exchange exchange) {
        byte[] bytes = utf8(caseFolding.apply(text(exchange)));
        TString tensor = TString.tensorOfBytes(NdArrays.vectorOfObjects(bytes));
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
