package io.bactrian.postprocess;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.bactrian.pipeline.PipelineFaultException;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Reads a property that is a JSON object. */
final class JsonObjectProperty {

    private static final ObjectMapper JSON =
            JsonMapper.builder()
                    .enable(JsonParser.Feature.STRICT_DUPLICATE_DETECTION)
                    .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
                    .build();

    private JsonObjectProperty() {}

    /**
     * {@return the object's members in their order}
     *
     * @param property the property's name
     * @param text JSON; null for none
     * @throws PipelineFaultException if it is not a JSON object
     */
    static Map<String, Object> parse(String property, @Nullable String text) {
        if (text == null) {
            return Map.of();
        }
        try {
            Map<String, Object> object = JSON.readValue(text, new TypeReference<>() {});
            if (object != null) {
                return object;
            }
        } catch (JsonProcessingException e) {
            // As JSON of another type.
        }
        throw PipelineFaultException.property(property, "a JSON object", text);
    }
}
