package io.bactrian.preprocess;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.bactrian.limit.InsufficientMemoryException;
import io.bactrian.limit.MemoryBudget;
import io.bactrian.pipeline.ExchangeMemory;
import io.bactrian.pipeline.ExchangeTensors;
import io.bactrian.pipeline.PipelineFaultException;
import io.bactrian.pipeline.RequestItems;
import io.bactrian.preprocess.table.TableFormat;
import io.bactrian.preprocess.table.TableLayout;
import io.bactrian.tensor.BadInputException;
import io.bactrian.tensor.DType;
import io.bactrian.tensor.NamedTensors;
import io.bactrian.tensor.TensorSpec;
import io.bactrian.tensor.TensorValues;
import io.bactrian.testing.Exchanges;
import io.bactrian.testing.Signatures;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.apache.camel.Exchange;
import org.apache.camel.impl.DefaultCamelContext;
import org.apache.camel.support.DefaultExchange;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

class FeatureVectorPreprocessorTest {

    private static final DefaultCamelContext CONTEXT = new DefaultCamelContext();
    private static final ObjectMapper JSON = new ObjectMapper();

    @TempDir static Path folder;

    @AfterAll
    static void close() throws IOException {
        CONTEXT.close();
    }

    private final FeatureVectorPreprocessor vectors = new FeatureVectorPreprocessor();

    private static Exchange process(FeaturesPreprocessor preprocessor, Object body) {
        if (preprocessor.getCamelContext() == null) {
            preprocessor.setCamelContext(CONTEXT);
        }
        Exchange exchange = new DefaultExchange(preprocessor.getCamelContext());
        exchange.getMessage().setBody(body);
        preprocessor.process(exchange);
        return exchange;
    }

    /** The tensor's shape, dtype and values, after {@code list} where the request is one. */
    static String made(FeaturesPreprocessor preprocessor, Object body) {
        Exchange exchange = process(preprocessor, body);
        try (NamedTensors.Reference tensors = ExchangeTensors.read(exchange)) {
            var tensor = tensors.select(null);
            return (RequestItems.isList(exchange) ? "list " : "one ")
                    + TensorSpec.format(tensor.shape())
                    + DType.of(tensor)
                    + TensorValues.toJava(tensor);
        } finally {
            Exchanges.done(exchange);
        }
    }

    static String rejection(FeaturesPreprocessor preprocessor, Object body) {
        long before = NamedTensors.open();
        String message =
                assertThrows(BadInputException.class, () -> process(preprocessor, body))
                        .getMessage();
        assertTrue(NamedTensors.open() <= before);
        return message;
    }

    static List<JsonNode> recorded() throws IOException {
        try (InputStream in =
                FeatureVectorPreprocessorTest.class.getResourceAsStream("/tables/vectors.json")) {
            List<JsonNode> cases = new ArrayList<>();
            JSON.readTree(in).path("cases").forEach(cases::add);
            assertEquals(7, cases.size());
            return cases;
        }
    }

    private static FeatureVectorPreprocessor of(JsonNode recorded) {
        FeatureVectorPreprocessor preprocessor = new FeatureVectorPreprocessor();
        if (recorded.has("featuresFile")) {
            preprocessor.setFeaturesFile(
                    "classpath:tables/" + recorded.path("featuresFile").asText());
        } else {
            preprocessor.setColumns(recorded.path("columns").asText());
            preprocessor.setScalerFile("classpath:tables/" + recorded.path("scalerFile").asText());
        }
        return preprocessor;
    }

    private static void assertVectors(
            JsonNode recorded, FeaturesPreprocessor preprocessor, Object body) {
        Exchange exchange = process(preprocessor, body);
        float[][] made = exchange.getMessage().getBody(float[][].class);
        Exchanges.done(exchange);
        JsonNode expected = recorded.path("vectors");
        assertEquals(expected.size(), made.length);
        for (int row = 0; row < made.length; row++) {
            assertEquals(expected.get(row).size(), made[row].length);
            for (int i = 0; i < made[row].length; i++) {
                float value = expected.get(row).get(i).floatValue();
                assertEquals(
                        value,
                        made[row][i],
                        1e-6 * Math.max(1, Math.abs(value)),
                        "row " + row + ", element " + i);
            }
        }
    }

    /** As JSON, as objects, as an object of lists, and as CSV. */
    @ParameterizedTest
    @MethodSource("recorded")
    void vectorsAreThoseOfScikitLearn(JsonNode recorded) throws IOException {
        JsonNode rows = recorded.path("rows");
        assertVectors(recorded, of(recorded), rows.toString());
        assertVectors(recorded, of(recorded), JSON.convertValue(rows, List.class));
        List<String> names = new ArrayList<>();
        rows.get(0).fieldNames().forEachRemaining(names::add);
        StringBuilder csv = new StringBuilder(String.join(",", names) + "\n");
        var columns = JSON.createObjectNode();
        names.forEach(columns::putArray);
        for (JsonNode row : rows) {
            List<String> values = new ArrayList<>();
            for (String name : names) {
                columns.withArray(name).add(row.get(name));
                String text = row.get(name).isNull() ? "" : row.get(name).asText();
                values.add(text.contains(",") ? '"' + text + '"' : text);
            }
            csv.append(String.join(",", values)).append('\n');
        }
        FeatureVectorPreprocessor ofColumns = of(recorded);
        ofColumns.setLayout(TableLayout.COLUMNS);
        assertVectors(recorded, ofColumns, columns.toString());
        FeatureVectorPreprocessor ofCsv = of(recorded);
        ofCsv.setFormat(TableFormat.CSV);
        assertVectors(recorded, ofCsv, csv.toString());
    }

    private void bind(String input) {
        vectors.setCamelContext(CONTEXT);
        vectors.bindInputs(List.of(Signatures.inputs(input)));
    }

    private void declare(String features) throws IOException {
        Path file = Files.createTempFile(folder, "features", ".json");
        Files.writeString(file, "{\"features\": [" + features + "]}");
        vectors.setFeaturesFile(file.toString());
    }

    @Test
    void rowsWithoutNamesHaveAsManyNumbersAsTheInputTakes() {
        bind("x float32 -1 3");
        assertEquals("one [1, 3]float32[[1.0, 2.5, 0.0]]", made(vectors, "[1, 2.5, false]"));
        assertEquals(
                "list [2, 3]float32[[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]]",
                made(vectors, "[[1, 2, 3], [4, 5, 6]]"));
        assertEquals("[1] has 2 values, expected 3", rejection(vectors, "[[1, 2, 3], [4, 5]]"));
        assertEquals("[0][1]: \"x\" is not a number", rejection(vectors, "[[1, \"x\", 3]]"));
        assertEquals("[0]: missing field \"2\"", rejection(vectors, "[[1, 2, null]]"));
        vectors.setFormat(TableFormat.EXAMPLES);
        assertEquals(
                "rows are lists of values here: tf.train.Examples have named features",
                rejection(vectors, "[[1, 2, 3]]"));
        vectors.setFormat(null);
        vectors.setHeader(false);
        vectors.setFormat(TableFormat.CSV);
        bind("x float32 -1 3");
        assertEquals("list [1, 3]float32[[1.0, 2.0, 3.0]]", made(vectors, "1,2,3\n"));
        assertEquals("row 0 (line 1), 1: \"x\" is not a number", rejection(vectors, "1,x,3\n"));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "x float32 -1 2   | one [1, 2]float32[[1.0, 2.0]]",
                "x float64 -1 2   | one [1, 2]float64[[1.0, 2.0]]",
                "x int64 -1 2     | one [1, 2]int64[[1, 2]]",
                "x uint8 -1 -1    | one [1, 2]uint8[[1, 2]]",
                "x float16 -1 1 2 | one [1, 1, 2]float16[[[1.0, 2.0]]]",
            })
    void tensorHasTheInputsDtypeAndRank(String input, String expected) {
        vectors.setColumns("b, a");
        bind(input);
        assertEquals(expected, made(vectors, "{\"a\": 2, \"b\": 1}"));
        assertEquals(expected, made(vectors, "[1, 2]"));
    }

    @Test
    void categoriesBecomeElements() throws IOException {
        declare(
                """
                {"field": "seen", "type": "multi-hot", "categories": ["a", "b", "c"],
                 "unknown": "ignore", "default": []},
                {"field": "seen", "type": "multi-hot", "categories": ["a", "b"], "count": true,
                 "unknown": "ignore", "default": ["b"]},
                {"field": "job", "type": "one-hot", "categories": ["x", "y", "z"], "drop": 1},
                {"field": "id", "type": "index", "categories": [10, 20.5, 30], "offset": 1,
                 "unknown": 0, "default": 30}
                """);
        bind("x int32 -1 8");
        assertEquals(
                "list [3, 8]int32[[1, 0, 1, 2, 0, 0, 1, 1], [0, 0, 0, 0, 1, 0, 0, 3], [0, 1, 0, 0,"
                        + " 1, 1, 0, 0]]",
                made(
                        vectors,
                        "[{\"seen\": [\"a\", \"c\", \"a\", \"q\"], \"job\": \"z\", \"id\": 10.0},"
                                + " {\"job\": \"y\"},"
                                + " {\"seen\": [\"b\"], \"job\": \"x\", \"id\": 11}]"));
        assertEquals(
                "[0].job: \"w\" is none of the 3 categories",
                rejection(vectors, "[{\"job\": \"w\"}]"));
        assertEquals(
                "job: an array is not a text or number", rejection(vectors, "{\"job\": [\"x\"]}"));
        assertEquals("missing field \"job\"", rejection(vectors, "{\"seen\": []}"));
        assertEquals("seen: 1 is not a list", rejection(vectors, "{\"seen\": 1, \"job\": \"x\"}"));
        vectors.setFormat(TableFormat.CSV);
        assertEquals(
                "list [2, 8]int32[[1, 0, 1, 1, 0, 0, 1, 2], [0, 1, 0, 0, 1, 0, 0, 3]]",
                made(vectors, "seen,job,id\n\"[\"\"c\"\", \"\"a\"\"]\",z,20.50\nb,y,\n"));
    }

    @Test
    void defaultsStandForMissingNumbers() {
        vectors.setColumns("a, b");
        vectors.setDefaults("b=1.5");
        bind("x float32 -1 2");
        assertEquals(
                "list [2, 2]float32[[1.0, 1.5], [2.0, 3.0]]",
                made(vectors, "[{\"a\": 1, \"b\": null}, {\"a\": 2, \"b\": 3}]"));
        assertEquals("[0]: missing field \"a\"", rejection(vectors, "[{\"b\": 1}]"));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "{\"a\": 1.5}           | a: 1.5 is not of dtype uint8",
                "{\"a\": 256}           | a: 256.0 is not of dtype uint8",
                "{\"a\": NaN}           | a: NaN is not of dtype uint8",
                "{\"a\": {}}            | a: an object is not a number",
                "{\"a\": \"1\"}         | a: \"1\" is not a number",
                "[[1, 2]]               | [0] has 2 values, expected 1",
                "[{\"a\": 1}, 3]        | [1] must be an object or a list of values",
                "3                      | the body must be an object or a list of them, or a list of values",
                "{\"a\": 1e999}         | JSON Parse error: Number too big to be stored in double. at offset: 6",
            })
    void faultyRowNamesTheField(String json, String message) {
        vectors.setColumns("a");
        bind("x uint8 -1 1");
        assertEquals(message, rejection(vectors, json));
    }

    private void assertFault(String message, String input) {
        String fault = assertThrows(PipelineFaultException.class, () -> bind(input)).getMessage();
        assertTrue(fault.contains(message), fault);
    }

    @Test
    void propertiesThatContradictTheInputAreFaults() {
        vectors.setColumns("a, b, c");
        assertFault("makes 3 elements of a row, but input \"x\"", "x float32 -1 4");
        assertFault("makes 3 elements of a row, but input \"x\"", "x float32 -1 2 3");
        assertFault("dtype is float32, but input \"x\"", "x string -1 3");
        vectors.setDefaults("d=1");
        assertFault("defaults has \"d\", which is no column", "x float32 -1 3");
        vectors.setDefaults("a=x");
        assertFault("defaults, a: \"x\" is not a number", "x float32 -1 3");
        vectors.setDefaults(null);
        vectors.setScalerFile("classpath:tables/standard.json");
        assertFault("\"a\" is scaled, but input \"x\"", "x int64 -1 3");
        vectors.setColumns("a, b");
        assertFault("standard.json\" has 3 columns, but columns has 2", "x float32 -1 2");
        vectors.setColumns("a, a");
        assertFault("columns must be different names with commas between", "x float32 -1 2");
        vectors.setColumns(null);
        vectors.setFeaturesFile("features.json");
        assertFault("featuresFile declares all of the vector", "x float32 -1 2");
        vectors.setFeaturesFile(null);
        vectors.setScalerFile(null);
        assertFault("set columns or featuresFile", "x float32 -1 -1");
        vectors.setColumns("a, b");
        PipelineFaultException fault =
                assertThrows(
                        PipelineFaultException.class,
                        () ->
                                vectors.bindInputs(
                                        List.of(
                                                Signatures.inputs("x float32 -1 2"),
                                                Signatures.inputs("x float32 -1 1 2"))));
        assertTrue(fault.getMessage().endsWith("use a bean for each model"), fault::getMessage);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "{}|features[0].field must be the name of a field, got none",
                "{\"field\": \"a\", \"type\": \"onehot\"}|features[0].type must be number, one-hot, multi-hot or index, got \"onehot\"",
                "{\"field\": \"a\", \"categories\": []}|features[0] has \"categories\", which is no member of type number",
                "{\"field\": \"a\", \"type\": \"index\", \"categories\": []}|features[0].categories must be a list of values, got []",
                "{\"field\": \"a\", \"type\": \"index\", \"categories\": [1, 1.0]}|features[0].categories: the category 1.0 is there twice",
                "{\"field\": \"a\", \"type\": \"index\", \"categories\": [1], \"unknown\": \"ignore\"}|features[0].unknown must be \"error\" or an index, got \"ignore\"",
                "{\"field\": \"a\", \"type\": \"one-hot\", \"categories\": [1], \"unknown\": 3}|features[0].unknown must be \"error\" or \"ignore\", got 3",
                "{\"field\": \"a\", \"type\": \"one-hot\", \"categories\": [1, 2], \"drop\": 2}|features[0].drop must be the index of one of several categories, got 2",
                "{\"field\": \"a\", \"type\": \"multi-hot\", \"categories\": [1], \"default\": 1}|features[0].default must be a list, got 1",
                "{\"field\": \"a\"}, {\"field\": \"b\", \"scale\": 0}|features[1].scale must be a number other than 0, got 0",
                "{\"field\": \"a\", \"mean\": 0, \"min\": 0}|features[0] may have one of mean, center and min",
                "{\"field\": \"a\", \"scale\": 2, \"clip\": [0, 1]}|features[0].clip is of use with min only",
                "{\"field\": \"a\", \"min\": 2, \"clip\": [0]}|features[0].clip must be two numbers, got [0]",
                "{\"field\": \"a\", \"default\": \"x\"}|features[0].default must be a number, got \"x\"",
                "{\"field\": \"a\", \"log1p\": 1}|features[0].log1p must be true or false, got 1",
            })
    void faultyFeaturesFileIsReportedAtStart(String features, String message) throws IOException {
        declare(features);
        assertFault(".json\": " + message, "x float32 -1 1");
    }

    @Test
    void memoryOfTheVectorsIsReservedBeforeRowsAreRead() throws IOException {
        MemoryBudget budget = new MemoryBudget(4 << 20);
        try (DefaultCamelContext context = new DefaultCamelContext()) {
            context.getRegistry().bind(ExchangeMemory.BUDGET, budget);
            bind("x float32 -1 100");
            vectors.setMaxRows(20_000);
            Exchange exchange = new DefaultExchange(context);
            String row = "[" + "1,".repeat(99) + "1]";
            exchange.getMessage().setBody("[" + (row + ",").repeat(999) + row + "]");
            vectors.process(exchange);
            assertEquals(4 * 100 * 1000, budget.reserved());
            Exchanges.done(exchange);
            assertEquals(0, budget.reserved());
            Exchange large = new DefaultExchange(context);
            large.getMessage().setBody("[" + (row + ",").repeat(19_999) + row + "]");
            assertThrows(InsufficientMemoryException.class, () -> vectors.process(large));
            assertEquals(0, budget.reserved());
        }
    }
}
