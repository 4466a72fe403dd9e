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
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.tensorflow.ndarray.StdArrays;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.TString;

/** Classes that the model itself names, as TensorFlow's classify signatures do. */
class OutputLabelsTest {

    private static final DefaultCamelContext CONTEXT = new DefaultCamelContext();

    private final ArgMaxPostprocessor best = new ArgMaxPostprocessor();

    OutputLabelsTest() {
        best.setOutput("scores");
        best.setLabelsOutput("classes");
    }

    @AfterAll
    static void close() throws IOException {
        CONTEXT.close();
    }

    private Object answer(float[][] scores, String[][] classes) {
        Exchange exchange = new DefaultExchange(CONTEXT);
        try (NamedTensors.Builder outputs = NamedTensors.builder()) {
            outputs.put("scores", TFloat32.tensorOf(StdArrays.ndCopyOf(scores)));
            outputs.put("classes", TString.tensorOf(StdArrays.ndCopyOf(classes)));
            ExchangeTensors.setBody(exchange, outputs.build());
        }
        try {
            best.process(exchange);
            return exchange.getMessage().getBody();
        } finally {
            Exchanges.done(exchange);
        }
    }

    @Test
    void namesAreThoseOfTheRow() {
        assertEquals(
                List.of(
                        Map.of("predicted_class", 1, "label", "b"),
                        Map.of("predicted_class", 0, "label", "c")),
                answer(new float[][] {{1, 2}, {2, 1}}, new String[][] {{"a", "b"}, {"c", "d"}}));
    }

    @Test
    void namesOfOneRowAreThoseOfAllRows() {
        best.setField("");
        best.setLabelField("");
        assertEquals(
                List.of("b", "a"),
                answer(new float[][] {{1, 2}, {2, 1}}, new String[][] {{"a", "b"}}));
    }

    @Test
    void otherNumberOfNamesIsAFault() {
        assertEquals(
                "ArgMaxPostprocessor: labelsOutput: output \"classes\" is string [1, 3], expected"
                        + " strings [1, 2]",
                assertThrows(
                                PipelineFaultException.class,
                                () ->
                                        answer(
                                                new float[][] {{1, 2}},
                                                new String[][] {{"a", "b", "c"}}))
                        .getMessage());
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "scores float32 -1 2, labels string -1 2 | labelsOutput is \"classes\", but signature",
                "scores float32 -1 2, classes int32 -1 2 | labelsOutput: expected strings, but output",
            })
    void outputThatCannotBeTheNamesIsReportedAtStart(String outputs, String message) {
        String fault =
                assertThrows(
                                PipelineFaultException.class,
                                () -> best.bindOutputs(List.of(Signatures.outputs(outputs))))
                        .getMessage();
        assertEquals(message, fault.substring(0, Math.min(message.length(), fault.length())));
    }

    @Test
    void labelsOfTwoPlacesAreReportedAtStart() {
        best.setLabels("a, b");
        assertEquals(
                "labelsOutput and labels are both set: keep one of them",
                assertThrows(
                                PipelineFaultException.class,
                                () ->
                                        best.bindOutputs(
                                                List.of(
                                                        Signatures.outputs(
                                                                "scores float32 -1 2, classes"
                                                                        + " string -1 2"))))
                        .getMessage());
    }
}
