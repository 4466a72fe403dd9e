package io.bactrian.tensorflow;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.bactrian.model.graph.InputScaling;
import io.bactrian.pipeline.PixelRange;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ScalingCheckTest {

    private static String problem(double min, double max, double factor, double offset) {
        return ScalingCheck.problem(new PixelRange(min, max), InputScaling.of(factor, offset));
    }

    @ParameterizedTest
    @CsvSource({
        // pixels from, to, the graph's factor, offset
        "0,     1,    0.0039215686, 0,       scale: 1",
        "-1,    1,    0.0039215686, 0,       scale: 1",
        "0,     1,    0.0078431373, -1,      scale: 1",
        "-2.12, 2.64, 0.0171247538, -2.1179, scale: 1",
        "0,     1,    1,            -103.9,  scale: 1",
        "0,     255,  2,            -1,      scale: 0.00392156862745098",
        "0,     255,  4.3668,       -2.1179, scale: 0.00392156862745098",
        "-124,  151,  1,            -103.9,  leave out mean",
        "-1,    1,    2,            -1,      leave out mean",
        "-1,    1,    1.9921875,    -1,      leave out mean",
    })
    void pixelsThatAreScaledTwiceOrNotAtAll(
            double min, double max, double factor, double offset, String advice) {
        String problem = problem(min, max, factor, offset);
        assertNotNull(problem);
        assertTrue(problem.contains(advice), problem);
    }

    @ParameterizedTest
    @CsvSource({
        "0,    255, 1,            0",
        "0,    1,   1,            0",
        "-1,   1,   1,            0",
        "0,    255, 0.0039215686, 0",
        "0,    255, 0.0078431373, -1",
        "-128, 127, 0.0078125,    0",
        "0,    255, 1,            -103.9",
        "0,    1,   2,            -1",
        "0,    1,   4.3668,       -2.1179",
        // The fixtures.
        "0,    1,   1.9921875,    -1",
        "0,    255, 0.0174292,    -1.80444",
        // A batch normalization after pixels from -1 to 1, and after those minus ImageNet's means.
        "-1,   1,   2,            -0.4",
        "-124, 151, 0.0166667,    -0.2",
        // Undoes what was done before it.
        "-1,   1,   127.5,        127.5",
        "-1,   1,   127.5,        23.6",
    })
    void pixelsThatMayBeRight(double min, double max, double factor, double offset) {
        assertNull(problem(min, max, factor, offset));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value =
                    "0 | 1 | makes pixels from 0 to 1, but the graph itself scales pixels from 0 to"
                            + " 255, by x * 0.00392157: set scale: 1, without mean, std and"
                            + " normalization")
    void messageHasBothScalings(double min, double max, String message) {
        assertEquals(message, problem(min, max, 1 / 255.0, 0));
    }
}
