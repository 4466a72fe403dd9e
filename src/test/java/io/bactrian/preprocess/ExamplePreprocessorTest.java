package io.bactrian.preprocess;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.bactrian.pipeline.ExchangeTensors;
import io.bactrian.pipeline.PipelineFaultException;
import io.bactrian.pipeline.RequestItems;
import io.bactrian.preprocess.table.TableFormat;
import io.bactrian.tensor.BadInputException;
import io.bactrian.tensor.NamedTensors;
import io.bactrian.testing.Exchanges;
import io.bactrian.testing.Signatures;
import io.bactrian.testing.TfRecords;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.apache.camel.Exchange;
import org.apache.camel.impl.DefaultCamelContext;
import org.apache.camel.support.DefaultExchange;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.tensorflow.proto.Example;
import org.tensorflow.proto.Feature;
import org.tensorflow.types.TString;

class ExamplePreprocessorTest {

    private static final DefaultCamelContext CONTEXT = new DefaultCamelContext();

    private final ExamplePreprocessor examples = new ExamplePreprocessor();

    ExamplePreprocessorTest() {
        examples.setCamelContext(CONTEXT);
    }

    @AfterAll
    static void close() throws IOException {
        CONTEXT.close();
    }

    private Exchange process(Object body) {
        Exchange exchange = new DefaultExchange(CONTEXT);
        exchange.getMessage().setBody(body);
        examples.process(exchange);
        return exchange;
    }

    private List<Example> made(Object body) throws IOException {
        Exchange exchange = process(body);
        try (NamedTensors.Reference tensors = ExchangeTensors.read(exchange)) {
            TString strings = (TString) tensors.select(null);
            List<Example> parsed = new ArrayList<>();
            for (int i = 0; i < strings.shape().size(); i++) {
                byte[] bytes =
                        strings.shape().numDimensions() == 0
                                ? strings.asBytes().getObject()
                                : strings.asBytes().getObject(i);
                parsed.add(Example.parseFrom(bytes));
            }
            assertEquals(parsed.size() > 1, RequestItems.isList(exchange));
            return parsed;
        } finally {
            Exchanges.done(exchange);
        }
    }

    private static Feature feature(Example example, String name) {
        return example.getFeatures().getFeatureOrThrow(name);
    }

    private void bind(String input) {
        examples.bindInputs(List.of(Signatures.inputs(input)));
    }

    @Test
    void rowBecomesAnExample() throws IOException {
        examples.setFeatures("age=float, ids=int64, country=bytes");
        bind("examples string -1");
        String row =
                "{\"age\": 41.5, \"ids\": [3, 9007199254740993], \"country\": [\"DE\", {\"b64\":"
                        + " \"/wA=\"}], \"other\": 1}";
        Example example = made(row).get(0);
        assertEquals(List.of(41.5f), feature(example, "age").getFloatList().getValueList());
        assertEquals(
                List.of(3L, 9007199254740993L),
                feature(example, "ids").getInt64List().getValueList());
        assertEquals("DE", feature(example, "country").getBytesList().getValue(0).toStringUtf8());
        assertEquals(
                List.of((byte) -1, (byte) 0),
                List.of(
                        feature(example, "country").getBytesList().getValue(1).byteAt(0),
                        feature(example, "country").getBytesList().getValue(1).byteAt(1)));
        assertEquals(List.of(example, example), made("[" + row + "," + row + "]"));
    }

    @Test
    void rowsOfCsvAreTyped() throws IOException {
        examples.setFeatures("{\"age\": \"float\", \"ids\": \"int64\", \"country\": \"bytes\"}");
        examples.setFormat(TableFormat.CSV);
        examples.setRequired(false);
        bind("examples string -1");
        List<Example> made = made("country,ids,age\n[DE],\"[1, 2]\",1.5\nFR,,2\n");
        assertEquals(
                "[DE]", feature(made.get(0), "country").getBytesList().getValue(0).toStringUtf8());
        assertEquals(List.of(1L, 2L), feature(made.get(0), "ids").getInt64List().getValueList());
        assertFalse(made.get(1).getFeatures().containsFeature("ids"));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "{\"age\": 1} | missing field \"ids\"",
                "[{\"age\": 1, \"ids\": 1}, {\"age\": \"x\", \"ids\": 1}] | [1].age: \"x\" is not a number",
                "{\"age\": 1, \"ids\": 1.5} | ids: 1.5 is not an int64",
                "{\"age\": 1, \"ids\": [[1]]} | ids has the shape [1, 1], expected a value or a list of them",
            })
    void wrongRowNamesTheField(String body, String message) {
        examples.setFeatures("age=float, ids=int64");
        bind("examples string -1");
        assertEquals(
                message, assertThrows(BadInputException.class, () -> process(body)).getMessage());
    }

    @Test
    void serializedExampleIsPassedOn() throws IOException {
        examples.setFeatures("age=float");
        bind("examples string");
        Example example = made("{\"age\": 3}").get(0);
        examples.setFeatures(null);
        bind("examples string -1");
        assertEquals(List.of(example), made(example.toByteArray()));
        assertEquals(
                "the body is not a serialized tf.train.Example",
                rejection("age: 3".getBytes(StandardCharsets.UTF_8)));
        assertEquals(
                "the body is a tf.train.Example without features", rejection(new byte[] {10, 0}));
        assertEquals(
                "the body is empty: expected a serialized tf.train.Example, or TFRecords",
                rejection(new byte[0]));
    }

    @Test
    void tfRecordsArePassedOnAsAList() throws IOException {
        examples.setFeatures("age=float");
        bind("examples string -1");
        List<Example> written = made("[{\"age\": 3}, {\"age\": 4}]");
        byte[] records = TfRecords.of(written.get(0).toByteArray(), written.get(1).toByteArray());
        examples.setFeatures(null);
        bind("examples string -1");
        assertEquals(written, made(records));
        records[records.length - 6]++;
        assertEquals(
                "record 1 of the TFRecords: wrong checksum: it is not a TFRecord file or it is"
                        + " damaged",
                rejection(records));
        assertEquals(
                "record 1 is not a serialized tf.train.Example",
                rejection(TfRecords.of(written.get(0).toByteArray(), new byte[] {1, 2, 3})));
        examples.setMaxRows(1);
        bind("examples string -1");
        assertEquals(
                "more than 1 rows: the limit is maxRows",
                rejection(
                        TfRecords.of(written.get(0).toByteArray(), written.get(1).toByteArray())));
    }

    private String rejection(byte[] body) {
        return assertThrows(BadInputException.class, () -> process(body)).getMessage();
    }

    @Test
    void otherInputsAndKindsAreFaults() {
        examples.setFeatures("age=double");
        assertEquals(
                "features, age: must be bytes, float or int64, got double",
                fault("examples string -1"));
        examples.setFeatures("age=float");
        assertTrue(fault("x float32 -1").startsWith("makes strings [rows], but input \"x\""));
        assertTrue(fault("x string -1 2").startsWith("makes strings [rows], but input \"x\""));
    }

    private String fault(String input) {
        return assertThrows(PipelineFaultException.class, () -> bind(input)).getMessage();
    }
}
