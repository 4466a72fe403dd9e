package io.bactrian.routes;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.bactrian.format.NpyWriter;
import io.bactrian.format.WireFormat;
import io.bactrian.format.WireFormats;
import io.bactrian.limit.InsufficientMemoryException;
import io.bactrian.limit.MemoryBudget;
import io.bactrian.pipeline.ExchangeMemory;
import io.bactrian.pipeline.ExchangeTensors;
import io.bactrian.pipeline.PipelineConstants;
import io.bactrian.pipeline.PipelineFaultException;
import io.bactrian.predict.PredictRoute;
import io.bactrian.tensor.BadInputException;
import io.bactrian.tensor.NamedTensors;
import io.bactrian.tensorflow.TensorFlowComponent;
import io.bactrian.testing.Exchanges;
import io.bactrian.testing.TestModels;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.apache.camel.CamelContext;
import org.apache.camel.CamelExecutionException;
import org.apache.camel.Exchange;
import org.apache.camel.builder.RouteBuilder;
import org.apache.camel.support.PluginHelper;
import org.apache.camel.support.ResourceHelper;
import org.apache.camel.test.junit5.CamelTestSupport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.tensorflow.RawTensor;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.family.TType;

/** Wire formats as Camel data formats and in the predict pipeline, without HTTP. */
class WireFormatTest extends CamelTestSupport {

    @TempDir static Path models;

    private final MemoryBudget budget = new MemoryBudget(10 << 20);
    private long open;

    @BeforeAll
    static void createModels() throws Exception {
        TestModels.halfPlusTwo(models.resolve("half/1"));
        TestModels.sumAndProduct(models.resolve("pair/1"));
    }

    @Override
    protected CamelContext createCamelContext() throws Exception {
        CamelContext context = super.createCamelContext();
        TensorFlowComponent component = new TensorFlowComponent();
        component.setModelDirectory(models.toString());
        component.addTo(context);
        context.getRegistry().bind(ExchangeMemory.BUDGET, budget);
        return context;
    }

    @BeforeEach
    void countOpenTensors() {
        open = NamedTensors.open();
    }

    @AfterEach
    void everyTensorIsClosed() {
        Exchanges.awaitOpenTensors(open);
        assertEquals(0, budget.reserved());
    }

    private void load(String yaml) throws Exception {
        PluginHelper.getRoutesLoader(context)
                .loadRoutes(ResourceHelper.fromString("route.yaml", yaml));
    }

    private void route(String... steps) throws Exception {
        load(
                "- route:\n    from:\n      uri: direct:in\n      steps:\n        - "
                        + String.join("\n        - ", steps)
                        + "\n");
    }

    private static byte[] npy(float... values) {
        try (TFloat32 tensor = TFloat32.vectorOf(values)) {
            return NpyWriter.write(tensor);
        }
    }

    /** {@return the elements of an npy file, which are its last bytes} */
    private static float[] floats(byte[] npy, int count) {
        float[] values = new float[count];
        ByteBuffer.wrap(npy, npy.length - 4 * count, 4 * count)
                .order(ByteOrder.LITTLE_ENDIAN)
                .asFloatBuffer()
                .get(values);
        return values;
    }

    private Throwable failure(Object body) {
        return assertThrows(
                        CamelExecutionException.class,
                        () -> template.requestBody("direct:in", body))
                .getCause();
    }

    @Test
    void everyFormatIsADataFormat() {
        for (WireFormat format : new WireFormats().all()) {
            assertInstanceOf(
                    format.getClass(), context.resolveDataFormat(format.getDataFormatName()));
        }
    }

    @Test
    void npyIsReadAndWrittenInAYamlRoute() throws Exception {
        route(
                "unmarshal: {custom: {ref: npy}}",
                "to: {uri: 'tensorflow:half'}",
                "marshal: {custom: {ref: npy}}");
        Exchange answer =
                template.request(
                        "direct:in", exchange -> exchange.getMessage().setBody(npy(1, 2, 5)));
        assertEquals(
                "application/x-npy",
                answer.getMessage().getHeader(Exchange.CONTENT_TYPE, String.class));
        assertEquals(
                "[2.5, 3.0, 4.5]",
                Arrays.toString(floats(answer.getMessage().getBody(byte[].class), 3)));
    }

    @Test
    void dataFormatComponentReadsAndWritesNpy() throws Exception {
        route(
                "to: {uri: 'dataformat:npy:unmarshal'}",
                "to: {uri: 'tensorflow:half'}",
                "to: {uri: 'dataformat:npy:marshal'}");
        byte[] answer = template.requestBody("direct:in", (Object) npy(4), byte[].class);
        assertEquals("[4.0]", Arrays.toString(floats(answer, 1)));
    }

    @Test
    void jsonUsesNamesAndDtypesOfTheNextModel() throws Exception {
        route(
                "unmarshal: {custom: {ref: tensorflow-json}}",
                "to: {uri: 'tensorflow:pair'}",
                "marshal: {custom: {ref: tensorflow-json}}");
        assertEquals(
                "{\"predictions\":[{\"product\":2.0,\"sum\":3.0}]}",
                template.requestBody(
                        "direct:in", "{\"instances\": [{\"a\": 1, \"b\": 2}]}", String.class));
        assertEquals(
                "{\"outputs\":{\"product\":[2.0],\"sum\":[3.0]}}",
                template.requestBody(
                        "direct:in", "{\"inputs\": {\"a\": [1], \"b\": [2]}}", String.class));
        assertEquals(
                "the pipeline runs signature \"serving_default\" only: leave signature_name out",
                assertInstanceOf(
                                BadInputException.class,
                                failure("{\"instances\": [1], \"signature_name\": \"negate\"}"))
                        .getMessage());
    }

    @Test
    void jsonIsReadAndWrittenInAJavaRoute() throws Exception {
        context.addRoutes(
                new RouteBuilder() {
                    @Override
                    public void configure() {
                        from("direct:in")
                                .unmarshal("tensorflow-json")
                                .to("tensorflow:half")
                                .marshal("tensorflow-json");
                    }
                });
        assertEquals(
                "{\"predictions\":[2.5]}",
                template.requestBody("direct:in", "{\"instances\": [1.0]}", String.class));
    }

    @Test
    void jsonWithoutAModelIsAPipelineFault() throws Exception {
        route("unmarshal: {custom: {ref: tensorflow-json}}", "to: {uri: 'mock:end'}");
        Throwable failure = failure("{\"instances\": [1.0]}");
        assertInstanceOf(PipelineFaultException.class, failure);
        assertTrue(
                failure.getMessage()
                        .startsWith(
                                "unmarshal: tensorflow-json: names and dtypes are those of the"),
                failure.getMessage());
    }

    @Test
    void routeWithNpyForTwoInputsDoesNotStart() {
        Exception failure =
                assertThrows(
                        Exception.class,
                        () ->
                                route(
                                        "unmarshal: {custom: {ref: npy}}",
                                        "to: {uri: 'tensorflow:pair'}"));
        Throwable root = failure;
        while (root.getCause() != null) {
            root = root.getCause();
        }
        assertTrue(
                root.getMessage()
                        .contains(
                                "makes one tensor, but signature \"serving_default\" of model"
                                        + " \"pair\" has the inputs"),
                root.getMessage());
    }

    @Test
    void marshallingABodyWithoutTensorsIsAPipelineFault() throws Exception {
        route("marshal: {custom: {ref: npy}}");
        assertEquals(
                "marshal: npy: expected tensors as the message body, got java.lang.String",
                assertInstanceOf(PipelineFaultException.class, failure("text")).getMessage());
    }

    @Test
    void predictPipelineConvertsBetweenFormats() throws Exception {
        context.addRoutes(PredictRoute.of(context, "half"));
        Exchange answer =
                template.request(
                        "pipeline:half",
                        exchange -> {
                            exchange.getMessage().setBody(npy(1));
                            exchange.getMessage()
                                    .setHeader(Exchange.CONTENT_TYPE, "application/x-npy");
                            exchange.getMessage()
                                    .setHeader(PipelineConstants.ACCEPT, "application/json");
                        });
        assertEquals("{\"predictions\":[2.5]}", answer.getMessage().getBody(String.class));
        assertEquals(
                "{\"outputs\":[2.5]}",
                template.requestBody("pipeline:half", "{\"inputs\": [1.0]}", String.class));
    }

    /** Immediately, not by the garbage collector. */
    @Test
    void tensorsAreFreedWhenTheExchangeIsDone() throws Exception {
        List<TType> read = new ArrayList<>();
        context.addRoutes(
                new RouteBuilder() {
                    @Override
                    public void configure() {
                        from("direct:in")
                                .unmarshal("npy")
                                .process(
                                        exchange -> {
                                            try (NamedTensors.Reference inputs =
                                                    ExchangeTensors.read(exchange)) {
                                                read.add(inputs.select(null));
                                            }
                                        })
                                .to("tensorflow:half")
                                .marshal("npy");
                    }
                });
        template.requestBody("direct:in", (Object) npy(4), byte[].class);
        Method handle = RawTensor.class.getDeclaredMethod("nativeHandle");
        handle.setAccessible(true);
        RawTensor freed = read.get(0).asRawTensor();
        assertEquals(
                "close() was called on the Tensor",
                assertThrows(InvocationTargetException.class, () -> handle.invoke(freed))
                        .getCause()
                        .getMessage());
    }

    /** Reading takes four bytes per two characters, twice while the buffer grows. */
    @Test
    void tensorsBeyondTheMemoryBudgetAreRejectedBeforeAllocation() throws Exception {
        context.addRoutes(PredictRoute.of(context, "half"));
        String zeros = "0,".repeat(2_000_000) + "0";
        for (Object body :
                List.of(
                        "{\"inputs\":[" + zeros + "]}",
                        ("{\"instances\":[" + zeros + "]}").getBytes(StandardCharsets.UTF_8))) {
            CamelExecutionException e =
                    assertThrows(
                            CamelExecutionException.class,
                            () -> template.requestBody("pipeline:half", body));
            assertInstanceOf(InsufficientMemoryException.class, e.getCause());
            assertTrue(
                    e.getCause().getMessage().contains("reading this request"),
                    e.getCause().getMessage());
        }
        CamelExecutionException e =
                assertThrows(
                        CamelExecutionException.class,
                        () ->
                                template.requestBodyAndHeader(
                                        "pipeline:half",
                                        npy(new float[3 << 20]),
                                        Exchange.CONTENT_TYPE,
                                        "application/x-npy"));
        assertInstanceOf(InsufficientMemoryException.class, e.getCause());
    }
}
