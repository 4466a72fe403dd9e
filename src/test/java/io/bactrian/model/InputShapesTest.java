package io.bactrian.model;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.bactrian.tensor.BadInputException;
import io.bactrian.tensor.NamedTensors;
import io.bactrian.testing.TestModels;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.types.TFloat32;

/**
 * Inputs of undeclared shapes, for which some operations of TensorFlow crash the process, and so
 * would this test.
 */
class InputShapesTest {

    private static final Path DETECTION = Path.of("src/examples/models/object-detection/1");
    private static final Path DIGITS = Path.of("src/examples/models/image-classification/1");

    @TempDir Path folder;

    private static Shape shape(String sizes) {
        return sizes.isEmpty()
                ? Shape.scalar()
                : Shape.of(List.of(sizes.split("x")).stream().mapToLong(Long::valueOf).toArray());
    }

    private static String refusal(LoadedModel model, Shape shape) {
        try (NamedTensors inputs =
                NamedTensors.of(NamedTensors.UNNAMED, TFloat32.tensorOf(shape, data -> {}))) {
            return assertThrows(
                            BadInputException.class,
                            () -> model.predict(model.signature(null), inputs).close())
                    .getMessage();
        }
    }

    @Test
    void undeclaredShapeIsRejected() {
        for (boolean optimize : new boolean[] {true, false}) {
            TensorFlowConfig config = TensorFlowConfig.defaults();
            try (LoadedModel detection =
                            ModelLoader.load(
                                    "m",
                                    1,
                                    DETECTION,
                                    optimize ? config : config.withoutOptimization());
                    LoadedModel digits =
                            ModelLoader.load("m", 1, DIGITS, config.withoutOptimization())) {
                for (String sizes :
                        List.of(
                                "",
                                "1",
                                "0",
                                "64x64",
                                "64x64x1",
                                "1x64x64",
                                "1x64x64x1x1",
                                "1x64x64x0",
                                "1x0x0x1",
                                "1x64x64x3",
                                "1x63x64x1")) {
                    Shape shape = shape(sizes);
                    String got = io.bactrian.tensor.TensorSpec.format(shape);
                    assertEquals(
                            "input \"image_data\" takes float32 [-1, 64, 64, 1], got float32 "
                                    + got,
                            refusal(detection, shape));
                    assertEquals(
                            "input \"image\" takes float32 [-1, 224, 224, 3], got float32 " + got,
                            refusal(digits, shape));
                }
            }
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "3", "0", "2x2", "1x1x1x1"})
    void modelOfElementwiseOperationsAcceptsAnyShape(String sizes) throws IOException {
        try (LoadedModel model =
                        ModelLoader.load(
                                "m",
                                1,
                                TestModels.halfPlusTwo(folder),
                                TensorFlowConfig.defaults());
                NamedTensors inputs =
                        NamedTensors.of("x", TFloat32.tensorOf(shape(sizes), data -> {}));
                NamedTensors outputs = model.predict(model.signature(null), inputs)) {
            assertNull(model.signature(null).effects().shapeDependent());
            assertEquals(shape(sizes), outputs.get("y").shape());
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"1x64x64x1", "3x64x64x1"})
    void batchDimensionMayHaveAnySize(String sizes) {
        try (LoadedModel model = ModelLoader.load("m", 1, DETECTION, TensorFlowConfig.defaults());
                NamedTensors inputs =
                        NamedTensors.of(
                                NamedTensors.UNNAMED, TFloat32.tensorOf(shape(sizes), data -> {}));
                NamedTensors outputs = model.predict(model.signature(null), inputs)) {
            assertNotNull(model.signature(null).effects().shapeDependent());
            assertEquals(shape(sizes).get(0), outputs.select(null).shape().get(0));
        }
    }
}
