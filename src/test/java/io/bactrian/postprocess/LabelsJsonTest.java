package io.bactrian.postprocess;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.bactrian.pipeline.PipelineFaultException;
import io.bactrian.pipeline.ProcessorFile;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class LabelsJsonTest {

    private static Labels parse(String json) {
        ProcessorFile file = new ProcessorFile(null, "labelsFile", "l.json");
        return new LabelsJson(file.toString())
                .parse(file.json(json.getBytes(StandardCharsets.UTF_8)));
    }

    private static String fault(String json) {
        return assertThrows(PipelineFaultException.class, () -> parse(json)).getMessage();
    }

    /** The order of an object's members and a byte order mark do not matter. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "[\"cat\", \" dog \", \"Éléphant\"]",
                "\ufeff[\"cat\", \"dog\", \"\\u00c9l\\u00e9phant\"]\n",
                "{\"0\": \"cat\", \"2\": \"Éléphant\", \"1\": \"dog\"}",
                "{\"Éléphant\": 2, \"dog\": 1, \"cat\": 0}",
                "{\"0\": [\"n1\", \"cat\"], \"1\": [\"n2\", \"dog\"], \"2\": [\"n3\", \"Éléphant\"]}"
            })
    void listsAndMapsInBothDirectionsNameAllClasses(String json) {
        Labels labels = parse(json);
        assertEquals("cat", labels.name(0));
        assertEquals("dog", labels.name(1));
        assertEquals("Éléphant", labels.name(2));
        labels.checkCount(3, "");
        assertEquals(
                "labelsFile \"l.json\" has 3 names for 4 classes: y",
                assertThrows(PipelineFaultException.class, () -> labels.checkCount(4, "y"))
                        .getMessage());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{\"1\": \"person\", \"13\": \"stop sign\"}",
                "{\"stop sign\": 13, \"person\": 1}"
            })
    void mapsWithGapsNameSomeClasses(String json) {
        Labels labels = parse(json);
        assertEquals("person", labels.name(1));
        assertEquals("stop sign", labels.name(13));
        assertNull(labels.name(0));
        labels.checkCount(90, "");
    }

    /** Such as the stars of a review. */
    @Test
    void namesCanBeNumbers() {
        assertEquals(5, parse("[1, 2, 3, 4, 5]").name(4));
        assertEquals(0.5, parse("[0.5, 1]").name(0));
        assertEquals("7", parse("{\"0\": \"7\", \"1\": \"3\"}").name(0));
    }

    /** As Keras' class_indices of folders that are named 0, 1 and so on. */
    @Test
    void numbersAsTheirOwnNamesAreTexts() {
        assertEquals("1", parse("{\"0\": 0, \"1\": 1, \"2\": 2}").name(1));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '\0',
            value = {
                "{\"0\": 7, \"1\": 3} | has numbers on both sides: write names as text (\"0\": \"7\"), so that the class numbers can be told from them",
                "{\"cat\": 0, \"dog\": 0} | names class 0 again, after \"cat\"",
                "{\"cat\": 0, \"dog\": \"1\"} | has the member \"cat\", expected class numbers, or the class number of each name",
                "{\"cat\": -1} | has the member \"cat\", expected class numbers, or the class number of each name",
                "{\"01\": \"cat\"} | has the member \"01\", expected class numbers, or the class number of each name",
                "{\"cat\": 1.5} | has the member \"cat\", expected class numbers, or the class number of each name",
                "{\"0\": [\"n01440764\", \"tench\", 1]} | has [\"n01440764\",\"tench\",1] as class 0, expected a name",
                "{\"0\": [\"n01440764\", null]} | has null as class 0, expected a name",
                "{\"0\": \" \"} | has an empty name as class 0, expected a name",
                "{\"\": 0} | has an empty name",
                "[\"cat\", null] | has null as entry 1, expected a name",
                "[\"cat\", \"\"] | has an empty name as entry 1, expected a name",
                "[] | is empty",
                "{} | is empty",
                " | is empty",
                "\"cat\" | must be a list of names, or an object from class numbers to names or from names to class numbers",
                "{\"0\": \"cat\", \"0\": \"dog\"} | is not JSON: line 1, column 17: Duplicate field '0'",
                "[\"cat\"] [\"dog\"] | is not JSON: line 1, column 10: expected the end after the first value",
                "[\"cat\" \"dog\"] | is not JSON: line 1, column 8: Unexpected character ('\"' (code 34)): was expecting comma to separate Array entries",
            })
    void entriesThatAreNotLabelsAreRejected(String json, String message) {
        assertEquals("labelsFile \"l.json\" " + message, fault(json == null ? "" : json));
    }
}
