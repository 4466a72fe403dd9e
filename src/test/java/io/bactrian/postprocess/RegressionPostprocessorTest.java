package io.bactrian.postprocess;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.bactrian.pipeline.PipelineFaultException;
import io.bactrian.tensor.NamedTensors;
import io.bactrian.testing.Exchanges;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.apache.camel.Exchange;
import org.apache.camel.impl.DefaultCamelContext;
import org.apache.camel.support.DefaultExchange;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.ndarray.StdArrays;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.TInt64;
import org.tensorflow.types.family.TType;

/** What ScoreAnswersTest, which compares values with scikit-learn, leaves open. */
class RegressionPostprocessorTest {

    private static final DefaultCamelContext CONTEXT = new DefaultCamelContext();

    @TempDir Path folder;

    @AfterAll
    static void close() throws IOException {
        CONTEXT.close();
    }

    private static Object answer(RegressionPostprocessor step, TType output) {
        Exchange exchange = new DefaultExchange(CONTEXT);
        step.setCamelContext(CONTEXT);
        step.start();
        try (NamedTensors outputs = NamedTensors.of("y", output)) {
            exchange.getMessage().setBody(outputs);
            step.process(exchange);
            return exchange.getMessage().getBody();
        } finally {
            step.stop();
            Exchanges.done(exchange);
        }
    }

    private RegressionPostprocessor scaled(String json) throws IOException {
        RegressionPostprocessor step = new RegressionPostprocessor();
        step.setScalerFile(Files.writeString(folder.resolve("scaler.json"), json).toString());
        return step;
    }

    private static TFloat32 row(float... values) {
        return TFloat32.tensorOf(StdArrays.ndCopyOf(new float[][] {values}));
    }

    @Test
    void columnCanBeNamed() throws IOException {
        RegressionPostprocessor step =
                scaled(
                        "{\"mean_\": [1, 10], \"scale_\": [2, 4], \"feature_names_in_\": [\"hour\","
                                + " \"load\"]}");
        step.setColumn("load");
        assertEquals(Map.of("prediction", 12f), answer(step, row(0.5f)));
        step.setColumn("0");
        assertEquals(Map.of("prediction", List.of(2f, 3f)), answer(step, row(0.5f, 1)));
    }

    @Test
    void oneColumnScalesAllValues() throws IOException {
        assertEquals(
                Map.of("prediction", List.of(2f, 3f)),
                answer(scaled("{\"mean_\": 1, \"scale_\": 2}"), row(0.5f, 1)));
    }

    /** A whole number stays one. */
    @Test
    void unscaledValuesKeepTheirType() {
        RegressionPostprocessor step = new RegressionPostprocessor();
        step.setRound(2);
        assertEquals(
                List.of(Map.of("prediction", 3L), Map.of("prediction", -4L)),
                answer(step, TInt64.vectorOf(3, -4)));
    }

    @Test
    void valueThatJsonHasNoNumberForIsAFault() {
        RegressionPostprocessor step = new RegressionPostprocessor();
        assertEquals(
                "RegressionPostprocessor: the value is NaN, for which JSON has no number: output"
                        + " \"y\" is float32 [1, 2] with NaN",
                assertThrows(PipelineFaultException.class, () -> answer(step, row(1, Float.NaN)))
                        .getMessage());
        assertThrows(
                PipelineFaultException.class, () -> answer(step, row(Float.NEGATIVE_INFINITY, 1)));
        step.setMin(0.0);
        assertEquals(
                Map.of("prediction", List.of(0f, 1f)),
                answer(step, row(Float.NEGATIVE_INFINITY, 1)));
    }

    @Test
    void noRowsAreAnEmptyList() {
        assertEquals(
                List.of(),
                answer(new RegressionPostprocessor(), TFloat32.tensorOf(Shape.of(0, 3))));
    }

    @Test
    void scalerOfOtherColumnsIsRejected() throws IOException {
        RegressionPostprocessor step = scaled("{\"mean_\": [1, 2, 3], \"scale_\": [1, 1, 1]}");
        assertEquals(
                "RegressionPostprocessor: scalerFile has 3 columns; set column to the one that the"
                        + " values are of: output \"y\" is float32 [1, 2]",
                assertThrows(PipelineFaultException.class, () -> answer(step, row(1, 2)))
                        .getMessage());
        step.setColumn("3");
        assertEquals(
                "RegressionPostprocessor: column is \"3\", but scalerFile \""
                        + folder.resolve("scaler.json")
                        + "\" has 3 columns",
                assertThrows(PipelineFaultException.class, () -> answer(step, row(1, 2)))
                        .getMessage());
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '\0',
            value = {
                "[1, 2] | must be a JSON object with the attributes of a scaler",
                "{\"lambdas_\": [1]} | has no attributes of a scaler: mean_, center_ or min_, and scale_",
                "{\"mean_\": [1], \"center_\": [1]} | has attributes of two scalers",
                "{\"mean_\": [1], \"min_\": [1], \"scale_\": [1]} | has attributes of two scalers",
                "{\"min_\": [1]} | has no scale_",
                "{\"data_min_\": [1]} | has no data_max_",
                "{\"mean_\": [1, 2], \"scale_\": [1]} | differs in the number of columns: scale_ has 1, the offset has 2",
                "{\"mean_\": [\"1\"]} | has \"1\" in mean_, expected finite numbers",
                "{\"mean_\": [1e999]} | has \"Infinity\" in mean_, expected finite numbers",
                "{\"mean_\": []} | has no numbers in mean_",
                "{\"min_\": [0], \"scale_\": [0]} | scale_ is 0 in column 0",
                "{\"mean_\": 1 2} | is not JSON: line 1, column 13: Unexpected character ('2' (code 50)): was expecting comma to separate Object entries"
            })
    void fileThatIsNoScalerIsRejected(String json, String message) throws IOException {
        RegressionPostprocessor step = scaled(json);
        String fault =
                assertThrows(PipelineFaultException.class, () -> answer(step, row(1))).getMessage();
        assertEquals(
                "RegressionPostprocessor: scalerFile \""
                        + folder.resolve("scaler.json")
                        + "\" "
                        + message,
                fault);
    }
}
