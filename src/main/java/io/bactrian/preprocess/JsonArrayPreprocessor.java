package io.bactrian.preprocess;

import static java.util.Objects.requireNonNull;

import io.bactrian.format.Dialect;
import io.bactrian.format.JsonMemory;
import io.bactrian.format.JsonScanner;
import io.bactrian.format.JsonTensorReader;
import io.bactrian.pipeline.ModelTensor;
import io.bactrian.pipeline.PipelineFaultException;
import io.bactrian.tensor.BadInputException;
import io.bactrian.tensor.DType;
import io.bactrian.tensor.PathErrors;
import io.bactrian.tensor.TensorBuffer;
import io.bactrian.tensor.TensorSpec;
import io.bactrian.tensor.TensorValues;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.apache.camel.Exchange;
import org.apache.camel.spi.Metadata;
import org.jspecify.annotations.Nullable;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.types.family.TType;

/**
 * The preprocessor of a JSON array: a field, such as {@code {"image_data": [[[0.1, …]]]}}, or the
 * whole body.
 *
 * <p>A body of bytes or text is read straight into the tensor. A map, list, number or boolean, as
 * after {@code unmarshal: json}, is converted. {@link JsonTensorReader} says which JSON values each
 * dtype takes.
 *
 * <p>In YAML: {@code properties: {field: image_data, dtype: float32, shape: "-1, 224, 224, 3"}}.
 */
@Metadata(
        label = "bean",
        description =
                "Makes a tensor of a JSON array of numbers, strings or booleans: a field of the"
                        + " body's JSON object, or the whole body.",
        annotations = {"interfaceName=org.apache.camel.Processor"})
public final class JsonArrayPreprocessor extends Preprocessor {

    private static final String WHOLE_BODY = "body";
    private static final String EXAMPLE = "[...]";

    @Metadata(
            description =
                    "The body's field that holds the array. Not set: the whole body is the array")
    private @Nullable String field;

    @Metadata(
            description =
                    "The tensor's dtype, by numpy's name. Not set: the model input's dtype, float32"
                            + " if no model is known")
    private @Nullable DType dtype;

    @Metadata(
            description =
                    "Whether the array is one example, to which a leading dimension of 1 is added;"
                            + " false if it is a batch already")
    private boolean batch = true;

    @Metadata(
            description =
                    "The shape that the tensor must have, the batch dimension included: integers"
                            + " with commas between, -1 for any size, such as -1, 224, 224, 3. Not"
                            + " set: any shape of the model input's rank")
    private @Nullable String shape;

    private volatile @Nullable Plan plan;

    /**
     * The tensor to make.
     *
     * @param dtype its dtype
     * @param shape the shape that it must have; unknown for any
     * @param rank the rank that it must have; null for any
     */
    private record Plan(DType dtype, Shape shape, @Nullable Integer rank) {}

    /** {@return the body's field that holds the array; null if the whole body is the array} */
    public @Nullable String getField() {
        return field;
    }

    /**
     * Sets the body's field that holds the array.
     *
     * @param field null if the whole body is the array, as by default
     */
    public void setField(@Nullable String field) {
        this.field = field;
    }

    /** {@return the tensor's dtype; null for the model input's} */
    public @Nullable DType getDtype() {
        return dtype;
    }

    /**
     * Sets the tensor's dtype.
     *
     * @param dtype null for the model input's, as by default
     */
    public void setDtype(@Nullable DType dtype) {
        this.dtype = dtype;
    }

    /** {@return whether the array is one example, to which a leading dimension of 1 is added} */
    public boolean isBatch() {
        return batch;
    }

    /**
     * Sets whether the array is one example, to which a leading dimension of 1 is added.
     *
     * @param batch true by default
     */
    public void setBatch(boolean batch) {
        this.batch = batch;
    }

    /**
     * {@return the shape that the tensor must have, the batch dimension included: integers with
     * commas between, -1 for any size, such as {@code -1, 224, 224, 3}; null for any shape}
     */
    public @Nullable String getShape() {
        return shape;
    }

    /**
     * Sets the shape that the tensor must have, the batch dimension included: integers with commas
     * between, -1 for any size, such as {@code -1, 224, 224, 3}.
     *
     * @param shape null for any shape, as by default
     * @throws PipelineFaultException if it is something else
     */
    public void setShape(@Nullable String shape) {
        parse(shape);
        this.shape = shape;
    }

    private static Shape parse(@Nullable String shape) {
        if (shape == null) {
            return Shape.unknown();
        }
        return Shape.of(
                Arrays.stream(shape.split(","))
                        .mapToLong(size -> size(size.strip(), shape))
                        .toArray());
    }

    private static long size(String text, String shape) {
        long size;
        try {
            size = Long.parseLong(text);
        } catch (NumberFormatException e) {
            size = Long.MIN_VALUE;
        }
        if (size < Shape.UNKNOWN_SIZE) {
            throw PipelineFaultException.property(
                    "shape", "sizes with commas between, such as -1, 224, 224, 3", shape);
        }
        return size;
    }

    @Override
    protected void configure(List<ModelTensor> inputs) {
        Shape required = parse(shape);
        if (batch
                && !required.isUnknown()
                && !(required.numDimensions() > 0 && isOne(required.get(0)))) {
            throw new PipelineFaultException(
                    "batch is true, which makes the first size 1, but shape is "
                            + TensorSpec.format(required));
        }
        DType element = dtype(dtype, inputs, any -> true, DType.FLOAT32);
        for (ModelTensor input : inputs) {
            if (!required.isUnknown() && !input.spec().accepts(required)) {
                throw new PipelineFaultException(
                        "shape is " + TensorSpec.format(required) + ", but " + input);
            }
        }
        plan = new Plan(element, required, required.isUnknown() ? rank(inputs) : null);
    }

    /** {@return the rank that all inputs have; null if none is known, or they differ} */
    private static @Nullable Integer rank(List<ModelTensor> inputs) {
        Set<Shape> shapes = inputs.stream().map(ModelTensor::shape).collect(Collectors.toSet());
        Set<Integer> ranks = shapes.stream().map(Shape::numDimensions).collect(Collectors.toSet());
        boolean known = ranks.size() == 1 && shapes.stream().noneMatch(Shape::isUnknown);
        return known ? ranks.iterator().next() : null;
    }

    @Override
    public Shape fixedShape() {
        Shape required = requireNonNull(plan).shape();
        if (required.isUnknown() || required.numDimensions() == 0) {
            return required;
        }
        Shape one = isOne(required.get(0)) ? required.tail().prepend(1) : required;
        return one.hasUnknownDimension() ? Shape.unknown() : one;
    }

    private static boolean isOne(long size) {
        return size == 1 || size == Shape.UNKNOWN_SIZE;
    }

    /**
     * {@inheritDoc}
     *
     * @throws BadInputException if the body is no JSON, lacks the field, or the array is ragged, of
     *     another type or of another shape; it names the element at fault, such as {@code
     *     image_data[3][0]}
     */
    @Override
    protected TType tensor(Exchange exchange) {
        Plan current = requireNonNull(plan);
        Object body = exchange.getMessage().getBody();
        if (body instanceof Map
                || body instanceof List
                || body instanceof Number
                || body instanceof Boolean) {
            Object array = field == null ? body : field(body, field, EXAMPLE);
            TensorBuffer elements = new TensorBuffer(current.dtype());
            return build(TensorValues.read(array, elements, name()), elements, current);
        }
        ByteBuffer json = utf8(exchange, body);
        if (!json.hasRemaining()) {
            throw new BadInputException("the body is empty: expected JSON");
        }
        int start = json.arrayOffset() + json.position();
        int length = json.remaining();
        return reserving(
                exchange,
                "reading " + name(),
                JsonMemory.bytesAsTensor(json.array(), start, length, current.dtype()),
                () -> {
                    TensorBuffer elements = new TensorBuffer(current.dtype());
                    JsonScanner scanner =
                            new JsonScanner(json.array(), start, length, Dialect.BACTRIAN);
                    return build(parse(scanner, elements), elements, current);
                });
    }

    private TType build(Shape array, TensorBuffer elements, Plan current) {
        if (array.size() == 0) {
            throw new BadInputException(name() + " is empty");
        }
        Shape whole = batch ? array.prepend(1) : array;
        if (!fits(whole, current.shape())) {
            throw wrongShape(whole, TensorSpec.format(current.shape()));
        }
        Integer rank = current.rank();
        if (rank != null && rank != whole.numDimensions()) {
            throw wrongShape(whole, rank + (rank == 1 ? " dimension" : " dimensions"));
        }
        return elements.build(whole);
    }

    private BadInputException wrongShape(Shape made, String expected) {
        return new BadInputException(
                name()
                        + " makes a tensor of shape "
                        + TensorSpec.format(made)
                        + ", expected "
                        + expected);
    }

    private Shape parse(JsonScanner json, TensorBuffer elements) {
        JsonTensorReader reader = new JsonTensorReader(json, new PathErrors(name()));
        int first = json.peekDocument();
        Shape array = null;
        String member = field;
        if (member == null) {
            array = reader.read(elements);
        } else if (first != '{') {
            json.skipValue();
            throw noObject(member, EXAMPLE);
        } else if (json.enter()) {
            do {
                if (json.name().equals(member)) {
                    // The last of several members of one name counts, as in Python and Jackson.
                    elements.clear();
                    array = reader.read(elements);
                } else {
                    json.skipValue();
                }
            } while (json.nextMember());
        }
        // A second document, as in JSON Lines, must not be dropped silently.
        json.endDocument();
        if (array == null) {
            throw missing(requireNonNull(member));
        }
        return array;
    }

    private static boolean fits(Shape actual, Shape required) {
        if (required.isUnknown()) {
            return true;
        }
        boolean fits = required.numDimensions() == actual.numDimensions();
        for (int i = 0; fits && i < required.numDimensions(); i++) {
            long size = required.get(i);
            fits = size == Shape.UNKNOWN_SIZE || size == actual.get(i);
        }
        return fits;
    }

    private String name() {
        return field == null ? WHOLE_BODY : field;
    }
}
