package io.bactrian.model;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.bactrian.model.graph.InputScaling;
import java.nio.file.Path;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The scaling of their input that Keras' models begin with, in graphs that Keras made. */
class KerasScalingTest {

    private static final Path GRAPHS = Path.of("src/test/resources/scaling");

    private static InputScaling scaling(String model) {
        Signature signature =
                SignatureValidation.analyzed(SavedModelFile.read(GRAPHS.resolve(model)))
                        .get(Signature.DEFAULT);
        return signature.scaling(signature.inputs().firstKey());
    }

    /** The first channel's is shown: red's, blue's of {@code caffe}. */
    @ParameterizedTest
    @CsvSource({
        "rescaling,           x * 0.00392157,         255",
        "normalization,       x * 0.0166667 - 2,      180",
        "tf,                  x * 0.00784314 - 1,     255",
        "caffe,               x - 103.939,            124.68",
        "torch,               x * 0.0171248 - 2.1179, 182.07",
        "batch-normalization, x,                      1",
    })
    void scalingOfAKerasModel(String model, String text, double maximum) {
        assertEquals(text, scaling(model).toString());
        assertEquals(maximum, scaling(model).expectedMaximum(), 0.01);
        assertEquals(maximum > 1, scaling(model).expectsBytes());
    }
}
