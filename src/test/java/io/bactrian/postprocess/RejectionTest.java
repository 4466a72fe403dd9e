package io.bactrian.postprocess;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.bactrian.pipeline.ExchangeTensors;
import io.bactrian.pipeline.PipelineFaultException;
import io.bactrian.tensor.NamedTensors;
import io.bactrian.testing.Exchanges;
import io.bactrian.testing.Signatures;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import org.apache.camel.Exchange;
import org.apache.camel.impl.DefaultCamelContext;
import org.apache.camel.support.DefaultExchange;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.tensorflow.ndarray.StdArrays;
import org.tensorflow.types.TFloat32;

/** The answer where no class has a sufficient score. */
class RejectionTest {

    private static final DefaultCamelContext CONTEXT = new DefaultCamelContext();

    private final ArgMaxPostprocessor best = new ArgMaxPostprocessor();

    @AfterAll
    static void close() throws IOException {
        CONTEXT.close();
    }

    private Object answer(float[]... scores) {
        Exchange exchange = new DefaultExchange(CONTEXT);
        ExchangeTensors.setBody(
                exchange, NamedTensors.of("y", TFloat32.tensorOf(StdArrays.ndCopyOf(scores))));
        try {
            best.process(exchange);
            return exchange.getMessage().getBody();
        } finally {
            Exchanges.done(exchange);
        }
    }

    @Test
    void scoreBelowTheLeastIsNoClass() {
        best.setLabels("yes, no");
        best.setMinScore(0.625);
        assertEquals(
                List.of(
                        Map.of("predicted_class", 0, "label", "yes"),
                        Map.of("predicted_class", -1, "label", "unknown")),
                answer(new float[] {0.625f, 0.375f}, new float[] {0.5f, 0.5f}));
    }

    @Test
    void rejectedLabelIsAProperty() {
        best.setLabels("yes, no");
        best.setField("");
        best.setLabelField("");
        best.setMinScore(0.625);
        best.setRejectedLabel("silence");
        assertEquals("silence", answer(new float[] {0.5f, 0.5f}));
    }

    @Test
    void leastScoreAndThresholdAreNotSetTogether() {
        best.setMinScore(0.5);
        best.setThreshold(0.5);
        assertEquals(
                "minScore and threshold are both set: keep one of them",
                assertThrows(
                                PipelineFaultException.class,
                                () ->
                                        best.bindOutputs(
                                                List.of(Signatures.outputs("y float32 -1 1"))))
                        .getMessage());
    }
}
