package io.bactrian.postprocess;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.bactrian.limit.InsufficientMemoryException;
import io.bactrian.limit.MemoryBudget;
import io.bactrian.pipeline.ExchangeMemory;
import io.bactrian.pipeline.ExchangeTensors;
import io.bactrian.pipeline.PipelineFaultException;
import io.bactrian.preprocess.FeatureVectorPreprocessor;
import io.bactrian.preprocess.WindowPreprocessor;
import io.bactrian.preprocess.table.FeatureVectors;
import io.bactrian.tensor.NamedTensors;
import io.bactrian.testing.Exchanges;
import io.bactrian.testing.Signatures;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.apache.camel.Exchange;
import org.apache.camel.impl.DefaultCamelContext;
import org.apache.camel.support.DefaultExchange;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.ndarray.buffer.DataBuffers;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.family.TType;

/** Postprocessors that compare outputs with the rows that a preprocessor has kept. */
class KeptRowsTest {

    @TempDir Path folder;

    private final DefaultCamelContext context = new DefaultCamelContext();
    private final FeatureVectorPreprocessor rows = new FeatureVectorPreprocessor();
    private final ReconstructionErrorPostprocessor error = new ReconstructionErrorPostprocessor();
    private final TopItemsPostprocessor items = new TopItemsPostprocessor();

    KeptRowsTest() {
        rows.setCamelContext(context);
        rows.setKeepRows(true);
        error.setCamelContext(context);
        items.setCamelContext(context);
    }

    @AfterEach
    void close() throws IOException {
        context.close();
    }

    /** The answer to a request whose model gives an output. */
    private Object answer(String request, Postprocessor postprocessor, TType output) {
        Exchange exchange = new DefaultExchange(context);
        exchange.getMessage().setBody(request);
        try {
            rows.process(exchange);
            ExchangeTensors.setBody(exchange, NamedTensors.of("y", output));
            postprocessor.process(exchange);
            return exchange.getMessage().getBody();
        } finally {
            Exchanges.done(exchange);
        }
    }

    private static TFloat32 output(int rows, float... elements) {
        return TFloat32.tensorOf(Shape.of(rows, elements.length / rows), DataBuffers.of(elements));
    }

    @ParameterizedTest
    @CsvSource({
        "MSE, 2.5, true, false",
        "MSE, 2.5, false, true",
        "MSE, 2.4, true, true",
        "MAE, 1.5, true, false",
        "MAE, 1.25, true, true",
    })
    void rowIsAnAnomalyAboveTheThreshold(
            ReconstructionErrorPostprocessor.Metric metric,
            double threshold,
            boolean strict,
            boolean anomaly) {
        rows.setColumns("a, b");
        error.setMetric(metric);
        error.setThreshold(threshold);
        error.setStrict(strict);
        error.setThresholdField("limit");
        double expected = metric == ReconstructionErrorPostprocessor.Metric.MSE ? 2.5 : 1.5;
        assertEquals(
                Map.of("anomaly", anomaly, "error", expected, "limit", threshold),
                answer("{\"a\": 1, \"b\": 2}", error, output(1, 2, 4)));
    }

    @Test
    void listIsAnsweredByAList() {
        rows.setColumns("a");
        error.setThreshold(1.0);
        error.setErrorField("");
        error.setHealthField("health");
        assertEquals(
                List.of(
                        Map.of("anomaly", false, "health", 75.0),
                        Map.of("anomaly", true, "health", 0.0)),
                answer("[{\"a\": 1}, {\"a\": 2}]", error, output(2, 1.5f, 0)));
    }

    /** What the model was given is a float32, such as of 0.1. */
    @Test
    void errorIsThatOfTheModelsInput() {
        rows.setColumns("a");
        error.setThreshold(0.0);
        assertEquals(
                Map.of("anomaly", false, "error", 0.0),
                answer("{\"a\": 0.1}", error, output(1, 0.1f)));
    }

    @Test
    void thresholdIsReadFromAFile() throws IOException {
        rows.setColumns("a");
        Path npy = Path.of("src/examples/recipes/machine-anomaly/code/threshold.npy");
        for (Path file :
                List.of(
                        npy.toAbsolutePath(),
                        Files.writeString(folder.resolve("t.json"), "0.5"),
                        Files.writeString(folder.resolve("o.json"), "{\"threshold\": 0.5}"))) {
            ReconstructionErrorPostprocessor ofFile = new ReconstructionErrorPostprocessor();
            ofFile.setCamelContext(context);
            ofFile.setThresholdFile(file.toString());
            ofFile.setThresholdField("threshold");
            assertEquals(
                    Map.of("anomaly", true, "error", 1.0, "threshold", 0.5),
                    answer("{\"a\": 1}", ofFile, output(1, 0)));
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {"t.json | [1, 2]", "t.json | {}", "t.npy | 1"})
    void fileWithoutOneNumberIsAFault(String name, String content) throws IOException {
        Path file = Files.writeString(folder.resolve(name), content);
        error.setThresholdFile(file.toString());
        String fault = assertThrows(PipelineFaultException.class, error::start).getMessage();
        assertTrue(fault.startsWith("ReconstructionErrorPostprocessor: thresholdFile"), fault);
    }

    @Test
    void outputMustBeOfTheSizeOfTheRows() {
        rows.setColumns("a, b");
        error.setThreshold(1.0);
        assertEquals(
                "ReconstructionErrorPostprocessor: the model was given 1 row of 2, but output \"y\""
                        + " is float32 [1, 3]",
                fault("{\"a\": 1, \"b\": 2}", error, output(1, 1, 2, 3)));
        assertEquals(
                "ReconstructionErrorPostprocessor: the error of the reconstruction is NaN: the"
                        + " model gave numbers that are not finite",
                fault("{\"a\": 1, \"b\": 2}", error, output(1, Float.NaN, 2)));
        rows.setKeepRows(false);
        rows.stop();
        assertEquals(
                "ReconstructionErrorPostprocessor: there are no rows: set keepRows: true in the"
                        + " preprocessor before the model",
                fault("{\"a\": 1, \"b\": 2}", error, output(1, 1, 2)));
    }

    private String fault(String request, Postprocessor postprocessor, TType output) {
        return assertThrows(
                        PipelineFaultException.class, () -> answer(request, postprocessor, output))
                .getMessage();
    }

    private void declareItems(String more) throws IOException {
        Files.writeString(folder.resolve("items.json"), "[10, 20, 30, 40]");
        Path features =
                Files.writeString(
                        folder.resolve("features.json"),
                        "{\"features\": [{\"field\": \"age\"}, {\"field\": \"seen\", \"type\":"
                                + " \"multi-hot\", \"categoriesFile\": \""
                                + folder.resolve("items.json")
                                + "\""
                                + more
                                + "}]}");
        rows.setFeaturesFile(features.toString());
        items.setLabelsFile(folder.resolve("items.json").toString());
    }

    @Test
    void bestItemsAreThoseThatTheRequestHasNot() throws IOException {
        declareItems(", \"count\": true");
        items.setK(2);
        assertEquals(
                Map.of("items", List.of(40, 10), "scores", List.of(0.5f, 0.2f)),
                answer(
                        "{\"age\": 1, \"seen\": [30, 30]}",
                        items,
                        output(1, 0.2f, 0.2f, 0.9f, 0.5f)));
        items.setScoresField("");
        assertEquals(
                List.of(Map.of("items", List.of(40)), Map.of("items", List.of(30, 40))),
                answer(
                        "[{\"age\": 1, \"seen\": [10, 20, 30]}, {\"age\": 1, \"seen\": [20]}]",
                        items,
                        output(2, 1, 2, 3, 4, Float.NaN, 9, 8, 7)));
        items.setWithoutSeen(false);
        assertEquals(
                Map.of("items", List.of(30, 20)),
                answer("{\"age\": 1, \"seen\": [30]}", items, output(1, 0, 0.2f, 0.9f, 0)));
    }

    @Test
    void unknownItemIsAnErrorOrIgnored() throws IOException {
        declareItems("");
        Exchange exchange = new DefaultExchange(context);
        exchange.getMessage().setBody("{\"age\": 1, \"seen\": [30, 31]}");
        assertEquals(
                "seen: 31 is none of the 4 categories",
                assertThrows(RuntimeException.class, () -> rows.process(exchange)).getMessage());
        rows.stop();
        declareItems(", \"unknown\": \"ignore\"");
        FeatureVectorPreprocessor ignoring = new FeatureVectorPreprocessor();
        ignoring.setCamelContext(context);
        ignoring.setKeepRows(true);
        ignoring.setFeaturesFile(rows.getFeaturesFile());
        ignoring.process(exchange);
        assertEquals(
                List.of(2),
                FeatureVectors.of(exchange).categories(0, "seen").stream().boxed().toList());
        assertEquals(
                "there is no multi-hot feature of \"age\" among the fields [age, seen]",
                assertThrows(
                                PipelineFaultException.class,
                                () -> FeatureVectors.of(exchange).categories(0, "age"))
                        .getMessage());
        Exchanges.done(exchange);
    }

    @Test
    void categoriesMayBeNamedByTheirIndices() throws IOException {
        Files.writeString(folder.resolve("ids.json"), "{\"b\": 1, \"a\": 0}");
        Path features =
                Files.writeString(
                        folder.resolve("f.json"),
                        "{\"features\": [{\"field\": \"seen\", \"type\": \"multi-hot\","
                                + " \"categoriesFile\": \""
                                + folder.resolve("ids.json")
                                + "\"}]}");
        rows.setFeaturesFile(features.toString());
        items.setLabelsFile(folder.resolve("ids.json").toString());
        assertEquals(
                Map.of("items", List.of("a"), "scores", List.of(1f)),
                answer("{\"seen\": [\"b\"]}", items, output(1, 1, 2)));
        Files.writeString(folder.resolve("ids.json"), "{\"b\": 1, \"a\": 2}");
        rows.stop();
        FeatureVectorPreprocessor other = new FeatureVectorPreprocessor();
        other.setCamelContext(context);
        other.setFeaturesFile(features.toString());
        String fault = assertThrows(PipelineFaultException.class, other::start).getMessage();
        assertTrue(
                fault.endsWith("its content must be an object with the indices 0 to 1, got 2"),
                fault);
    }

    /** 2,000 rows of 10: 4 bytes each in the tensor, and 8 kept. */
    @Test
    void keptRowsCountInTheBudget() {
        MemoryBudget budget = new MemoryBudget(5_000_000);
        context.getRegistry().bind(ExchangeMemory.BUDGET, budget);
        WindowPreprocessor window = new WindowPreprocessor();
        window.setCamelContext(context);
        window.setKeepRows(true);
        window.bindInputs(List.of(Signatures.inputs("x float32 -1 -1 10")));
        String row = "[0,1,2,3,4,5,6,7,8,9]";
        Exchange exchange = new DefaultExchange(context);
        exchange.getMessage().setBody("[" + (row + ",").repeat(1999) + row + "]");
        window.process(exchange);
        assertEquals(2000 * 10 * (4 + 8), budget.reserved());
        Exchanges.done(exchange);
        assertEquals(0, budget.reserved());
        exchange.getMessage().setBody("[" + (row + ",").repeat(29_999) + row + "]");
        assertThrows(InsufficientMemoryException.class, () -> window.process(exchange));
    }
}
