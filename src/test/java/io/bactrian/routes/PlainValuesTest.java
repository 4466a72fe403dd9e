package io.bactrian.routes;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.bactrian.model.ModelRepository;
import io.bactrian.model.SchedulerConfig;
import io.bactrian.model.TensorFlowConfig;
import io.bactrian.tensor.BadInputException;
import io.bactrian.tensor.NamedTensors;
import io.bactrian.tensorflow.TensorFlowComponent;
import io.bactrian.testing.Exchanges;
import io.bactrian.testing.TestModels;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.apache.camel.CamelContext;
import org.apache.camel.CamelExecutionException;
import org.apache.camel.Exchange;
import org.apache.camel.TypeConversionException;
import org.apache.camel.TypeConverter;
import org.apache.camel.test.junit5.CamelTestSupport;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.types.TInt64;
import org.tensorflow.types.TString;

/** Predictions for Java callers that send and receive plain values, without tensors. */
class PlainValuesTest extends CamelTestSupport {

    @TempDir private static Path models;

    private static ModelRepository repository;

    private final long open = NamedTensors.open();

    @BeforeAll
    static void loadModels() throws IOException {
        TestModels.halfPlusTwo(models.resolve("half/1"));
        TestModels.sumAndProduct(models.resolve("pair/1"));
        Shape any = Shape.of(Shape.UNKNOWN_SIZE);
        TestModels.identity(models.resolve("text/1"), TString.class, any);
        TestModels.identity(models.resolve("ids/1"), TInt64.class, any);
        repository =
                new ModelRepository(
                        models, TensorFlowConfig.defaults(), SchedulerConfig.defaults());
    }

    @AfterAll
    static void closeModels() {
        repository.close();
    }

    @AfterEach
    void everyTensorIsFreed() {
        Exchanges.awaitOpenTensors(open);
    }

    @Override
    protected CamelContext createCamelContext() throws Exception {
        CamelContext context = super.createCamelContext();
        TensorFlowComponent component = new TensorFlowComponent();
        component.setRepository(repository);
        context.addComponent("tensorflow", component);
        return context;
    }

    @Test
    void arraysAndListsArePredicted() {
        float[] expected = {3, 4};
        for (Object body :
                List.of(
                        new float[] {2, 4},
                        new double[] {2, 4},
                        new int[] {2, 4},
                        List.of(2, 4.0),
                        Map.of("x", List.of(2, 4)))) {
            assertArrayEquals(
                    expected, template.requestBody("tensorflow:half", body, float[].class));
        }
        assertEquals(
                List.of(3f, 4f),
                template.requestBody("tensorflow:half", new float[] {2, 4}, List.class));
        assertEquals(3f, template.requestBody("tensorflow:half", List.of(2), Float.class));
        assertEquals(
                Map.of("product", List.of(6f), "sum", List.of(5f)),
                template.requestBody(
                        "tensorflow:pair",
                        Map.of("a", new float[] {2}, "b", List.of(3)),
                        Map.class));
        assertArrayEquals(
                new String[] {"é", ""},
                template.requestBody("tensorflow:text", List.of("é", ""), String[].class));
        assertArrayEquals(
                new long[] {1L << 40},
                template.requestBody("tensorflow:ids", List.of(1L << 40), long[].class));
    }

    private String fault(String uri, Object body) {
        Throwable failure =
                assertThrows(CamelExecutionException.class, () -> template.requestBody(uri, body))
                        .getCause();
        return assertInstanceOf(BadInputException.class, failure).getMessage();
    }

    @Test
    void valueThatTheSignatureDoesNotTakeIsNamed() {
        assertEquals("no input \"y\": there are [x]", fault("tensorflow:half", Map.of("y", 1)));
        assertEquals(
                "expected a map of the inputs [a, b], got one value",
                fault("tensorflow:pair", List.of(1)));
        assertEquals(
                "missing input \"b\": signature \"serving_default\" takes \"a\" float32 [-1],"
                        + " \"b\" float32 [-1]",
                fault("tensorflow:pair", Map.of("a", List.of(1))));
        assertEquals("x[1]: \"4\" is not a number", fault("tensorflow:half", List.of(2, "4")));
    }

    private static NamedTensors tensors(TypeConverter converter, Object array) {
        return converter.convertTo(NamedTensors.class, array);
    }

    @Test
    void tensorsConvertOnlyToTypesThatHoldThem() throws Exception {
        TypeConverter converter = context.getTypeConverter();
        try (NamedTensors matrix = tensors(converter, new float[][] {{1, 2}, {3, 4}});
                NamedTensors large = tensors(converter, new long[] {1L << 40});
                NamedTensors half = tensors(converter, new double[] {0.5})) {
            assertArrayEquals(
                    new double[][] {{1, 2}, {3, 4}},
                    converter.mandatoryConvertTo(double[][].class, matrix));
            assertEquals("tensors{: float32 [2, 2]}", matrix.toString());
            for (Object[] wrong :
                    new Object[][] {
                        {float[].class, matrix},
                        {float[][][].class, matrix},
                        {String[][].class, matrix},
                        {Float.class, matrix},
                        {int[].class, large},
                        {int[].class, half},
                        {boolean[].class, half}
                    }) {
                assertThrows(
                        TypeConversionException.class,
                        () -> converter.mandatoryConvertTo((Class<?>) wrong[0], wrong[1]),
                        wrong[0].toString());
            }
        }
    }

    /** The exchange frees the tensors that its body is converted to. */
    @Test
    void arrayInARouteConvertsToTensors() {
        Exchange done =
                fluentTemplate
                        .to("tensorflow:half")
                        .withProcessor(
                                exchange ->
                                        exchange.getMessage()
                                                .setBody(
                                                        exchange.getContext()
                                                                .getTypeConverter()
                                                                .mandatoryConvertTo(
                                                                        NamedTensors.class,
                                                                        exchange,
                                                                        new float[] {2})))
                        .send();
        assertEquals(3f, done.getMessage().getBody(Float.class));
        done.getMessage().getBody(NamedTensors.class).close();
        assertTrue(NamedTensors.open() <= open);
    }

    /** The caller closes both the tensors that it sends and the outputs. */
    @Test
    void tensorsOfATemplateStayItsCallers() {
        try (NamedTensors inputs = tensors(context.getTypeConverter(), new float[] {2})) {
            for (int i = 0; i < 2; i++) {
                try (NamedTensors outputs =
                        template.requestBody("tensorflow:half", inputs, NamedTensors.class)) {
                    assertEquals("tensors{y: float32 [1]}", outputs.toString());
                }
            }
        }
        assertTrue(NamedTensors.open() <= open);
    }
}
