package io.bactrian.tensor;

import java.lang.reflect.Array;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.util.AbstractList;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.types.family.TType;

/**
 * The conversion between tensors and plain Java values: numbers, booleans, strings, and lists and
 * arrays of them.
 */
public final class TensorValues {

    private static final int MAX_TEXT = 256;

    private final DType dtype;
    private final NestedListShape shape;
    private final TensorBuffer elements;

    private TensorValues(TensorBuffer elements, String name) {
        this.dtype = elements.dtype();
        this.shape = new NestedListShape(new PathErrors(name));
        this.elements = elements;
    }

    /**
     * Creates a tensor from a value, or from values in nested lists or arrays, whose nesting is the
     * shape.
     *
     * <p>Floating-point dtypes accept any {@link Number}, rounded to nearest, ties to even. Integer
     * dtypes accept integers in their range. bool accepts {@link Boolean}. string accepts {@link
     * CharSequence}, as UTF-8, {@code byte[]}, and a map of only {@code b64} to base64. For uint8 a
     * {@code byte[]} is a list of unsigned bytes. Nothing else is converted, neither 1.0 to an
     * integer nor "1" to a number.
     *
     * @param value a value, list or array
     * @param dtype the tensor's dtype
     * @param name the value's name in errors, which give the element's path
     * @return the tensor, which the caller must close
     * @throws BadInputException if the lists are ragged or an element is of another type
     */
    public static TType toTensor(Object value, DType dtype, String name) {
        TensorBuffer elements = new TensorBuffer(dtype);
        return elements.build(read(value, elements, name));
    }

    /**
     * Reads a value's elements and shape, for callers that check the shape before they allocate the
     * tensor.
     *
     * @param value a value, list or array, as for {@link #toTensor}
     * @param elements the elements are added to this buffer, which has the tensor's dtype
     * @param name the value's name in errors, which give the element's path
     * @return the value's shape
     * @throws BadInputException if the lists are ragged or an element is of another type
     */
    public static Shape read(Object value, TensorBuffer elements, String name) {
        TensorValues values = new TensorValues(elements, name);
        List<?> list = values.asList(value);
        if (list == null) {
            values.shape.values();
            values.add(value, 0);
        } else {
            values.addAll(list);
        }
        return values.shape.shape();
    }

    /**
     * {@return the tensor's elements in nested lists, or a scalar's element: {@link Float} for
     * float16, bfloat16 and float32, {@link Double} for float64, {@link Integer} for uint8, uint16
     * and int32, {@link Long} for int64, {@link Boolean} for bool, and {@link String} for strings,
     * or {@code {b64=…}} if the bytes are not UTF-8}
     *
     * @param tensor an open tensor of any dtype
     */
    public static Object toJava(TType tensor) {
        return new Reader(tensor).read(0, 0);
    }

    private void addAll(List<?> list) {
        shape.open();
        int values = 0;
        for (Object value : list) {
            List<?> inner = asList(value);
            if (inner == null) {
                if (!shape.takesValues()) {
                    throw shape.unexpectedValue(textOf(value));
                }
                shape.values();
                add(value, values++);
            } else if (values > 0) {
                throw shape.unexpectedList(values);
            } else {
                addAll(inner);
            }
        }
        if (values > 0) {
            shape.close(values);
        } else {
            shape.close();
        }
    }

    /** The value as a list, or null if it is an element. */
    private @Nullable List<?> asList(Object value) {
        if (value instanceof List<?> list) {
            return list;
        }
        if (value instanceof byte[] && dtype != DType.UINT8) {
            return null;
        }
        return value != null && value.getClass().isArray() ? new ArrayView(value) : null;
    }

    private void add(Object value, int index) {
        boolean added =
                switch (dtype) {
                    case FLOAT32 -> {
                        if (value instanceof Number number) {
                            elements.addFloat(number.floatValue());
                        }
                        yield value instanceof Number;
                    }
                    case FLOAT16, BFLOAT16, FLOAT64 -> {
                        if (value instanceof Number number) {
                            elements.addDouble(number.doubleValue());
                        }
                        yield value instanceof Number;
                    }
                    case UINT8, UINT16, INT32, INT64 ->
                            isLong(value) && elements.addInteger(((Number) value).longValue());
                    case BOOL -> {
                        if (value instanceof Boolean bool) {
                            elements.addBoolean(bool);
                        }
                        yield value instanceof Boolean;
                    }
                    case STRING -> {
                        byte[] bytes = bytesOf(value, index);
                        if (bytes != null) {
                            elements.addString(bytes);
                        }
                        yield bytes != null;
                    }
                };
        if (!added) {
            throw shape.wrongType(index, textOf(value), JsonType.of(value), dtype);
        }
    }

    private static boolean isLong(Object value) {
        return value instanceof Integer
                || value instanceof Long
                || value instanceof Short
                || value instanceof Byte
                || (value instanceof BigInteger big && big.bitLength() < Long.SIZE);
    }

    private byte @Nullable [] bytesOf(Object value, int index) {
        if (value instanceof byte[] bytes) {
            return bytes;
        }
        if (value instanceof CharSequence text) {
            return Utf8.encode(text);
        }
        if (value instanceof Map<?, ?> map
                && map.size() == 1
                && map.get(Base64Strings.KEY) instanceof String text) {
            byte[] decoded = Base64Strings.decode(text.getBytes(StandardCharsets.UTF_8));
            if (decoded == null) {
                throw shape.badBase64(index);
            }
            return decoded;
        }
        return null;
    }

    private static String textOf(Object value) {
        if (value != null && value.getClass().isArray()) {
            return value.getClass().getSimpleName();
        }
        String text = String.valueOf(value);
        String cut = text.length() > MAX_TEXT ? text.substring(0, MAX_TEXT) + "…" : text;
        return value instanceof CharSequence ? '"' + cut + '"' : cut;
    }

    /** An array's elements, those of a {@code byte[]} unsigned. */
    private static final class ArrayView extends AbstractList<Object> {

        private final Object array;

        ArrayView(Object array) {
            this.array = array;
        }

        @Override
        public Object get(int index) {
            return array instanceof byte[] bytes
                    ? (Object) Byte.toUnsignedInt(bytes[index])
                    : Array.get(array, index);
        }

        @Override
        public int size() {
            return Array.getLength(array);
        }
    }

    private static final class Reader {

        private final DType dtype;
        private final Shape shape;
        private final @Nullable NumericElements numbers;
        private final byte @Nullable [][] strings;

        Reader(TType tensor) {
            this.dtype = DType.of(tensor);
            this.shape = tensor.shape();
            this.numbers = dtype == DType.STRING ? null : NumericElements.of(tensor);
            this.strings = dtype == DType.STRING ? StringTensors.bytes(tensor) : null;
        }

        /** The {@code index}-th part of those that the first {@code level} dimensions make. */
        Object read(int level, int index) {
            if (level == shape.numDimensions()) {
                return element(index);
            }
            int size = (int) shape.get(level);
            List<Object> list = new ArrayList<>(size);
            boolean innermost = level == shape.numDimensions() - 1;
            for (int i = 0; i < size; i++) {
                int part = index * size + i;
                list.add(innermost ? element(part) : read(level + 1, part));
            }
            return list;
        }

        private NumericElements numbers() {
            return Objects.requireNonNull(numbers);
        }

        private Object element(int index) {
            return switch (dtype) {
                case FLOAT16, BFLOAT16, FLOAT32, FLOAT64, INT64 -> numbers().exact(index);
                case UINT8, UINT16, INT32 -> (int) numbers().getLong(index);
                case BOOL -> numbers().getLong(index) != 0;
                case STRING -> {
                    byte[] bytes = Objects.requireNonNull(strings)[index];
                    yield Utf8.isValid(bytes)
                            ? new String(bytes, StandardCharsets.UTF_8)
                            : Map.of(Base64Strings.KEY, Base64.getEncoder().encodeToString(bytes));
                }
            };
        }
    }
}
