package io.bactrian.test;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;

import com.fasterxml.jackson.core.JsonProcessingException;
import io.bactrian.cases.JsonText;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class JsonPathTest {

    private static final String DOCUMENT =
            "{\"a\": [{\"b c\": 1}, [2, 3]], \"d-e\": {\"f\": null}, \"\": 4}";

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "$.a[0]['b c'] | 1",
                "$.a[1][1] | 3",
                "$.a[-1][-2] | 2",
                "$['a'][1] | [2,3]",
                "$.d-e.f | null",
                "$[''] | 4",
            })
    void pathFindsItsValue(String path, String value) throws JsonProcessingException {
        assertEquals(value, JsonPath.of(path).find(JsonText.parse(DOCUMENT)).toString());
    }

    @ParameterizedTest
    @ValueSource(strings = {"$.x", "$.a[2]", "$.a[-3]", "$.a.b", "$.d-e.f.g", "$[0]"})
    void pathWithoutValueFindsNull(String path) throws JsonProcessingException {
        assertNull(JsonPath.of(path).find(JsonText.parse(DOCUMENT)));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "a.b | a JSON path begins with $, as $.predictions[0], not a.b",
                "$.a[*] | JSON path $.a[*] can't be read from [*]",
                "$..b | JSON path $..b can't be read from ..b",
                "$.a[0 | JSON path $.a[0 can't be read from [0",
            })
    void invalidPathSaysWhere(String path, String message) {
        assertEquals(
                message,
                assertThrows(IllegalArgumentException.class, () -> JsonPath.of(path)).getMessage());
    }
}
