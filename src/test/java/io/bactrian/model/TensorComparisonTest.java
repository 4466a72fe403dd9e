package io.bactrian.model;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.tensorflow.ndarray.NdArrays;
import org.tensorflow.types.TBool;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.TInt32;
import org.tensorflow.types.TString;
import org.tensorflow.types.family.TType;

class TensorComparisonTest {

    private static final double TOLERANCE = 1e-5;

    static Stream<Arguments> pairs() {
        return Stream.of(
                Arguments.of(true, floats(1, 2), floats(1, 2.00001f)),
                Arguments.of(false, floats(1, 2), floats(1, 2.0001f)),
                Arguments.of(true, floats(1000, 1), floats(1000, 1.009f)),
                Arguments.of(false, floats(1000, 1), floats(1000, 1.02f)),
                Arguments.of(true, floats(Float.NaN, 1), floats(Float.NaN, 1)),
                Arguments.of(false, floats(Float.NaN, 1), floats(1, 1)),
                Arguments.of(false, floats(1), floats(Float.NaN)),
                Arguments.of(
                        true, floats(Float.POSITIVE_INFINITY), floats(Float.POSITIVE_INFINITY)),
                Arguments.of(
                        false, floats(Float.POSITIVE_INFINITY), floats(Float.NEGATIVE_INFINITY)),
                Arguments.of(false, floats(Float.POSITIVE_INFINITY, 1), floats(1, 1)),
                Arguments.of(true, floats(0f), floats(-0f)),
                Arguments.of(false, floats(1), floats(1, 1)),
                Arguments.of(false, floats(1), TInt32.vectorOf(1)),
                Arguments.of(true, TInt32.vectorOf(1, 100_000), TInt32.vectorOf(1, 100_000)),
                Arguments.of(false, TInt32.vectorOf(1, 1_000_000), TInt32.vectorOf(2, 1_000_000)),
                Arguments.of(true, TBool.vectorOf(true, false), TBool.vectorOf(true, false)),
                Arguments.of(false, TBool.vectorOf(true, false), TBool.vectorOf(true, true)),
                Arguments.of(true, strings("a", "é"), strings("a", "é")),
                Arguments.of(false, strings("a", "é"), strings("a", "e")));
    }

    private static TType floats(float... values) {
        return TFloat32.vectorOf(values);
    }

    private static TType strings(String... values) {
        return TString.tensorOf(NdArrays.vectorOfObjects(values));
    }

    @ParameterizedTest
    @MethodSource("pairs")
    void floatsAgreeWithinTheToleranceAndOthersIfEqual(boolean agree, TType a, TType b) {
        try (a;
                b) {
            assertEquals(agree, TensorComparison.agree(a, b, TOLERANCE));
        }
    }
}
