package io.bactrian.preprocess;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.google.protobuf.ByteString;
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
import io.bactrian.testing.TfRecords;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.apache.camel.Exchange;
import org.apache.camel.impl.DefaultCamelContext;
import org.apache.camel.support.DefaultExchange;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.tensorflow.proto.BytesList;
import org.tensorflow.proto.Example;
import org.tensorflow.proto.Feature;
import org.tensorflow.proto.Features;
import org.tensorflow.proto.FloatList;
import org.tensorflow.proto.Int64List;

class RecordPreprocessorTest {

    private static final DefaultCamelContext CONTEXT = new DefaultCamelContext();

    private static final String PEOPLE = "age int64 -1 1, height float32 -1, name string -1 1";

    private final RecordPreprocessor records = new RecordPreprocessor();

    @AfterAll
    static void close() throws IOException {
        CONTEXT.close();
    }

    private Exchange process(Object body) {
        Exchange exchange = new DefaultExchange(CONTEXT);
        exchange.getMessage().setBody(body);
        records.process(exchange);
        return exchange;
    }

    /** The tensors' shapes, dtypes and values, after {@code list} where the request is one. */
    private String made(Object body) {
        Exchange exchange = process(body);
        StringBuilder text = new StringBuilder(RequestItems.isList(exchange) ? "list" : "one");
        try (NamedTensors.Reference tensors = ExchangeTensors.read(exchange)) {
            tensors.asMap()
                    .forEach(
                            (name, tensor) ->
                                    text.append(' ')
                                            .append(name)
                                            .append(TensorSpec.format(tensor.shape()))
                                            .append(DType.of(tensor))
                                            .append(TensorValues.toJava(tensor)));
        } finally {
            Exchanges.done(exchange);
        }
        return text.toString();
    }

    private String rejection(Object body) {
        long before = NamedTensors.open();
        String message = assertThrows(BadInputException.class, () -> process(body)).getMessage();
        assertTrue(NamedTensors.open() <= before);
        return message;
    }

    /** By the scanner, and as {@code unmarshal: json} has it. */
    private void assertRejected(String message, String json) throws IOException {
        assertEquals(message, rejection(json));
        assertEquals(message, rejection(new ObjectMapper().readValue(json, Object.class)));
    }

    private void bind(String inputs) {
        records.bindInputs(List.of(Signatures.inputs(inputs)));
    }

    @Test
    void fieldsBecomeTensorsOfTheSignaturesDtypesAndRanks() throws IOException {
        bind(PEOPLE);
        String json = "{\"name\": \"Añe\", \"id\": [{}], \"age\": 41, \"height\": 1.75}";
        String expected = "one age[1, 1]int64[[41]] height[1]float32[1.75] name[1, 1]string[[Añe]]";
        assertEquals(expected, made(json));
        assertEquals(expected, made(json.getBytes(StandardCharsets.UTF_8)));
        assertEquals(expected, made(new ObjectMapper().readValue(json, Map.class)));
        assertEquals(expected.replace("one", "list"), made("[" + json + "]"));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "x int64 -1    | {\"x\": 41}             | one x[1]int64[41]",
                "x int64 -1 1  | {\"x\": 41}             | one x[1, 1]int64[[41]]",
                "x int64 -1 1  | {\"x\": [41]}           | one x[1, 1]int64[[41]]",
                "x int64 -1 1 1| {\"x\": 41}             | one x[1, 1, 1]int64[[[41]]]",
                "x int64 -1 -1 | {\"x\": 41}             | one x[1, 1]int64[[41]]",
                "x int64 -1 -1 | {\"x\": [1, 2]}         | one x[1, 2]int64[[1, 2]]",
                "x int64       | {\"x\": 41}             | one xint64",
                "x int64 1     | {\"x\": 41}             | one x[1]int64[41]",
                "x int64 ?     | [{\"x\": 4}, {\"x\": 5}]| list x[2]int64[4, 5]",
                "x float32 -1 2| [{\"x\": [1, 2]}]       | list x[1, 2]float32[[1.0, 2.0]]",
                "x bool -1     | {\"x\": true}           | one x[1]bool[true]",
                "x float32 -1  | {\"x\": NaN}            | one x[1]float32[NaN]",
                "x string -1 2 | {\"x\": [\"a\", \"b\"]} | one x[1, 2]string[[a, b]]",
                "x int64 -1    | {\"x\": 1, \"x\": 2}    | one x[1]int64[2]",
            })
    void valueFitsTheInputsRank(String input, String json, String expected) {
        bind(input);
        assertEquals(expected.replace("xint64", "x[]int6441"), made(json));
    }

    @Test
    void listsBecomeBatchesInOrder() throws IOException {
        bind("a int32 -1 1, b string -1");
        String json =
                "[{\"a\": 1, \"b\": \"x\"}, {\"b\": \"y\", \"a\": 2}, {\"a\": 3, \"b\": \"z\"}]";
        String expected = "list a[3, 1]int32[[1], [2], [3]] b[3]string[x, y, z]";
        assertEquals(expected, made(json));
        assertEquals(expected, made(new ObjectMapper().readValue(json, List.class)));
    }

    @Test
    void wrapperHoldsTheTable() throws IOException {
        records.setWrapper("instances");
        bind("a int32 -1");
        assertEquals("list a[2]int32[1, 2]", made("{\"instances\": [{\"a\": 1}, {\"a\": 2}]}"));
        assertEquals("one a[1]int32[7]", made("{\"z\": [], \"instances\": {\"a\": 7}, \"y\": 1}"));
        assertRejected("missing field \"instances\"", "{\"a\": 1}");
        assertRejected("expected an object with a field \"instances\"", "[{\"a\": 1}]");
        assertRejected("instances: missing field \"a\"", "{\"instances\": {}}");
        assertRejected(
                "instances[1].a: \"x\" is not an int32",
                "{\"instances\": [{\"a\": 1}, {\"a\": \"x\"}]}");
        assertEquals(
                "JSON Parse error: The document root must not be followed by other values."
                        + " at offset: 26",
                rejection("{\"instances\": [{\"a\": 1}]} 1"));
    }

    @Test
    void columnsAreReadByTheSignature() throws IOException {
        records.setLayout(TableLayout.COLUMNS);
        bind("a int32 -1 1, b string -1, c float32 -1 2");
        String json = "{\"b\": [\"x\", \"y\"], \"c\": [[1, 2], [3, 4]], \"a\": [1, 2], \"d\": 1}";
        String expected =
                "list a[2, 1]int32[[1], [2]] b[2]string[x, y] c[2, 2]float32[[1.0, 2.0], [3.0, 4.0]]";
        assertEquals(expected, made(json));
        assertEquals(expected, made(new ObjectMapper().readValue(json, Map.class)));
        assertRejected(
                "c[1][0]: null is not a number",
                "{\"a\": [1, 2], \"b\": [\"x\", \"y\"], \"c\": [[1, 2], [null, 4]]}");
        assertRejected("[0]: missing field \"c\"", "{\"a\": [1], \"b\": [\"x\"]}");
        assertRejected("a: 1 is not a list", "{\"a\": 1}");
        assertRejected("there are no rows", "{\"a\": [], \"b\": [], \"c\": []}");
        assertRejected("the body must be an object with a list for each field", "[1]");
        assertEquals(
                "a has more values than b, which has 1",
                rejection("{\"a\": [1, 2], \"b\": [\"x\"], \"c\": [[1, 2], [3, 4]]}"));
    }

    @Test
    void missingAndNullFieldsHaveDefaults() throws IOException {
        records.setFields("age=customer_age");
        records.setDefaults("{\"customer_age\": -1, \"name\": \"a, b\"}");
        bind(PEOPLE);
        String expected =
                "list age[2, 1]int64[[-1], [5]] height[2]float32[1.0, 2.0] name[2, 1]string[[a, b],"
                        + " [c]]";
        String json =
                "[{\"height\": 1, \"name\": null},"
                        + " {\"height\": 2, \"customer_age\": 5, \"name\": \"c\"}]";
        assertEquals(expected, made(json));
        assertEquals(expected, made(new ObjectMapper().readValue(json, List.class)));
        assertRejected("[1]: missing field \"height\"", "[{\"height\": 1}, {\"customer_age\": 3}]");
        assertRejected("missing field \"height\"", "{}");
    }

    @Test
    void csvHasRowsUnderItsHeader() {
        records.setFormat(TableFormat.CSV);
        bind(PEOPLE + ", ok bool -1, v float32 -1 2");
        records.setDefaults("height = 1.5");
        bind(PEOPLE + ", ok bool -1, v float32 -1 2");
        assertEquals(
                "list age[2, 1]int64[[41], [-7]] height[2]float32[1750.0, 1.5]"
                        + " name[2, 1]string[[a \"b\",\nc], []] ok[2]bool[true, false]"
                        + " v[2, 2]float32[[1.0, 2.0], [3.0, 4.5]]",
                made(
                        "\ufeffname,id, height ,age,ok,v\r\n"
                                + "\"a \"\"b\"\",\nc\",x,1.75e3, 41 ,True,\"[1, 2]\"\r\n"
                                + "\r\n"
                                + ",y,,-7,0,\"[3, 4.5]\"\r\n"));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "age,name,height;1,x| row 0 (line 2) has 2 values, expected 3",
                "age,name,height;1,\"x\"y,2| the body is not CSV: ",
                "age,name,age;1,x,2| the header has \"age\" twice",
                "age,name;1,x| row 0 (line 2): missing field \"height\"",
                "age,name,height;1,x,2;,y,3| row 1 (line 3): missing field \"age\"",
                "age,name,height;1,x,2;4.0,y,3| row 1 (line 3), age: \"4.0\" is not an int64",
                "age,name,height;1,x,0x10| row 0 (line 2), height: \"0x10\" is not a number",
                "age,name,height;1,x,1d| row 0 (line 2), height: \"1d\" is not a number",
                "age,name,height| there are no rows",
                "``| the body is empty: expected CSV",
            })
    void faultyCsvNamesRowLineAndField(String csv, String message) {
        records.setFormat(TableFormat.CSV);
        bind(PEOPLE);
        String rejection = rejection(csv == null ? "" : csv.replace(';', '\n'));
        assertTrue(rejection.startsWith(message), rejection);
    }

    @Test
    void quotedLineBreakAtTheStartOfTheLastFieldLosesNoRecord() {
        records.setFormat(TableFormat.CSV);
        bind("a string -1");
        assertEquals("list a[3]string[\r, b, \rc]", made("a\n\"\r\"\nb\n\"\rc\"\n"));
    }

    @Test
    void contentTypeTellsCsvFromJson() {
        bind("a int32 -1");
        Exchange exchange = new DefaultExchange(CONTEXT);
        exchange.getMessage().setBody("a\n1\n".getBytes(StandardCharsets.UTF_16LE));
        exchange.getMessage().setHeader(Exchange.CONTENT_TYPE, "text/csv; charset=utf-16le");
        records.process(exchange);
        assertTrue(RequestItems.isList(exchange));
        Exchanges.done(exchange);
        assertEquals("JSON Parse error: Invalid value. at offset: 0", rejection("a\n1\n"));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "3                        | the body must be an object or a list of them",
                "\"x\"                    | the body must be an object or a list of them",
                "[3]                      | the body must be an object or a list of them",
                "[]                       | there are no rows",
                "[{\"a\": 1}, 2]          | [1] must be an object",
                "[{\"a\": 1}, [2]]        | [1] must be an object",
                "{\"a\": \"1\"}           | a: \"1\" is not an int32",
                "{\"a\": 1.0}             | a: 1.0 is not an int32",
                "{\"a\": 2147483648}      | a: 2147483648 is not an int32",
                "{\"a\": {\"b\": 1}}      | a: {",
                "{\"a\": [1, 2]}          | a has the shape [2], expected []",
                "[{\"a\": 1}, {\"a\": [2]}] | [1].a has the shape [1], expected []",
                "[{\"a\": 1}, {\"a\": tru}] | JSON Parse error: Invalid value. at offset: 20",
                "[{\"a\": 1}] 2           | JSON Parse error: The document root must not be",
                "[{\"a\": 1}              | JSON Parse error: Missing a comma or ] after",
                "{\"a\": 1}{              | JSON Parse error: The document root must not be",
            })
    void faultyJsonNamesRowAndField(String json, String message) {
        bind("a int32 -1");
        String rejection = rejection(json);
        assertTrue(rejection.startsWith(message), rejection);
    }

    @Test
    void rowsOfDifferentShapesAreRejected() throws IOException {
        bind("a int32 -1 -1");
        assertRejected(
                "[1].a has the shape [1] where the rows before have [2]",
                "[{\"a\": [1, 2]}, {\"a\": 3}]");
    }

    @Test
    void numberOfRowsIsLimitedByThePropertyAndTheInput() throws IOException {
        bind("a int32 2");
        assertRejected(
                "1 row, but input \"a\" of signature \"serving_default\" of model \"m\" is int32 [2]",
                "{\"a\": 1}");
        assertEquals("list a[2]int32[1, 2]", made("[{\"a\": 1}, {\"a\": 2}]"));
        records.setMaxRows(2);
        bind("a int32 -1");
        assertEquals("list a[2]int32[1, 2]", made("[{\"a\": 1}, {\"a\": 2}]"));
        assertRejected(
                "more than 2 rows: the limit is maxRows", "[{\"a\": 1}, {\"a\": 2}, {\"a\": 3}]");
    }

    @Test
    void propertiesThatContradictTheSignatureAreFaults() {
        records.setFields("b=c");
        assertFault("fields has \"b\", but of [a] ", "a int32 -1");
        assertFault("fields: two inputs are read from \"c\"", "b int32 -1, c int32 -1");
        records.setFields(null);
        records.setDefaults("b=c");
        assertFault("defaults has \"b\", but of [a] ", "a int32 -1");
        assertFault("defaults, b: \"c\" is not a number", "b float32 -1");
        records.setDefaults("{\"b\": [1, 2]}");
        assertFault("defaults, b: [1,2] has the shape [2], but input \"b\"", "b float32 -1 3");
        records.setDefaults(null);
        records.setDtypes("a=int32");
        assertFault("dtypes has int32 for \"a\", but input \"a\"", "a int64 -1");
        assertFault("dtypes has \"a\", but ", "b int64 -1");
        records.setDtypes("a=float");
        assertFault("dtypes, a: no dtype \"float\"", "a int64 -1");
        records.setDtypes(null);
        String message =
                assertThrows(
                                PipelineFaultException.class,
                                () ->
                                        records.bindInputs(
                                                List.of(
                                                        Signatures.inputs("a int32 -1"),
                                                        Signatures.inputs("b int32 -1"))))
                        .getMessage();
        assertTrue(message.endsWith("use a bean for each model"), message);
    }

    @Test
    void modelsWithTheSameInputsShareABean() {
        records.bindInputs(List.of(Signatures.inputs(PEOPLE), Signatures.inputs(PEOPLE)));
        assertEquals(
                "one age[1, 1]int64[[1]] height[1]float32[2.0] name[1, 1]string[[x]]",
                made("{\"age\": 1, \"height\": 2, \"name\": \"x\"}"));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {"a", "a=1, b", "=1", "a=1, a=2", "a=1,", "{\"a\"", "{'a': 1}"})
    void propertyThatIsNoPairsIsAFault(String pairs) {
        assertEquals(
                "defaults must be pairs such as age=0, country=DE with different names, or a JSON"
                        + " object, got "
                        + pairs,
                assertThrows(PipelineFaultException.class, () -> records.setDefaults(pairs))
                        .getMessage());
    }

    private void assertFault(String message, String inputs) {
        String fault = assertThrows(PipelineFaultException.class, () -> bind(inputs)).getMessage();
        assertTrue(fault.startsWith(message), fault);
    }

    @Test
    void dtypesStandForASignatureThatIsNotKnown() {
        String unbound =
                assertThrows(PipelineFaultException.class, () -> process("{\"a\": 1}"))
                        .getMessage();
        assertTrue(unbound.endsWith("set dtypes, from each input's name to its dtype"), unbound);
        records.stop();
        records.setDtypes("a=int32, b=string");
        assertEquals("one a[1]int32[1] b[1]string[x]", made("{\"a\": 1, \"b\": \"x\"}"));
    }

    /** What defaults can make of short rows counts, not only what the text holds. */
    @Test
    void memoryIsReservedBeforeRowsAreRead() throws IOException {
        MemoryBudget budget = new MemoryBudget(4 << 20);
        try (DefaultCamelContext context = new DefaultCamelContext()) {
            context.getRegistry().bind(ExchangeMemory.BUDGET, budget);
            bind("a float32 -1");
            Exchange exchange = new DefaultExchange(context);
            int rows = 50_000;
            exchange.getMessage().setBody("[" + "{\"a\":1},".repeat(rows - 1) + "{\"a\":2}]");
            records.process(exchange);
            assertEquals(4 * rows, budget.reserved());
            Exchanges.done(exchange);
            assertEquals(0, budget.reserved());
            records.setDefaults("{\"a\": [" + "1,".repeat(99) + "1]}");
            bind("a float32 -1 100");
            Exchange large = new DefaultExchange(context);
            large.getMessage().setBody("[" + "{},".repeat(rows) + "{}]");
            assertThrows(InsufficientMemoryException.class, () -> records.process(large));
            assertEquals(0, budget.reserved());
            large.getMessage().setBody("[" + "{},".repeat(9) + "]");
            assertThrows(BadInputException.class, () -> records.process(large));
            assertEquals(0, budget.reserved());
        }
    }

    private static byte[] example(Map<String, Feature> features) {
        return Example.newBuilder()
                .setFeatures(Features.newBuilder().putAllFeature(features))
                .build()
                .toByteArray();
    }

    private static Feature bytes(String... values) {
        BytesList.Builder list = BytesList.newBuilder();
        for (String value : values) {
            list.addValue(ByteString.copyFrom(value, StandardCharsets.ISO_8859_1));
        }
        return Feature.newBuilder().setBytesList(list).build();
    }

    private static Feature int64(long... values) {
        return Feature.newBuilder()
                .setInt64List(
                        Int64List.newBuilder().addAllValue(Arrays.stream(values).boxed().toList()))
                .build();
    }

    private static Feature floats(Float... values) {
        return Feature.newBuilder()
                .setFloatList(FloatList.newBuilder().addAllValue(List.of(values)))
                .build();
    }

    @Test
    void examplesAreRowsOfTheirFeatures() {
        records.setFormat(TableFormat.EXAMPLES);
        records.setDefaults("member=false");
        bind(
                "age int64 -1 1, height float32 -1, name string -1 1, tags string -1 2, member bool"
                        + " -1");
        byte[] ada =
                example(
                        Map.of(
                                "age", int64(36),
                                "height", floats(1.5f),
                                "name", bytes("Ada"),
                                "tags", bytes("x", "\u00ff"),
                                "member", int64(1),
                                "other", int64(1, 2)));
        byte[] bob =
                example(
                        Map.of(
                                "age", int64(-1),
                                "height", int64(2),
                                "name", bytes("Bob"),
                                "tags", bytes("y", ""),
                                "member", int64()));
        assertEquals(
                "one age[1, 1]int64[[36]] height[1]float32[1.5] member[1]bool[true] name[1, 1]string[[Ada]]"
                        + " tags[1, 2]string[[x, {b64=/w==}]]",
                made(ada));
        assertEquals(
                "list age[2, 1]int64[[36], [-1]] height[2]float32[1.5, 2.0] member[2]bool[true, false]"
                        + " name[2, 1]string[[Ada], [Bob]] tags[2, 2]string[[x, {b64=/w==}], [y, ]]",
                made(TfRecords.of(ada, bob)));
        assertEquals(
                "[1].age: 1.5 is not an int64",
                rejection(TfRecords.of(ada, example(Map.of("age", floats(1.5f))))));
        assertEquals(
                "[0]: missing field \"age\"",
                rejection(TfRecords.of(example(Map.of("height", floats(1.5f))))));
        assertEquals("the body is not a serialized tf.train.Example", rejection("{}"));
    }

    @Test
    void contentTypeOfExamplesSelectsThem() {
        bind("age int64 -1");
        for (String type : List.of("application/x-tfexample", "application/X-TFRecord; v=1")) {
            Exchange exchange = new DefaultExchange(CONTEXT);
            exchange.getMessage().setHeader(Exchange.CONTENT_TYPE, type);
            exchange.getMessage().setBody(TfRecords.of(example(Map.of("age", int64(7)))));
            records.process(exchange);
            assertTrue(RequestItems.isList(exchange), type);
            Exchanges.done(exchange);
        }
    }

    @Test
    void memoryForExamplesIsReservedBeforeTheyAreRead() throws IOException {
        MemoryBudget budget = new MemoryBudget(4 << 20);
        try (DefaultCamelContext context = new DefaultCamelContext()) {
            context.getRegistry().bind(ExchangeMemory.BUDGET, budget);
            records.setFormat(TableFormat.EXAMPLES);
            bind("ids int64 -1 -1");
            Exchange exchange = new DefaultExchange(context);
            exchange.getMessage().setBody(example(Map.of("ids", int64(new long[100_000]))));
            records.process(exchange);
            assertEquals(8 * 100_000, budget.reserved());
            Exchanges.done(exchange);
            Exchange large = new DefaultExchange(context);
            large.getMessage().setBody(example(Map.of("ids", int64(new long[200_000]))));
            assertThrows(InsufficientMemoryException.class, () -> records.process(large));
            assertEquals(0, budget.reserved());
        }
    }
}
