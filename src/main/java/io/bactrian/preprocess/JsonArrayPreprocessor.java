package io.bactrian.preprocess;

import io.bactrian.format.Dialect;
import io.bactrian.format.JsonScanner;
import io.bactrian.format.JsonTensorReader;
import io.bactrian.pipeline.BodyText;
import io.bactrian.pipeline.ExchangeTensors;
import io.bactrian.pipeline.InputBound;
import io.bactrian.pipeline.PipelineFaultException;
import io.bactrian.pipeline.SignatureTensors;
import io.bactrian.tensor.BadInputException;
import io.bactrian.tensor.DType;
import io.bactrian.tensor.NamedTensors;
import io.bactrian.tensor.PathErrors;
import io.bactrian.tensor.TensorBuffer;
import io.bactrian.tensor.TensorSpec;
import io.bactrian.tensor.TensorValues;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.apache.camel.Exchange;
import org.apache.camel.Processor;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.types.family.TType;

/**
 * Makes a tensor of a JSON array: of a field's, such as {@code {"image_data": [[[0.1, …]]]}}, or of
 * one that is the whole body.
 *
 * <p>A body of bytes or text goes straight from its bytes to the tensor. A map, list, number or
 * boolean, as after {@code unmarshal: json}, is converted. The tensor is the body afterwards. What
 * an element may be for which dtype is said at {@link JsonTensorReader}.
 *
 * <p>In YAML: {@code properties: {field: image_data, dtype: float32, shape: "-1, 224, 224, 3"}}.
 */
public final class JsonArrayPreprocessor implements Processor, InputBound {

    private static final String WHOLE_BODY = "body";

    private String field;
    private DType dtype = DType.FLOAT32;
    private boolean batch = true;
    private String input = NamedTensors.UNNAMED;
    private Shape shape = Shape.unknown();

    /** The rank that every model behind this processor takes; null if not known, or not one. */
    private volatile Integer boundRank;

    private boolean bound;

    /**
     * @param field the member of the body's object that holds the array; without it the whole body
     *     is the array
     */
    public void setField(String field) {
        this.field = field;
    }

    /**
     * @param dtype numpy's name of the tensor's dtype; float32 by default
     * @throws IllegalArgumentException if there is no such dtype
     */
    public void setDtype(String dtype) {
        this.dtype = DType.named(dtype);
    }

    /**
     * @param batch whether the array is one example, to which a leading dimension of 1 is added, as
     *     by default; false if it is a batch already
     */
    public void setBatch(boolean batch) {
        this.batch = batch;
    }

    /**
     * @param input the model's input that the tensor is for; the only one by default
     */
    public void setInput(String input) {
        this.input = input;
    }

    /**
     * @param shape what the tensor's shape must be, the batch's dimension included, as {@code "-1,
     *     224, 224, 3"}; -1 is any size. Any shape by default. It is text since Camel's YAML takes
     *     no lists as properties of beans
     * @throws IllegalArgumentException if it is not integers with commas between
     */
    public void setShape(String shape) {
        this.shape =
                Shape.of(
                        Arrays.stream(shape.split(","))
                                .mapToLong(JsonArrayPreprocessor::size)
                                .toArray());
    }

    private static long size(String text) {
        long size;
        try {
            size = Long.parseLong(text.trim());
        } catch (NumberFormatException e) {
            throw new IllegalArgumentException(
                    "shape: \"" + text + "\" is no size: give integers, as -1, 224, 224, 3", e);
        }
        if (size < Shape.UNKNOWN_SIZE) {
            throw new IllegalArgumentException("shape: a size of " + size);
        }
        return size;
    }

    @Override
    public void bindInputs(SignatureTensors inputs) {
        TensorSpec spec = inputs.single(input, dtype);
        if (shape.isUnknown()) {
            Integer rank = spec.shape().isUnknown() ? null : spec.shape().numDimensions();
            boundRank = !bound || Objects.equals(rank, boundRank) ? rank : null;
            bound = true;
            return;
        }
        if (batch && !(shape.numDimensions() > 0 && isOne(shape.get(0)))) {
            throw new PipelineFaultException(
                    "batch is true, which makes the first size 1, but shape is "
                            + TensorSpec.format(shape));
        }
        if (!spec.accepts(shape)) {
            throw new PipelineFaultException(
                    "shape is " + TensorSpec.format(shape) + ", but " + inputs.describe(spec));
        }
    }

    @Override
    public Shape shapeOfOne() {
        if (shape.isUnknown() || shape.numDimensions() == 0) {
            return shape;
        }
        Shape one = isOne(shape.get(0)) ? shape.tail().prepend(1) : shape;
        return one.hasUnknownDimension() ? Shape.unknown() : one;
    }

    private static boolean isOne(long size) {
        return size == 1 || size == Shape.UNKNOWN_SIZE;
    }

    /**
     * @throws BadInputException if the body is no JSON, lacks the field, or the array is ragged, of
     *     another type or of another shape; it names the element at fault, as {@code
     *     image_data[3][0]}
     */
    @Override
    public void process(Exchange exchange) {
        TType tensor = read(exchange);
        ExchangeTensors.setBody(exchange, NamedTensors.of(input, tensor));
    }

    private TType read(Exchange exchange) {
        TensorBuffer elements = new TensorBuffer(dtype);
        Shape array = read(exchange, elements);
        if (array.size() == 0) {
            throw new BadInputException(name() + " is empty");
        }
        Shape whole = batch ? array.prepend(1) : array;
        if (!fits(whole)) {
            throw new BadInputException(
                    name()
                            + " makes a tensor of shape "
                            + TensorSpec.format(whole)
                            + ", expected "
                            + TensorSpec.format(shape));
        }
        Integer rank = boundRank;
        if (rank != null && rank != whole.numDimensions()) {
            throw new BadInputException(
                    name()
                            + " makes a tensor of shape "
                            + TensorSpec.format(whole)
                            + ", expected "
                            + rank
                            + (rank == 1 ? " dimension" : " dimensions"));
        }
        return elements.build(whole);
    }

    private Shape read(Exchange exchange, TensorBuffer elements) {
        Object body = exchange.getMessage().getBody();
        if (body instanceof Map
                || body instanceof List
                || body instanceof Number
                || body instanceof Boolean) {
            return TensorValues.read(arrayIn(body), elements, name());
        }
        if (body instanceof ByteBuffer buffer && buffer.hasArray() && BodyText.isUtf8(exchange)) {
            int start = buffer.arrayOffset() + buffer.position();
            return parse(
                    new JsonScanner(buffer.array(), start, buffer.remaining(), Dialect.BACTRIAN),
                    elements);
        }
        byte[] bytes = BodyText.utf8(exchange, body);
        if (bytes.length == 0) {
            throw new BadInputException("the body is empty: expected JSON");
        }
        return parse(new JsonScanner(bytes, Dialect.BACTRIAN), elements);
    }

    private Object arrayIn(Object body) {
        if (field == null) {
            return body;
        }
        if (!(body instanceof Map<?, ?> map)) {
            throw noObject();
        }
        if (!map.containsKey(field)) {
            throw noField();
        }
        return map.get(field);
    }

    private Shape parse(JsonScanner json, TensorBuffer elements) {
        JsonTensorReader reader = new JsonTensorReader(json, new PathErrors(name()));
        int first = json.peekDocument();
        Shape array = null;
        if (field == null) {
            array = reader.read(elements);
        } else if (first != '{') {
            json.skipValue();
            throw noObject();
        } else if (json.enter()) {
            do {
                if (json.name().equals(field)) {
                    // Of members with one name the last counts, as in Python and Jackson.
                    elements.clear();
                    array = reader.read(elements);
                } else {
                    json.skipValue();
                }
            } while (json.nextMember());
        }
        // A second document, as in JSON lines, must not be dropped unseen.
        json.endDocument();
        if (array == null) {
            throw noField();
        }
        return array;
    }

    private boolean fits(Shape actual) {
        if (shape.isUnknown()) {
            return true;
        }
        boolean fits = shape.numDimensions() == actual.numDimensions();
        for (int i = 0; fits && i < shape.numDimensions(); i++) {
            fits = shape.get(i) == Shape.UNKNOWN_SIZE || shape.get(i) == actual.get(i);
        }
        return fits;
    }

    private BadInputException noObject() {
        return new BadInputException(
                "the body is no JSON object: expected one with a field \"" + field + "\"");
    }

    private BadInputException noField() {
        return new BadInputException("the body has no field \"" + field + "\"");
    }

    private String name() {
        return field == null ? WHOLE_BODY : field;
    }
}
