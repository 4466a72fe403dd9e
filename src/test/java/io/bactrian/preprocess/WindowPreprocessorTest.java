package io.bactrian.preprocess;

import static io.bactrian.preprocess.FeatureVectorPreprocessorTest.made;
import static io.bactrian.preprocess.FeatureVectorPreprocessorTest.rejection;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.bactrian.pipeline.PipelineFaultException;
import io.bactrian.preprocess.table.TableFormat;
import io.bactrian.testing.Signatures;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.apache.camel.impl.DefaultCamelContext;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class WindowPreprocessorTest {

    private static final DefaultCamelContext CONTEXT = new DefaultCamelContext();

    private final WindowPreprocessor window = new WindowPreprocessor();

    @AfterAll
    static void close() throws IOException {
        CONTEXT.close();
    }

    @BeforeEach
    void setContext() {
        window.setCamelContext(CONTEXT);
    }

    private void bind(String input) {
        window.bindInputs(List.of(Signatures.inputs(input)));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "x float32 -1 3 1  | [1, 2, 3, 4, 5]            | one [1, 3, 1]float32[[[3.0], [4.0], [5.0]]]",
                "x float32 -1 3    | [1, 2, 3, 4]               | one [1, 3]float32[[2.0, 3.0, 4.0]]",
                "x int64 -1 3      | [1, 2, 3]                  | one [1, 3]int64[[1, 2, 3]]",
                "x float32 -1 -1 2 | [[1, 2], [3, 4]]           | one [1, 2, 2]float32[[[1.0, 2.0], [3.0, 4.0]]]",
                "x float32 -1 1 2  | [[1, 2], [3, 4]]           | one [1, 1, 2]float32[[[3.0, 4.0]]]",
                "x float32 -1 2 1  | [[1], [2], [3]]            | one [1, 2, 1]float32[[[2.0], [3.0]]]",
            })
    void windowHasTheLastRows(String input, String json, String expected) {
        bind(input);
        assertEquals(expected, made(window, json));
    }

    @Test
    void rowsAreObjectsColumnsOrCsvByName() {
        window.setColumns("b, a");
        bind("x float32 -1 2 2");
        String expected = "one [1, 2, 2]float32[[[4.0, 3.0], [6.0, 5.0]]]";
        assertEquals(
                expected,
                made(window, "[{\"a\": 1, \"b\": 2}, {\"a\": 3, \"b\": 4}, {\"b\": 6, \"a\": 5}]"));
        assertEquals(expected, made(window, "{\"a\": [1, 3, 5], \"b\": [2, 4, 6]}"));
        assertEquals(expected, made(window, Map.of("a", List.of(1, 3, 5), "b", List.of(2, 4, 6))));
        window.setFormat(TableFormat.CSV);
        assertEquals(expected, made(window, "t,a,b\nx,1,2\ny,3,4\nz,5,6\n"));
    }

    @Test
    void rowsAreScaledBeforeTheyArePadded(@TempDir Path folder) throws Exception {
        Path scaler =
                Files.writeString(folder.resolve("s.json"), "{\"mean_\": [10], \"scale_\": [2]}");
        window.setScalerFile(scaler.toString());
        window.setPadding(0.0);
        window.setMinLength(2);
        bind("x float32 -1 4 1");
        assertEquals(
                "one [1, 4, 1]float32[[[0.0], [0.0], [1.0], [2.0]]]", made(window, "[12, 14]"));
        assertEquals(
                "one [1, 4, 1]float32[[[0.5], [1.0], [1.5], [2.0]]]",
                made(window, "[0, 11, 12, 13, 14]"));
        assertEquals("the series has 1 row, expected at least 2", rejection(window, "[12]"));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "[1, 2]           | the series has 2 rows, expected at least 3",
                "[]               | there are no rows",
                "7                | the body must be a list",
                "[\"x\", 1, 2, 3] | [0][0]: \"x\" is not a number",
                "[1, null, 2]     | [1]: missing field \"0\"",
                "[1, [2, 3], 2]   | [1] has 2 values, expected 1",
                "[1, {}, 2]       | [1] must be a list of values",
            })
    void faultySeriesNamesTheRow(String json, String message) {
        bind("x float32 -1 3 1");
        assertEquals(message, rejection(window, json));
    }

    @Test
    void propertiesThatContradictTheInputAreFaults() {
        window.setLength(4);
        assertFault("makes 4 rows of 2 elements, but input \"x\"", "x float32 -1 3 2");
        window.setLength(null);
        window.setColumns("a, b");
        assertFault("makes 2 elements of a row, but input \"x\"", "x float32 -1 3 3");
        assertFault("makes 2 elements of a row, but input \"x\"", "x float32 -1");
        window.setPadding(0.0);
        assertFault("set length: padding is 0.0, but nothing says", "x float32 -1 -1 2");
        window.setMinLength(4);
        assertFault(
                "minLength is 4, but the window has 3 rows and padding is set", "x float32 -1 3 2");
        window.setPadding(null);
        window.setMinLength(2);
        assertFault(
                "minLength is 2, but the window has 3 rows and padding is not set",
                "x float32 -1 3 2");
        assertThrows(PipelineFaultException.class, () -> window.setLength(0));
    }

    private void assertFault(String message, String input) {
        String fault = assertThrows(PipelineFaultException.class, () -> bind(input)).getMessage();
        assertTrue(fault.startsWith(message), fault);
    }
}
