package io.bactrian.test;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.bactrian.cases.JsonDifferences;
import io.bactrian.tensor.TensorSpec;
import java.util.List;
import org.opentest4j.AssertionFailedError;
import org.tensorflow.ndarray.Shape;

/** A tensor that reached a {@link StubModel}, with assertions that return it. */
public final class TensorCopy {

    private static final ObjectMapper JSON = new ObjectMapper();
    private static final double TOLERANCE = 1e-6;

    private final String name;
    private final String dtype;
    private final Shape shape;
    private final Object values;

    TensorCopy(String name, String dtype, Shape shape, Object values) {
        this.name = name;
        this.dtype = dtype;
        this.shape = shape;
        this.values = values;
    }

    /** {@return its dtype, such as {@code float32}} */
    public String dtype() {
        return dtype;
    }

    /** {@return its shape} */
    public long[] shape() {
        return shape.asArray();
    }

    /** {@return its values, in lists nested to its rank; that of a scalar itself} */
    public Object values() {
        return values;
    }

    /**
     * Asserts its dtype.
     *
     * @param expected the dtype, such as {@code float32} or {@code string}
     * @return this tensor
     */
    public TensorCopy hasDtype(String expected) {
        if (!dtype.equals(expected)) {
            throw failed("dtype", expected, dtype);
        }
        return this;
    }

    /**
     * Asserts its shape.
     *
     * @param expected the sizes of the dimensions; none for a scalar
     * @return this tensor
     */
    public TensorCopy hasShape(long... expected) {
        String wanted = TensorSpec.format(Shape.of(expected));
        String actual = TensorSpec.format(shape);
        if (!wanted.equals(actual)) {
            throw failed("shape", wanted, actual);
        }
        return this;
    }

    /**
     * Asserts its values, numbers to within 1e-6.
     *
     * @param expected an array or list nested to its rank; a number, text or boolean for a scalar
     * @return this tensor
     */
    public TensorCopy hasValues(Object expected) {
        return hasValues(expected, TOLERANCE);
    }

    /**
     * Asserts its values.
     *
     * @param expected an array or list nested to its rank; a number, text or boolean for a scalar
     * @param tolerance a number may differ from the expected one, e, by {@code tolerance × max(1,
     *     |e|)}
     * @return this tensor
     */
    public TensorCopy hasValues(Object expected, double tolerance) {
        JsonNode wanted = JSON.valueToTree(expected);
        JsonNode actual = JSON.valueToTree(values);
        List<String> differences = JsonDifferences.between("", wanted, actual, tolerance);
        if (!differences.isEmpty()) {
            throw new AssertionFailedError(
                    "input \"" + name + "\"" + String.join("\n  ", differences),
                    wanted.toString(),
                    actual.toString());
        }
        return this;
    }

    private AssertionFailedError failed(String what, String expected, String actual) {
        return new AssertionFailedError(
                what + " of input \"" + name + "\": expected " + expected + ", was " + actual,
                expected,
                actual);
    }

    @Override
    public String toString() {
        return "\"" + name + "\" " + dtype + " " + TensorSpec.format(shape);
    }
}
