package io.bactrian.postprocess;

import io.bactrian.pipeline.PipelineFaultException;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Reads a property that lists an answer's fields and what each is made of. */
final class FieldNames {

    private FieldNames() {}

    /**
     * {@return what each field is made of, by the field's name, in their order}
     *
     * @param property the property's name
     * @param text fields with commas between, such as {@code scores=probabilities, boxes}: one
     *     without {@code =} is made of what has its own name; null for none
     * @throws PipelineFaultException if a name is empty, or two fields are the same
     */
    static Map<String, String> parse(String property, @Nullable String text) {
        Map<String, String> parsed = new LinkedHashMap<>();
        if (text == null) {
            return parsed;
        }
        for (String each : text.split(",", -1)) {
            int sign = each.indexOf('=');
            String name = (sign < 0 ? each : each.substring(0, sign)).strip();
            String source = each.substring(sign + 1).strip();
            if (name.isEmpty() || source.isEmpty()) {
                throw PipelineFaultException.property(
                        property,
                        "fields with commas between, such as scores=probabilities, boxes",
                        text);
            }
            if (parsed.put(name, source) != null) {
                throw new PipelineFaultException(property + " has \"" + name + "\" twice");
            }
        }
        return parsed;
    }
}
