package io.bactrian.pipeline;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.bactrian.tensor.BadInputException;
import io.bactrian.tensor.NamedTensors;
import io.bactrian.tensor.TensorSpec;
import io.bactrian.tensor.TensorValues;
import io.bactrian.testing.Exchanges;
import io.bactrian.testing.Signatures;
import java.io.IOException;
import java.util.List;
import org.apache.camel.Exchange;
import org.apache.camel.ExchangePropertyKey;
import org.apache.camel.impl.DefaultCamelContext;
import org.apache.camel.support.DefaultExchange;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.ndarray.buffer.DataBuffers;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.TInt32;

class FeedBackOutputTest {

    private static final DefaultCamelContext CONTEXT = new DefaultCamelContext();

    private final FeedBackOutput feedBack = new FeedBackOutput();

    private final Exchange exchange = new DefaultExchange(CONTEXT);

    @AfterAll
    static void close() throws IOException {
        CONTEXT.close();
    }

    private static NamedTensors tensors(String name, Shape shape, float... values) {
        return NamedTensors.of(name, TFloat32.tensorOf(shape, DataBuffers.of(values)));
    }

    private void window(NamedTensors inputs) {
        ExchangeTensors.setBody(exchange, inputs);
        exchange.setProperty("window", exchange.getMessage().getBody());
    }

    /** The body after the step, as its name, shape and values. */
    private String step(int index, int size, NamedTensors outputs) {
        ExchangeTensors.setBody(exchange, outputs);
        exchange.setProperty(ExchangePropertyKey.LOOP_INDEX, index);
        exchange.setProperty(ExchangePropertyKey.LOOP_SIZE, size);
        feedBack.process(exchange);
        exchange.setProperty("window", exchange.getMessage().getBody());
        StringBuilder text = new StringBuilder();
        try (NamedTensors.Reference body = ExchangeTensors.read(exchange)) {
            body.asMap()
                    .forEach(
                            (name, tensor) ->
                                    text.append(name)
                                            .append(TensorSpec.format(tensor.shape()))
                                            .append(TensorValues.toJava(tensor))
                                            .append(' '));
        }
        return text.toString().strip();
    }

    @Test
    void outputBecomesTheLastStepOfTheWindow() {
        long before = NamedTensors.open();
        window(tensors("x", Shape.of(1, 3, 2), 1, 2, 3, 4, 5, 6));
        assertEquals(
                "x[1, 3, 2][[[3.0, 4.0], [5.0, 6.0], [7.0, 8.0]]]",
                step(0, 3, tensors("y", Shape.of(1, 2), 7, 8)));
        assertEquals(
                "x[1, 3, 2][[[5.0, 6.0], [7.0, 8.0], [9.0, 10.0]]]",
                step(1, 3, tensors("y", Shape.of(1, 1, 2), 9, 10)));
        assertEquals(
                "y[1, 3, 2][[[7.0, 8.0], [9.0, 10.0], [11.0, 12.0]]]",
                step(2, 3, tensors("y", Shape.of(1, 2), 11, 12)));
        exchange.getMessage().setBody(null);
        Exchanges.done(exchange);
        assertTrue(NamedTensors.open() <= before);
    }

    @Test
    void rowsAreFedBackEachOnItsOwn() {
        window(tensors("x", Shape.of(2, 2), 1, 2, 10, 20));
        assertEquals(
                "x[2, 2][[2.0, 3.0], [20.0, 30.0]]",
                step(0, 2, tensors("y", Shape.of(2, 1), 3, 30)));
        assertEquals(
                "y[2, 3, 1][[[3.0], [4.0], [5.0]], [[30.0], [40.0], [50.0]]]",
                step(1, 2, tensors("y", Shape.of(2, 2), 4, 5, 40, 50)));
        Exchanges.done(exchange);
    }

    @Test
    void otherInputsStayAsTheyAre() {
        feedBack.setInput("x");
        feedBack.setOutput("y");
        try (NamedTensors.Builder inputs = NamedTensors.builder()) {
            inputs.put("x", TFloat32.tensorOf(Shape.of(1, 1, 1), DataBuffers.of(1f)));
            inputs.put("place", TInt32.tensorOf(Shape.of(1), DataBuffers.of(5)));
            window(inputs.build());
        }
        try (NamedTensors.Builder outputs = NamedTensors.builder()) {
            outputs.put("y", TFloat32.tensorOf(Shape.of(1, 1), DataBuffers.of(2f)));
            outputs.put("z", TFloat32.scalarOf(0f));
            assertEquals("x[1, 1, 1][[[2.0]]] place[1][5]", step(0, 2, outputs.build()));
        }
        Exchanges.done(exchange);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "1 3 2 | 1 1 | the output is float32 [1, 1], which does not fit into the window,"
                        + " float32 [1, 3, 2]",
                "1 3 1 | 2 1 | the output is float32 [2, 1], which does not fit into the window,"
                        + " float32 [1, 3, 1]",
                "1 2 1 | 1 3 | the output has 3 steps, more than the window, [1, 2, 1]",
                "2     | 2 1 | the window is [2], expected [rows, steps] or [rows, steps, features]",
            })
    void outputThatDoesNotFitIsAFault(String window, String output, String message) {
        window(zeros("x", window));
        NamedTensors outputs = zeros("y", output);
        assertEquals(
                message,
                assertThrows(PipelineFaultException.class, () -> step(0, 2, outputs)).getMessage());
        Exchanges.done(exchange);
    }

    private static NamedTensors zeros(String name, String sizes) {
        long[] shape = List.of(sizes.split(" ")).stream().mapToLong(Long::parseLong).toArray();
        Shape made = Shape.of(shape);
        return NamedTensors.of(name, TFloat32.tensorOf(made));
    }

    @Test
    void routeWithoutALoopOrAWindowIsAtFault() {
        ExchangeTensors.setBody(exchange, zeros("y", "1 1"));
        assertEquals(
                "feeds the output back in a loop that counts, as loop: {constant: 6}, but is in"
                        + " none",
                assertThrows(PipelineFaultException.class, () -> feedBack.process(exchange))
                        .getMessage());
        NamedTensors outputs = zeros("y", "1 1");
        assertEquals(
                "the exchange property \"window\" has no tensors: set it before the model,"
                        + " setProperty: {name: window, simple: \"${body}\"}",
                assertThrows(PipelineFaultException.class, () -> step(0, 2, outputs)).getMessage());
        Exchanges.done(exchange);
    }

    @Test
    void moreLoopsThanAllowedAreRefused() {
        feedBack.setMaxLoops(10);
        window(zeros("x", "1 3 1"));
        NamedTensors outputs = zeros("y", "1 1");
        assertEquals(
                "11 steps, the maximum is 10",
                assertThrows(BadInputException.class, () -> step(0, 11, outputs)).getMessage());
        Exchanges.done(exchange);
    }

    @Test
    void stepsAfterTheLoopAreBoundToAllOutputs() {
        SignatureTensors mapped = feedBack.map(Signatures.outputs("y float32 -1 2"));
        assertEquals("[-1, -1, 2]", TensorSpec.format(mapped.select(null).shape()));
    }
}
