package io.bactrian.pipeline;

import io.bactrian.tensor.NamedTensors;
import java.util.Collection;
import java.util.Map;
import org.apache.camel.Exchange;
import org.apache.camel.Message;
import org.jspecify.annotations.Nullable;

/**
 * A search for a bundle of tensors in all that an exchange has: body, headers, properties and
 * variables, and the maps and collections there.
 */
final class TensorSearch {

    /** Values that are looked at, so that large JSON bodies cost little. */
    private static final int MAX_VALUES = 1000;

    private final NamedTensors bundle;
    private int values;

    private TensorSearch(NamedTensors bundle) {
        this.bundle = bundle;
    }

    /**
     * {@return whether the exchange can't lead to the bundle} It is false as well where that is not
     * known: values of classes that are not Java's, Camel's or ours may hold anything, and only the
     * first values of large maps and lists are looked at.
     */
    static boolean isAbsent(Exchange exchange, NamedTensors bundle) {
        TensorSearch search = new TensorSearch(bundle);
        Message message = exchange.getMessage();
        return search.lacks(message.getBody())
                && (!message.hasHeaders() || search.lacks(message.getHeaders()))
                && (!exchange.hasProperties() || search.lacks(exchange.getProperties()))
                && (!exchange.hasVariables() || search.lacks(exchange.getVariables()));
    }

    private boolean lacks(@Nullable Object value) {
        if (value == null) {
            return true;
        }
        if (++values > MAX_VALUES) {
            return false;
        }
        if (value instanceof NamedTensors tensors) {
            return tensors != bundle;
        }
        if (value instanceof Map<?, ?> map) {
            return lacks(map.values());
        }
        if (value instanceof Collection<?> collection) {
            for (Object each : collection) {
                if (!lacks(each)) {
                    return false;
                }
            }
            return true;
        }
        return isKnown(value.getClass());
    }

    private static boolean isKnown(Class<?> type) {
        if (type.isArray()) {
            return type.componentType().isPrimitive();
        }
        String name = type.getName();
        return !Exchange.class.isAssignableFrom(type)
                && !Message.class.isAssignableFrom(type)
                && (name.startsWith("java.lang.")
                        || name.startsWith("java.math.")
                        || name.startsWith("java.nio.")
                        || name.startsWith("java.time.")
                        || name.startsWith("org.apache.camel.")
                        || name.startsWith("io.bactrian."));
    }
}
