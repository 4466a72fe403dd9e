package io.bactrian.pipeline;

import java.util.Map;
import org.apache.camel.CamelContext;
import org.apache.camel.Processor;

/** What a processor of a route is called in messages: by its bean, if it is one, and its class. */
public final class StepName {

    private StepName() {}

    /** {@return such as {@code topClasses (TopKPostprocessor)}} */
    public static String of(CamelContext context, Processor processor) {
        String type = processor.getClass().getSimpleName();
        if (context != null) {
            for (Map.Entry<String, ? extends Processor> bean :
                    context.getRegistry().findByTypeWithName(processor.getClass()).entrySet()) {
                if (bean.getValue() == processor) {
                    return bean.getKey() + " (" + type + ")";
                }
            }
        }
        return type;
    }
}
