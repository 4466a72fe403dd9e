package io.bactrian.model;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.bactrian.limit.MemoryBudget;
import io.bactrian.tensor.NamedTensors;
import io.bactrian.testing.Fixtures;
import io.bactrian.testing.TestModels;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.tensorflow.ndarray.StdArrays;
import org.tensorflow.types.TFloat32;

class ModelOptimizerTest {

    private static final Path EXAMPLES = Path.of("src/examples/models");
    private static final TensorFlowConfig PLAIN = new TensorFlowConfig(1, 1, false);
    private static final long PLENTY = Long.MAX_VALUE;
    private static final TensorFlowConfig OPTIMIZED = new TensorFlowConfig(1, 1, true);

    @ParameterizedTest
    @ValueSource(strings = {"object-detection", "image-classification"})
    void optimizedModelAnswersWithinTheTolerance(String name) {
        assertSameOutputs(EXAMPLES.resolve(name).resolve("1"));
    }

    @Test
    void optimizedImageNetModelAnswersWithinTheTolerance() {
        assertSameOutputs(Fixtures.path("imagenet-mobilenet-v1-025-128/1"));
    }

    private static void assertSameOutputs(Path path) {
        try (LoadedModel plain = ModelLoader.load("m", 1, path, PLAIN);
                LoadedModel optimized = ModelLoader.load("m", 1, path, OPTIMIZED)) {
            Signature signature = plain.signature(null);
            try (NamedTensors inputs = SyntheticInputs.zeros(signature);
                    NamedTensors expected = plain.predict(signature, inputs);
                    NamedTensors actual = optimized.predict(signature, inputs)) {
                for (String output : signature.outputs().keySet()) {
                    assertTrue(
                            TensorComparison.agree(
                                    expected.get(output),
                                    actual.get(output),
                                    ModelOptimizer.TOLERANCE));
                }
            }
        }
    }

    /** The outcome depends on the machine. */
    @Test
    void remarkGivesTheMeasuredTimes() {
        Path path = EXAMPLES.resolve("image-classification/1");
        try (LoadedModel model = ModelLoader.load("m", 1, path, OPTIMIZED)) {
            String remark = remark(model);
            assertTrue(
                    remark.matches(
                            "(not )?optimized: a run of the frozen graph takes .* ms instead of .*"),
                    remark);
        }
    }

    private static String remark(LoadedModel model) {
        return model.optimization().describe();
    }

    @Test
    void modelWithASideEffectIsNotOptimized() {
        Path path = Path.of("src/test/resources/models/keras3-module/1");
        try (LoadedModel model = ModelLoader.load("m", 1, path, OPTIMIZED)) {
            assertEquals(
                    "not optimized: signature \"set_bias\" has a side effect, AssignVariableOp",
                    remark(model));
        }
    }

    @Test
    void modelWithoutVariablesIsNotOptimized(@TempDir Path folder) throws Exception {
        TestModels.dense(folder);
        try (LoadedModel model = ModelLoader.load("m", 1, folder, OPTIMIZED)) {
            assertEquals("not optimized: it reads no variables", remark(model));
        }
    }

    /** Made by {@code src/test/python/make_dtype_models.py}. */
    @Test
    void modelWithInt8WeightsAnswersAsPythonDoes() {
        Path path = Path.of("src/test/resources/models/int8-weights/1");
        try (LoadedModel model = ModelLoader.load("m", 1, path, OPTIMIZED);
                NamedTensors inputs =
                        NamedTensors.of(
                                "x",
                                TFloat32.tensorOf(StdArrays.ndCopyOf(new float[][] {{1, 2, 3}})));
                NamedTensors outputs = model.predict(model.signature(null), inputs)) {
            assertTrue(remark(model).contains("frozen graph"), remark(model));
            TFloat32 y = (TFloat32) outputs.get("y");
            assertEquals(-4, y.getFloat(0, 0));
            assertEquals(193.5f, y.getFloat(0, 1));
        }
    }

    @Test
    void constantsOfAllModelsShareALimit() {
        Path path = EXAMPLES.resolve("image-classification/1");
        long before = ModelOptimizer.CONSTANTS.reserved();
        try (MemoryBudget.Reservation others = ModelOptimizer.CONSTANTS.open()) {
            assertTrue(others.tryGrow(ModelOptimizer.CONSTANTS.limit() - before - 1));
            try (LoadedModel model = ModelLoader.load("m", 1, path, OPTIMIZED)) {
                assertEquals(
                        "not optimized: its variables would become 0.2 MB of constants; 0.0 MB"
                                + " remain of the limit for all models",
                        remark(model));
            }
        }
        try (LoadedModel model = ModelLoader.load("m", 1, path, OPTIMIZED)) {
            assertEquals(
                    remark(model).startsWith("optimized"),
                    ModelOptimizer.CONSTANTS.reserved() > before);
        }
        assertEquals(before, ModelOptimizer.CONSTANTS.reserved());
    }
}
