package io.bactrian.pipeline;

import static org.junit.jupiter.api.Assertions.assertTrue;

import io.bactrian.tensor.NamedTensors;
import io.bactrian.testing.Exchanges;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.camel.Exchange;
import org.apache.camel.RoutesBuilder;
import org.apache.camel.builder.RouteBuilder;
import org.apache.camel.test.junit5.CamelTestSupport;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.types.TFloat32;

/** Tensors of a loop's iterations, which Camel drops without closing them. */
class TensorsInLoopTest extends CamelTestSupport {

    private static final int ITERATIONS = 1500;
    private static final int MEGABYTE = 1 << 18;

    private final AtomicLong maxOpen = new AtomicLong();

    @Override
    protected RoutesBuilder createRouteBuilder() {
        return new RouteBuilder() {
            @Override
            public void configure() {
                from("pipeline:loop").loop(ITERATIONS).process(TensorsInLoopTest.this::make).end();
                from("pipeline:copying")
                        .loop(ITERATIONS)
                        .copy()
                        .process(TensorsInLoopTest.this::make)
                        .end();
                from("pipeline:splitting")
                        .split(body().tokenize(","))
                        .streaming()
                        .process(TensorsInLoopTest.this::make)
                        .end();
            }
        };
    }

    private void make(Exchange exchange) {
        ExchangeTensors.setBody(
                exchange, NamedTensors.of("x", TFloat32.tensorOf(Shape.of(MEGABYTE))));
        maxOpen.accumulateAndGet(NamedTensors.open(), Math::max);
    }

    /** Otherwise more than a gigabyte would be open at the end of the loop. */
    @ParameterizedTest
    @ValueSource(strings = {"loop", "copying", "splitting"})
    void tensorsOfFinishedIterationsAreFreed(String route) {
        long before = NamedTensors.open();
        template.sendBody("pipeline:" + route, "x" + ",x".repeat(ITERATIONS - 1));
        assertTrue(
                maxOpen.get() - before < ITERATIONS * 9 / 10,
                "open at a time: " + (maxOpen.get() - before));
        Exchanges.awaitOpenTensors(before);
    }
}
