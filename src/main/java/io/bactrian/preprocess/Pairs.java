package io.bactrian.preprocess;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.bactrian.pipeline.PipelineFaultException;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Reads a property that is a map, written as text: {@code age=0, country=DE}, or a JSON object
 * where a name or value has a comma or an equals sign. A map in YAML itself would not do: Camel
 * changes its names, {@code the-age} to {@code theAge}.
 */
final class Pairs {

    private static final ObjectMapper JSON =
            JsonMapper.builder().enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS).build();

    private Pairs() {}

    /**
     * {@return the values by name, as text; of a value in JSON that is no string its JSON}
     *
     * @param property the property's name
     * @param text its value, or null if it is not set
     * @throws PipelineFaultException if it is neither pairs nor a JSON object, or has a name twice
     */
    static Map<String, String> parse(String property, @Nullable String text) {
        Map<String, String> pairs = new LinkedHashMap<>();
        if (text == null || text.isBlank()) {
            return pairs;
        }
        if (text.strip().startsWith("{")) {
            JsonNode object;
            try {
                object = JSON.readTree(text);
            } catch (JsonProcessingException e) {
                throw wrong(property, text);
            }
            for (Map.Entry<String, JsonNode> member : object.properties()) {
                JsonNode value = member.getValue();
                pairs.put(
                        member.getKey(), value.isTextual() ? value.textValue() : value.toString());
            }
            return pairs;
        }
        for (String pair : text.split(",", -1)) {
            int equals = pair.indexOf('=');
            String name = equals < 0 ? "" : pair.substring(0, equals).strip();
            if (name.isEmpty() || pairs.put(name, pair.substring(equals + 1).strip()) != null) {
                throw wrong(property, text);
            }
        }
        return pairs;
    }

    private static PipelineFaultException wrong(String property, String text) {
        return PipelineFaultException.property(
                property,
                "pairs such as age=0, country=DE with different names, or a JSON object",
                text);
    }
}
