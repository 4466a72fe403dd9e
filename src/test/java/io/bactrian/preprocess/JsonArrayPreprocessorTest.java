package io.bactrian.preprocess;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.bactrian.limit.InsufficientMemoryException;
import io.bactrian.limit.MemoryBudget;
import io.bactrian.pipeline.ExchangeMemory;
import io.bactrian.pipeline.ExchangeTensors;
import io.bactrian.pipeline.PipelineFaultException;
import io.bactrian.tensor.BadInputException;
import io.bactrian.tensor.DType;
import io.bactrian.tensor.NamedTensors;
import io.bactrian.tensor.TensorSpec;
import io.bactrian.tensor.TensorValues;
import io.bactrian.testing.Exchanges;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import org.apache.camel.Exchange;
import org.apache.camel.impl.DefaultCamelContext;
import org.apache.camel.support.DefaultExchange;
import org.apache.camel.support.PluginHelper;
import org.apache.camel.support.ResourceHelper;
import org.bytedeco.javacpp.Pointer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.types.family.TType;

class JsonArrayPreprocessorTest {

    private static final DefaultCamelContext CONTEXT = new DefaultCamelContext();

    private final JsonArrayPreprocessor array = new JsonArrayPreprocessor();

    /** Loading TensorFlow creates pointers that are never freed. */
    @BeforeAll
    static void loadTensorFlow() {
        DType.FLOAT32.allocate(Shape.of(1)).close();
    }

    @AfterAll
    static void close() throws IOException {
        CONTEXT.close();
    }

    private Exchange process(Object body) {
        Exchange exchange = new DefaultExchange(CONTEXT);
        exchange.getMessage().setBody(body);
        array.process(exchange);
        return exchange;
    }

    private static String describe(Exchange exchange) {
        try (NamedTensors.Reference tensors = ExchangeTensors.read(exchange)) {
            Map.Entry<String, TType> tensor = tensors.asMap().entrySet().iterator().next();
            return tensor.getKey()
                    + TensorSpec.format(tensor.getValue().shape())
                    + DType.of(tensor.getValue())
                    + TensorValues.toJava(tensor.getValue());
        } finally {
            Exchanges.done(exchange);
        }
    }

    private String rejection(Object body) {
        long tensors = NamedTensors.open();
        long pointers = Pointer.totalCount();
        String message = assertThrows(BadInputException.class, () -> process(body)).getMessage();
        assertTrue(NamedTensors.open() <= tensors);
        assertTrue(Pointer.totalCount() <= pointers);
        return message;
    }

    @Test
    void bytesTextStreamsAndMapsMakeTheSameTensor() throws IOException {
        array.setField("image_data");
        String json = "{\"id\": {\"a\": [1]}, \"image_data\": [[0.5, 1], [2, 3]], \"z\": null}";
        byte[] bytes = json.getBytes(StandardCharsets.UTF_8);
        ByteBuffer offset = ByteBuffer.wrap(("##" + json).getBytes(StandardCharsets.UTF_8));
        offset.position(2);
        ByteBuffer direct = ByteBuffer.allocateDirect(bytes.length).put(bytes).flip();
        List<Object> bodies =
                List.of(
                        bytes,
                        json,
                        ByteBuffer.wrap(bytes),
                        offset,
                        direct,
                        new ByteArrayInputStream(bytes),
                        new ObjectMapper().readValue(json, Map.class));
        for (Object body : bodies) {
            assertEquals("[1, 2, 2]float32[[[0.5, 1.0], [2.0, 3.0]]]", describe(process(body)));
        }
    }

    @Test
    void bodyIsTheArrayWithoutAField() {
        assertEquals("[1, 2]float32[[1.0, 2.0]]", describe(process("[1, 2]")));
        assertEquals("[1]float32[1.0]", describe(process("1")));
        assertEquals("[1, 2]float32[[1.0, 2.0]]", describe(process(List.of(1, 2.0))));
    }

    @Test
    void propertiesDecideDtypeBatchNameAndShape() {
        array.setDtype(DType.UINT8);
        array.setBatch(false);
        array.setInput("image");
        array.setShape("-1,2");
        assertEquals("image[1, 2]uint8[[0, 255]]", describe(process("[[0, 255]]")));
        assertEquals("body makes a tensor of shape [2], expected [-1, 2]", rejection("[0, 255]"));
        assertEquals(
                "body makes a tensor of shape [1, 3], expected [-1, 2]",
                rejection("[[0, 255, 1]]"));
        assertThrows(PipelineFaultException.class, () -> array.setShape("a, 1"));
        assertThrows(PipelineFaultException.class, () -> array.setShape("-2, 1"));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "{}|missing field \"image_data\"",
                "{\"other\": 1}|missing field \"image_data\"",
                "[1]|expected an object with a field \"image_data\", such as {\"image_data\": [...]}",
                "{\"image_data\": null}|image_data: null is not a number",
                "{\"image_data\": []}|image_data is empty",
                "{\"image_data\": [[], []]}|image_data is empty",
                "{\"image_data\": [[1], [\"x\"]]}|image_data[1][0]: \"x\" is not a number",
                "{\"image_data\": [[1, 2], [3, true]]}|image_data[1][1]: true is not a number",
                "{\"image_data\": [[1], [2], [3, 4, 5]]}|"
                        + "image_data[2] has 3 elements where image_data[0] has 1",
                "{\"image_data\": [[1], 2]}|image_data[1]: 2 where image_data[0] is a list",
                "{\"image_data\": [1, [2]]}|image_data[1] is a list where image_data[0] is a value",
            })
    void faultyArrayNamesTheElement(String json, String message) throws IOException {
        array.setField("image_data");
        assertEquals(message, rejection(json));
        assertEquals(message, rejection(new ObjectMapper().readValue(json, Object.class)));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "whatever|JSON Parse error: Invalid value. at offset: 0",
                "{\"image_data\": [1}|JSON Parse error: Missing a comma or ] after an array element."
                        + " at offset: 17",
                "{\"image_data\": [1], \"a|JSON Parse error: Missing a closing quotation mark in"
                        + " string. at offset: 22",
                "{\"image_data\": [1]}{}|JSON Parse error: The document root must not be followed by"
                        + " other values. at offset: 19",
            })
    void invalidJsonReportsItsOffset(String json, String message) {
        array.setField("image_data");
        assertEquals(message, rejection(json));
    }

    /** What reading takes is reserved first, and the tensor's part until the exchange is done. */
    @Test
    void memoryIsReservedWhileReadingAndForTheTensor() throws IOException {
        MemoryBudget budget = new MemoryBudget(4 << 20);
        try (DefaultCamelContext context = new DefaultCamelContext()) {
            context.getRegistry().bind(ExchangeMemory.BUDGET, budget);
            String json = "[" + "1,".repeat(1 << 18) + "1]";
            Exchange exchange = new DefaultExchange(context);
            exchange.getMessage().setBody(json);
            array.process(exchange);
            assertEquals(4 * ((1 << 18) + 1), budget.reserved());
            Exchanges.done(exchange);
            assertEquals(0, budget.reserved());
            array.stop();
            array.setDtype(DType.INT64);
            exchange = new DefaultExchange(context);
            exchange.getMessage().setBody(json + json);
            Exchange large = exchange;
            assertThrows(InsufficientMemoryException.class, () -> array.process(large));
            assertEquals(0, budget.reserved());
            large.getMessage().setBody(json + "]");
            assertThrows(BadInputException.class, () -> array.process(large));
            assertEquals(0, budget.reserved());
        }
    }

    @Test
    void emptyBodyIsRejected() {
        assertEquals("the body is empty: expected JSON", rejection(null));
        assertEquals("the body is empty: expected JSON", rejection(""));
    }

    @Test
    void tensorIsClosedWithTheExchange() {
        long open = NamedTensors.open();
        Exchange exchange = process("[1]");
        assertEquals(open + 1, NamedTensors.open());
        Exchanges.done(exchange);
        assertTrue(NamedTensors.open() <= open);
    }

    @Test
    void yamlSetsTheProperties() throws Exception {
        String yaml =
                """
                - beans:
                    - name: pixels
                      type: io.bactrian.preprocess.JsonArrayPreprocessor
                      properties:
                        field: image_data
                        dtype: uint8
                        batch: true
                        input: image
                        shape: "-1, 1, 2"
                - route:
                    id: pixels
                    from:
                      uri: direct:pixels
                      steps:
                        - process: {ref: "#pixels"}
                        - setBody: {simple: "${body}"}
                """;
        try (DefaultCamelContext context = new DefaultCamelContext()) {
            PluginHelper.getRoutesLoader(context)
                    .loadRoutes(ResourceHelper.fromString("pixels.camel.yaml", yaml));
            context.start();
            String answer =
                    context.createProducerTemplate()
                            .requestBody(
                                    "direct:pixels", "{\"image_data\": [[7, 8]]}", String.class);
            assertEquals("tensors{image: uint8 [1, 1, 2]}", answer);
        }
    }
}
