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

/** Tensors of the passes of a loop, which Camel drops without a word. */
class TensorsInLoopTest extends CamelTestSupport {

    private static final int PASSES = 1500;
    private static final int MEGABYTE = 1 << 18;

    private final AtomicLong most = new AtomicLong();

    @Override
    protected RoutesBuilder createRouteBuilder() {
        return new RouteBuilder() {
            @Override
            public void configure() {
                from("pipeline:loop").loop(PASSES).process(TensorsInLoopTest.this::make).end();
                from("pipeline:copying")
                        .loop(PASSES)
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
        most.accumulateAndGet(NamedTensors.open(), Math::max);
    }

    /** More than a gigabyte would be open at the end of the loop. */
    @ParameterizedTest
    @ValueSource(strings = {"loop", "copying", "splitting"})
    void thoseOfPassesThatAreOverAreFreedInTime(String route) {
        long before = NamedTensors.open();
        template.sendBody("pipeline:" + route, "x" + ",x".repeat(PASSES - 1));
        assertTrue(
                most.get() - before < PASSES * 9 / 10, "open at a time: " + (most.get() - before));
        Exchanges.awaitOpenTensors(before);
    }
}
