package io.bactrian.tensorflow;

import java.lang.reflect.Field;
import org.apache.camel.spi.DataFormat;
import org.apache.camel.support.processor.UnmarshalProcessor;
import org.apache.camel.util.ReflectionHelper;
import org.jspecify.annotations.Nullable;

/**
 * Access to the data format of an unmarshal step. Camel 4.18 has no accessor for it, so the field
 * is read; if a later version has no such field, formats are not bound to signatures.
 */
final class UnmarshalFormat {

    private static final @Nullable Field FIELD = field();

    private UnmarshalFormat() {}

    private static @Nullable Field field() {
        try {
            return UnmarshalProcessor.class.getDeclaredField("dataFormat");
        } catch (NoSuchFieldException e) {
            return null;
        }
    }

    /** {@return the data format, or null if it can't be read} */
    static @Nullable DataFormat of(UnmarshalProcessor step) {
        return FIELD == null ? null : (DataFormat) ReflectionHelper.getField(FIELD, step);
    }
}
