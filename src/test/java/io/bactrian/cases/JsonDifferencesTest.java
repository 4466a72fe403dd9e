package io.bactrian.cases;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class JsonDifferencesTest {

    private static List<String> between(String expected, String actual, double tolerance)
            throws JsonProcessingException {
        return JsonDifferences.between(JsonText.parse(expected), JsonText.parse(actual), tolerance);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "{\"a\": 1, \"b\": [true, null]} | {\"b\": [true, null], \"a\": 1}",
                "1 | 1.0",
                "0.5 | 0.500009",
                "1000000.5 | 1000009.5",
                "NaN | NaN",
                "-Infinity | -Infinity",
                "1 | 1.000009",
                "1000000.0 | 1000001.0",
                "0.0 | -0.0",
                "123456789012345678901234567890 | 123456789012345678901234567890",
            })
    void equalDocumentsHaveNoDifferences(String expected, String actual)
            throws JsonProcessingException {
        assertEquals(List.of(), between(expected, actual, 1e-5));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "0.5 | 0.50002 | $: expected 0.5, was 0.50002",
                "1000000 | 1000001 | $: expected 1000000, was 1000001",
                "1 | 1.1 | $: expected 1, was 1.1",
                "NaN | 0.0 | $: expected NaN, was 0.0",
                "0.0 | NaN | $: expected 0.0, was NaN",
                "Infinity | 0.5 | $: expected Infinity, was 0.5",
                "Infinity | -Infinity | $: expected Infinity, was -Infinity",
                "1000000.5 | Infinity | $: expected 1000000.5, was Infinity",
                "1000000 | 1000001.0 | $: expected 1000000, was 1000001.0",
                "1000000.0 | 1000001 | $: expected 1000000.0, was 1000001",
                "1e400 | 1 | $: expected Infinity, was 1",
                "1 | \"1\" | $: expected 1, was \"1\"",
                "null | false | $: expected null, was false",
                "{\"a\": {\"b c\": [1, 2]}} | {\"a\": {\"b c\": [1, 3]}} |"
                        + " $.a['b c'][1]: expected 2, was 3",
                "{\"a\": 1} | {} | $.a: missing, expected 1",
                "{} | {\"a\": [1]} | $.a: not expected, was [1]",
                "[1] | [1, 2] | $: expected 1 element, was 2 elements",
                "[] | {} | $: expected [], was {}",
            })
    void differenceNamesItsPath(String expected, String actual, String difference)
            throws JsonProcessingException {
        assertEquals(List.of(difference), between(expected, actual, 1e-5));
    }

    @Test
    void zeroToleranceIsExact() throws JsonProcessingException {
        assertEquals(
                List.of("$: expected 0.1, was 0.10000000149011612"),
                between("0.1", "0.10000000149011612", 0));
    }

    @Test
    void manyDifferencesAreCounted() throws JsonProcessingException {
        String zeros = "[" + "0,".repeat(99) + "0]";
        List<String> differences = between(zeros, zeros.replace('0', '1'), 0);
        assertEquals(11, differences.size());
        assertEquals("$[9]: expected 0, was 1", differences.get(9));
        assertEquals("and 90 more", differences.get(10));
    }

    @Test
    void longValuesAreTruncated() throws JsonProcessingException {
        JsonNode expected = JsonText.parse("\"" + "x".repeat(1000) + "\"");
        String difference = JsonDifferences.between(expected, JsonText.parse("1"), 0).get(0);
        assertEquals("$: expected \"" + "x".repeat(119) + "…, was 1", difference);
    }
}
