package io.bactrian.pipeline;

import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;
import org.apache.camel.spi.TypeConverterRegistry;
import org.apache.camel.support.SimpleTypeConverter;

/**
 * Camel's type converters from the text in YAML to the enums that processors have as properties, in
 * upper or lower case. Unlike Camel's own converter for enums, they name the values that there are.
 */
public final class EnumConverters {

    private EnumConverters() {}

    /**
     * Adds the converters of enums to a registry.
     *
     * @param registry the registry of a Camel context
     * @param enums the enums, whose constants are then converted from text
     */
    public static void add(TypeConverterRegistry registry, List<Class<? extends Enum<?>>> enums) {
        enums.forEach(
                type ->
                        registry.addTypeConverter(
                                type,
                                String.class,
                                new SimpleTypeConverter(
                                        false,
                                        (to, exchange, name) -> constant(type, (String) name))));
    }

    private static <E extends Enum<?>> E constant(Class<E> type, String name) {
        for (E constant : type.getEnumConstants()) {
            if (constant.name().equalsIgnoreCase(name)) {
                return constant;
            }
        }
        throw new IllegalArgumentException(
                "must be one of "
                        + Arrays.stream(type.getEnumConstants())
                                .map(Enum::toString)
                                .collect(Collectors.joining(", "))
                        + ", got "
                        + name);
    }
}
