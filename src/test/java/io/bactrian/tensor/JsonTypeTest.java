package io.bactrian.tensor;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.util.Optional;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class JsonTypeTest {

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "null|Null|null",
                "true|True|a boolean",
                "false|False|a boolean",
                "{\"a\":1}|Object|an object",
                "[1]|Array|an array",
                "\"x\"|String|a string",
                "0|Number|a number",
                "-1.5|Number|a number",
            })
    void textAndTheObjectThatStandsForItHaveTheSameType(String json, String name, String noun)
            throws Exception {
        Object value = new ObjectMapper().readValue(json, Object.class);
        assertEquals(name, JsonType.ofText(json.charAt(0)).rapidJsonName());
        assertEquals(name, JsonType.of(value).rapidJsonName());
        assertEquals(noun, JsonType.describe(value));
    }

    @ParameterizedTest
    @CsvSource({"1, an array", "2, a string", "3, Optional"})
    void objectsThatJsonHasNoTypeForAreDescribedByTheirClass(int which, String description) {
        Object value =
                switch (which) {
                    case 1 -> new float[] {1};
                    case 2 -> new StringBuilder("x");
                    default -> Optional.empty();
                };
        assertEquals(description, JsonType.describe(value));
    }
}
