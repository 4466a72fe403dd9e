package io.bactrian.pipeline;

import io.bactrian.tensor.DType;
import io.bactrian.tensor.NamedTensors;
import io.bactrian.tensor.TensorSpec;
import io.bactrian.tensor.TensorValues;
import java.lang.reflect.Array;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.camel.Exchange;
import org.apache.camel.TypeConversionException;
import org.apache.camel.spi.TypeConverterLoader;
import org.apache.camel.spi.TypeConverterRegistry;
import org.apache.camel.support.SimpleTypeConverter;
import org.tensorflow.types.family.TType;

/**
 * Camel's type converters between tensors and Java values.
 *
 * <p>A bundle of tensors is converted to a {@code Map} of every tensor's values by name, in lists
 * nested to its rank. A bundle of one tensor is converted to such a {@code List} itself, to an
 * array of numbers, booleans or strings of its rank, or, if it has one element, to that element.
 * Numbers are converted to float types of any size, with rounding; integers to integer types that
 * hold them.
 *
 * <p>An array is converted to a bundle of one {@linkplain NamedTensors#UNNAMED unnamed} tensor of
 * the array's element type: {@code float[][]} to float32 of rank 2.
 */
public final class TensorConverters implements TypeConverterLoader {

    private static final int MAX_RANK = 6;

    private static final Map<Class<?>, DType> ELEMENTS =
            Map.of(
                    float.class, DType.FLOAT32,
                    double.class, DType.FLOAT64,
                    int.class, DType.INT32,
                    long.class, DType.INT64,
                    boolean.class, DType.BOOL,
                    String.class, DType.STRING);

    private static final List<Class<?>> SCALARS =
            List.of(
                    Float.class,
                    Double.class,
                    Integer.class,
                    Long.class,
                    Boolean.class,
                    Number.class);

    @Override
    public void load(TypeConverterRegistry registry) {
        add(registry, Map.class);
        add(registry, List.class);
        SCALARS.forEach(scalar -> add(registry, scalar));
        ELEMENTS.forEach(
                (element, dtype) -> {
                    Class<?> array = element;
                    for (int rank = 1; rank <= MAX_RANK; rank++) {
                        array = array.arrayType();
                        add(registry, array);
                        registry.addTypeConverter(
                                NamedTensors.class,
                                array,
                                new SimpleTypeConverter(
                                        false,
                                        (type, exchange, value) ->
                                                tensors(exchange, value, dtype)));
                    }
                });
    }

    private static void add(TypeConverterRegistry registry, Class<?> to) {
        registry.addTypeConverter(
                to,
                NamedTensors.class,
                new SimpleTypeConverter(
                        false, (type, exchange, value) -> values(type, (NamedTensors) value)));
    }

    private static NamedTensors tensors(Exchange exchange, Object array, DType dtype) {
        NamedTensors tensors =
                NamedTensors.of(NamedTensors.UNNAMED, TensorValues.toTensor(array, dtype, "array"));
        if (exchange != null) {
            TensorScope.add(exchange, tensors.handOver());
        }
        return tensors;
    }

    private static Object values(Class<?> type, NamedTensors tensors) {
        try (NamedTensors.Reference read = tensors.retain()) {
            if (type == Map.class) {
                Map<String, Object> all = new LinkedHashMap<>();
                read.asMap().forEach((name, each) -> all.put(name, TensorValues.toJava(each)));
                return all;
            }
            TType tensor = read.select(null);
            Object values = TensorValues.toJava(tensor);
            if (type == List.class) {
                if (values instanceof List) {
                    return values;
                }
                throw new IllegalArgumentException(describe(tensor) + " is not a list");
            }
            if (!type.isArray()) {
                return element(type, single(values, tensor), tensor);
            }
            return array(type, values, tensor);
        } catch (IllegalArgumentException | ArithmeticException e) {
            throw new TypeConversionException(tensors, type, e);
        }
    }

    private static Object array(Class<?> type, Object values, TType tensor) {
        if (!(values instanceof List<?> list)) {
            throw new IllegalArgumentException(
                    describe(tensor) + " does not have as many dimensions");
        }
        Class<?> component = type.componentType();
        Object array = Array.newInstance(component, list.size());
        for (int i = 0; i < list.size(); i++) {
            Object value = list.get(i);
            Array.set(
                    array,
                    i,
                    component.isArray()
                            ? array(component, value, tensor)
                            : element(component, value, tensor));
        }
        return array;
    }

    private static Object single(Object values, TType tensor) {
        Object value = values;
        while (value instanceof List<?> list) {
            if (list.size() != 1) {
                throw new IllegalArgumentException(
                        describe(tensor) + " does not have exactly one element");
            }
            value = list.get(0);
        }
        return value;
    }

    private static Object element(Class<?> type, Object value, TType tensor) {
        if (value instanceof Number number) {
            if (type == float.class || type == Float.class) {
                return number.floatValue();
            }
            if (type == double.class || type == Double.class) {
                return number.doubleValue();
            }
            if (type == Number.class) {
                return number;
            }
            if (number instanceof Integer || number instanceof Long) {
                if (type == int.class || type == Integer.class) {
                    return Math.toIntExact(number.longValue());
                }
                if (type == long.class || type == Long.class) {
                    return number.longValue();
                }
            }
        } else if ((value instanceof Boolean && (type == boolean.class || type == Boolean.class))
                || (value instanceof String && type == String.class)) {
            return value;
        }
        throw new IllegalArgumentException(
                describe(tensor) + " has no elements of type " + type.getSimpleName());
    }

    private static String describe(TType tensor) {
        return "the tensor "
                + DType.nameOf(tensor.dataType())
                + " "
                + TensorSpec.format(tensor.shape());
    }
}
