package io.bactrian.preprocess;

import io.bactrian.preprocess.image.ChannelOrder;
import io.bactrian.preprocess.image.ImageLayout;
import io.bactrian.preprocess.image.Resampling;
import io.bactrian.preprocess.table.TableFormat;
import io.bactrian.preprocess.table.TableLayout;
import io.bactrian.preprocess.text.TokenizerJson;
import io.bactrian.tensor.DType;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;
import org.apache.camel.spi.TypeConverterLoader;
import org.apache.camel.spi.TypeConverterRegistry;
import org.apache.camel.support.SimpleTypeConverter;

/**
 * Camel's type converters from the text in YAML to the enums that preprocessors have as properties,
 * in upper or lower case. Unlike Camel's own converter for enums, they name the values that there
 * are.
 */
public final class PropertyConverters implements TypeConverterLoader {

    private static final List<Class<? extends Enum<?>>> ENUMS =
            List.of(
                    CaseFolding.class,
                    ChannelOrder.class,
                    DType.class,
                    ImageLayout.class,
                    Resampling.class,
                    TableFormat.class,
                    TableLayout.class,
                    TokenizerJson.Side.class,
                    TokenizerJson.Truncation.class,
                    TokenizerPreprocessor.Padding.class,
                    WordIdsPreprocessor.Standardize.class);

    @Override
    public void load(TypeConverterRegistry registry) {
        ENUMS.forEach(
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
