package io.bactrian.pipeline;

import java.util.Map;
import org.apache.camel.CamelContext;
import org.jspecify.annotations.Nullable;

/** The name of a route's step in messages: its bean's, if it is one, and its class. */
public final class StepName {

    private StepName() {}

    /**
     * {@return such as {@code topClasses (TopKPostprocessor)}}
     *
     * @param context the context in whose registry the step's name is looked up; null for none
     * @param step a processor or bean of a route
     */
    public static String of(@Nullable CamelContext context, Object step) {
        String type = step.getClass().getSimpleName();
        if (context != null) {
            for (Map.Entry<String, ?> bean :
                    context.getRegistry().findByTypeWithName(step.getClass()).entrySet()) {
                if (bean.getValue() == step) {
                    return bean.getKey() + " (" + type + ")";
                }
            }
        }
        return type;
    }
}
