package io.bactrian.postprocess;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.bactrian.pipeline.ExchangeTensors;
import io.bactrian.pipeline.PipelineFaultException;
import io.bactrian.pipeline.RequestItems;
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

class FramesPostprocessorTest {

    private static final DefaultCamelContext CONTEXT = new DefaultCamelContext();

    private final FramesPostprocessor frames = new FramesPostprocessor();

    @AfterAll
    static void close() throws IOException {
        CONTEXT.close();
    }

    private Object answer(float... values) {
        return answer(TFloat32.vectorOf(values), false);
    }

    private Object answer(TFloat32 values, boolean list) {
        Exchange exchange = new DefaultExchange(CONTEXT);
        RequestItems.setList(exchange, list);
        ExchangeTensors.setBody(exchange, NamedTensors.of("p", values));
        try {
            frames.process(exchange);
            return exchange.getMessage().getBody();
        } finally {
            Exchanges.done(exchange);
        }
    }

    @Test
    void frameHasItsTimeAndItsNumbersScaled() {
        frames.setFields("p, c=p");
        frames.setScales("c=-2");
        frames.setOffsets("c=1");
        frames.setFrameSeconds(0.5);
        frames.setFirstSeconds(0.25);

        assertEquals(
                List.of(
                        Map.of("time", 0.25, "p", 0.5f, "c", 0.0),
                        Map.of("time", 0.75, "p", 2f, "c", -3.0)),
                answer(0.5f, 2));
    }

    @Test
    void noFramesAreAnEmptyList() {
        frames.setFields("p");

        assertEquals(List.of(), answer());
    }

    @Test
    void listOfSoundsIsAnsweredByAListForEach() {
        frames.setFields("p");
        frames.setTimeField("");

        assertEquals(
                List.of(
                        List.of(Map.of("p", 1f), Map.of("p", 2f)),
                        List.of(Map.of("p", 3f), Map.of("p", 4f))),
                answer(
                        TFloat32.tensorOf(StdArrays.ndCopyOf(new float[][] {{1, 2}, {3, 4}})),
                        true));
        assertEquals(
                List.of(List.of(Map.of("p", 1f))),
                answer(TFloat32.tensorOf(StdArrays.ndCopyOf(new float[][] {{1}})), true));
    }

    @Test
    void framesOfSeveralSoundsThatAreNoListAreAFault() {
        frames.setFields("p");
        TFloat32 values = TFloat32.tensorOf(StdArrays.ndCopyOf(new float[][] {{1, 2}, {3, 4}}));

        assertThrows(PipelineFaultException.class, () -> answer(values, false));
    }

    @Test
    void fieldThatScalesDoNotHaveIsAFault() {
        frames.setFields("p");
        frames.setScales("q=2");

        assertThrows(PipelineFaultException.class, () -> answer(1));
    }

    @Test
    void outputThatTheModelHasNotIsAFaultAtStart() {
        frames.setFields("p=q");

        assertThrows(
                PipelineFaultException.class,
                () -> frames.bindOutputs(List.of(Signatures.outputs("p float32 -1"))));
    }
}
