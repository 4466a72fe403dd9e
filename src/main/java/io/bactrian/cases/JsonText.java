package io.bactrian.cases;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.core.json.JsonReadFeature;
import com.fasterxml.jackson.core.json.JsonWriteFeature;
import com.fasterxml.jackson.core.util.DefaultIndenter;
import com.fasterxml.jackson.core.util.DefaultPrettyPrinter;
import com.fasterxml.jackson.core.util.Separators;
import com.fasterxml.jackson.core.util.Separators.Spacing;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectWriter;
import com.fasterxml.jackson.databind.json.JsonMapper;

/**
 * JSON as answers and expectations have it: NaN and infinities are bare tokens, and a name occurs
 * once in an object.
 */
public final class JsonText {

    private static final JsonMapper MAPPER =
            JsonMapper.builder()
                    .enable(JsonReadFeature.ALLOW_NON_NUMERIC_NUMBERS)
                    .disable(JsonWriteFeature.WRITE_NAN_AS_STRINGS)
                    .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
                    .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
                    .enable(DeserializationFeature.USE_BIG_INTEGER_FOR_INTS)
                    .build();

    /** As Python's json.dumps(…, indent=2) writes it. */
    private static final ObjectWriter PRETTY =
            MAPPER.writer(
                    new DefaultPrettyPrinter(
                                    Separators.createDefaultInstance()
                                            .withObjectFieldValueSpacing(Spacing.AFTER))
                            .withArrayIndenter(
                                    DefaultIndenter.SYSTEM_LINEFEED_INSTANCE.withLinefeed("\n"))
                            .withObjectIndenter(
                                    DefaultIndenter.SYSTEM_LINEFEED_INSTANCE.withLinefeed("\n")));

    private JsonText() {}

    /**
     * {@return the document}
     *
     * @param text the document as text
     * @throws JsonProcessingException if the text is not one JSON document
     */
    public static JsonNode parse(String text) throws JsonProcessingException {
        // Unlike readTree, which takes nothing for a document.
        return MAPPER.readValue(text, JsonNode.class);
    }

    /** {@return the document on several lines, to be read by people} */
    static String pretty(JsonNode document) throws JsonProcessingException {
        return PRETTY.writeValueAsString(document) + "\n";
    }
}
