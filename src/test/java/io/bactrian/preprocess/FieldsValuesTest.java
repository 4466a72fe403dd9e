package io.bactrian.preprocess;

import static io.bactrian.preprocess.FeatureVectorPreprocessorTest.made;
import static io.bactrian.preprocess.FeatureVectorPreprocessorTest.rejection;
import static org.junit.jupiter.api.Assertions.assertEquals;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.bactrian.preprocess.table.TableFormat;
import io.bactrian.preprocess.table.TableLayout;
import io.bactrian.testing.Signatures;
import java.io.IOException;
import java.util.List;
import org.apache.camel.impl.DefaultCamelContext;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Tables of fields and values, and lines of JSON. */
class FieldsValuesTest {

    private static final DefaultCamelContext CONTEXT = new DefaultCamelContext();

    private final FeatureVectorPreprocessor vectors = new FeatureVectorPreprocessor();

    @AfterAll
    static void close() throws IOException {
        CONTEXT.close();
    }

    private void bind() {
        vectors.setCamelContext(CONTEXT);
        vectors.bindInputs(List.of(Signatures.inputs("x float32 -1 2")));
    }

    private static Object objects(String json) throws IOException {
        return new ObjectMapper().readValue(json, Object.class);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "'' | {\"values\": [[1, 2], [3, 4]]} | list [2, 2]float32[[1.0, 2.0], [3.0, 4.0]]",
                "'' | [{\"fields\": [\"b\", \"c\", \"a\"], \"values\": [[1, \"x\", 2]]}] | list [1, 2]float32[[2.0, 1.0]]",
                "t  | {\"t\": [{\"values\": [[1, 2]], \"id\": 7}]} | list [1, 2]float32[[1.0, 2.0]]",
                "t  | {\"t\": {\"values\": [{\"a\": 1, \"b\": 2}]}} | list [1, 2]float32[[1.0, 2.0]]",
            })
    void valuesAreRowsInTheOrderOfTheFields(String wrapper, String json, String expected)
            throws IOException {
        vectors.setColumns("a, b");
        vectors.setWrapper(wrapper.replace("'", ""));
        vectors.setLayout(TableLayout.VALUES);
        bind();
        assertEquals(expected, made(vectors, json));
        assertEquals(expected, made(vectors, objects(json)));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "{\"t\": []} | t[0] must be an object with a list of rows in \"values\"",
                "{\"t\": {}} | t must be an object with a list of rows in \"values\"",
                "{\"t\": [{\"values\": [[1, 2]]}, {}]} | t has several tables, expected one",
                "{\"t\": [{\"values\": [[1]]}]} | t[0].values[0] has 1 value, expected 2",
                "{\"t\": [{\"values\": []}]} | there are no rows",
                "{\"t\": [{\"values\": [1, 2]}]} | t[0].values[0] must be an object or a list of values",
                "{\"t\": [{\"fields\": [\"a\"], \"values\": [[1, 2]]}]} | t[0].values[0] has 2 values, expected 1",
                "{\"t\": [{\"fields\": [\"a\"], \"values\": [[1]]}]} | t[0].values[0]: missing field \"b\"",
                "{\"t\": [{\"fields\": [\"a\", \"a\"], \"values\": [[1, 2]]}]} | t[0].fields has \"a\" twice",
                "{\"t\": [{\"fields\": [1], \"values\": [[1, 2]]}]} | t[0].fields[0] must be a text",
                "{\"t\": [{\"fields\": 1, \"values\": [[1, 2]]}]} | t[0].fields must be a list of names",
                "{\"t\": [{\"values\": [[1, \"x\"]]}]} | t[0].values[0].b: \"x\" is not a number",
            })
    void faultyTableIsDescribed(String json, String message) throws IOException {
        vectors.setColumns("a, b");
        vectors.setWrapper("t");
        vectors.setLayout(TableLayout.VALUES);
        bind();
        assertEquals(message, rejection(vectors, json));
        assertEquals(message, rejection(vectors, objects(json)));
    }

    @Test
    void linesBeginWithRows() {
        vectors.setFormat(TableFormat.LINES);
        bind();
        assertEquals(
                "list [3, 2]float32[[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]]",
                made(vectors, "[1, 2];a;[\r\n\n  [3, 4] ; ö\n[5, 6]"));
        assertEquals(
                "line 2 must be JSON, or have a semicolon after it",
                rejection(vectors, "[1, 2]\n[3, 4], x\n"));
        assertEquals("there are no rows", rejection(vectors, " \n\n"));
        assertEquals("[1] has 1 value, expected 2", rejection(vectors, "[1, 2];\n[3];"));
        assertEquals(
                "line 2: JSON Parse error: Invalid value. at offset: 4",
                rejection(vectors, "[1, 2]\n[3, \n4]"));
    }

    @Test
    void linesMayBeObjects() {
        vectors.setColumns("a, b");
        vectors.setFormat(TableFormat.LINES);
        bind();
        assertEquals(
                "list [1, 2]float32[[1.0, 2.0]]",
                made(vectors, "{\"b\": 2, \"a\": 1, \";\": \";\"}"));
    }
}
