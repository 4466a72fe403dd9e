package io.bactrian.tensor;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.types.family.TType;

class TensorValuesTest {

    private static String convert(Object value, DType dtype) {
        try (TType tensor = TensorValues.toTensor(value, dtype, "x")) {
            return TensorSpec.format(tensor.shape()) + TensorValues.toJava(tensor);
        }
    }

    static Stream<Arguments> values() {
        byte[] raw = {-1, 0};
        return Stream.of(
                Arguments.of(1, DType.FLOAT32, "[]1.0"),
                Arguments.of(
                        List.of(0.1, new BigDecimal("0.1"), 3L),
                        DType.FLOAT32,
                        "[3][0.1, 0.1, 3.0]"),
                Arguments.of(
                        List.of(List.of(1), List.of(2)), DType.FLOAT64, "[2, 1][[1.0], [2.0]]"),
                Arguments.of(
                        new float[][] {{1, 2}, {3, 4}},
                        DType.FLOAT32,
                        "[2, 2][[1.0, 2.0], [3.0, 4.0]]"),
                Arguments.of(new int[] {1, 2}, DType.INT64, "[2][1, 2]"),
                Arguments.of(
                        new Object[] {List.of(1), new short[] {2}},
                        DType.INT32,
                        "[2, 1][[1], [2]]"),
                Arguments.of(new byte[] {1, -1}, DType.UINT8, "[2][1, 255]"),
                Arguments.of(new byte[][] {{1}, {-1}}, DType.UINT8, "[2, 1][[1], [255]]"),
                Arguments.of(BigInteger.TEN, DType.UINT16, "[]10"),
                Arguments.of(List.of(), DType.INT32, "[0][]"),
                Arguments.of(List.of(List.of(), List.of()), DType.STRING, "[2, 0][[], []]"),
                Arguments.of(List.of(true, false), DType.BOOL, "[2][true, false]"),
                Arguments.of("é", DType.STRING, "[]é"),
                Arguments.of(List.of("a", raw), DType.STRING, "[2][a, {b64=/wA=}]"),
                Arguments.of(Map.of("b64", "aGk="), DType.STRING, "[]hi"),
                Arguments.of(List.of(0.1, 1e6), DType.FLOAT16, "[2][0.099975586, Infinity]"),
                Arguments.of(0.1, DType.BFLOAT16, "[]0.100097656"));
    }

    @ParameterizedTest
    @MethodSource("values")
    void convertsValuesToTensors(Object value, DType dtype, String expected) {
        assertEquals(expected, convert(value, dtype));
    }

    static Stream<Arguments> faults() {
        return Stream.of(
                Arguments.of(null, DType.FLOAT32, "x: null is not a number"),
                Arguments.of(List.of(1, "2"), DType.FLOAT32, "x[1]: \"2\" is not a number"),
                Arguments.of(List.of(1, 2.0), DType.INT32, "x[1]: 2.0 is not an int32"),
                Arguments.of(List.of(256), DType.UINT8, "x[0]: 256 is not a uint8"),
                Arguments.of(List.of((byte) -1), DType.UINT8, "x[0]: -1 is not a uint8"),
                Arguments.of(
                        BigInteger.ONE.shiftLeft(64),
                        DType.INT64,
                        "x: 18446744073709551616 is not an int64"),
                Arguments.of(1, DType.BOOL, "x: 1 is not true or false"),
                Arguments.of(
                        Collections.singletonList(null),
                        DType.STRING,
                        "x[0]: null is not a string"),
                Arguments.of("\ud800", DType.STRING, "x: \"\ud800\" is not a string"),
                Arguments.of(Map.of("b64", "*"), DType.STRING, "x: its b64 is not base64"),
                Arguments.of(new byte[] {1}, DType.INT32, "x: byte[] is not an int32"),
                Arguments.of(
                        List.of(List.of(1, 2), List.of(1)),
                        DType.INT32,
                        "x[1] has 1 element where x[0] has 2"),
                Arguments.of(List.of(List.of(1), 2), DType.INT32, "x[1]: 2 where x[0] is a list"),
                Arguments.of(
                        List.of(1, List.of(2)),
                        DType.INT32,
                        "x[1] is a list where x[0] is a value"),
                Arguments.of(
                        List.of(List.of(List.of(1)), List.of(2)),
                        DType.INT32,
                        "x[1][0]: 2 where x[0][0] is a list"),
                Arguments.of(
                        List.of(List.of(1), List.of(List.of(2))),
                        DType.INT32,
                        "x[1][0] is a list where x[0][0] is a value"));
    }

    @ParameterizedTest
    @MethodSource("faults")
    void errorsNameThePathOfTheElement(Object value, DType dtype, String message) {
        BadInputException error =
                assertThrows(BadInputException.class, () -> convert(value, dtype));
        assertEquals(message, error.getMessage());
    }

    @Test
    void malformedUnicodeIsRejected() {
        assertArrayEquals("é😀".getBytes(StandardCharsets.UTF_8), Utf8.encode("é😀"));
        assertNull(Utf8.encode("a\udc00"));
        BadInputException error =
                assertThrows(BadInputException.class, () -> Utf8.encode("a\udc00", "field \"t\""));
        assertEquals(
                "field \"t\" is not well-formed Unicode: it has half of a surrogate pair",
                error.getMessage());
        assertTrue(Utf8.isValid("aé€😀\0".getBytes(StandardCharsets.UTF_8)));
        for (int[] malformed :
                new int[][] {
                    {0x80},
                    {0xc1, 0x80},
                    {0xe0, 0x9f, 0x80},
                    {0xed, 0xa0, 0x80},
                    {0xf4, 0x90, 0x80, 0x80},
                    {0xf0, 0x8f, 0x80, 0x80},
                    {0xf5, 0x80, 0x80, 0x80},
                    {0xe2, 0x82},
                    {0xc3, 'a'}
                }) {
            byte[] bytes = new byte[malformed.length];
            Arrays.setAll(malformed, i -> (bytes[i] = (byte) malformed[i]));
            assertFalse(Utf8.isValid(bytes));
        }
    }

    /** Every float16 reads back, and other values are rounded to nearest, ties to even. */
    @Test
    void everyHalfFloatReadsBackAndRoundsToNearestEven() {
        for (int bits = 0; bits < 0x7c00; bits++) {
            short half = (short) bits;
            float value = HalfFloats.fromFloat16(half);
            float next = bits == 0x7bff ? 65536 : HalfFloats.fromFloat16((short) (bits + 1));
            double middle = ((double) value + next) / 2;
            assertEquals(half, HalfFloats.toFloat16(value));
            assertEquals((short) (bits | 0x8000), HalfFloats.toFloat16(-value));
            assertEquals(bits % 2 == 0 ? bits : bits + 1, HalfFloats.toFloat16(middle));
            assertEquals(bits, HalfFloats.toFloat16(Math.nextDown(middle)));
            assertEquals(bits + 1, HalfFloats.toFloat16(Math.nextUp(middle)));
        }
        for (int bits = 0; bits < 0x7f80; bits++) {
            double value = HalfFloats.fromBfloat16((short) bits);
            double next = bits == 0x7f7f ? 0x1p128 : HalfFloats.fromBfloat16((short) (bits + 1));
            double middle = (value + next) / 2;
            assertEquals(bits, HalfFloats.toBfloat16(value));
            assertEquals(bits % 2 == 0 ? bits : bits + 1, HalfFloats.toBfloat16(middle));
            assertEquals(bits, HalfFloats.toBfloat16(Math.nextDown(middle)));
            assertEquals(bits + 1, HalfFloats.toBfloat16(Math.nextUp(middle)));
        }
        assertEquals(0x7c00, HalfFloats.toFloat16(1e300));
        assertEquals((short) 0xfc00, HalfFloats.toFloat16(Double.NEGATIVE_INFINITY));
        assertTrue(Float.isNaN(HalfFloats.fromFloat16(HalfFloats.toFloat16(Double.NaN))));
        assertTrue(Float.isNaN(HalfFloats.fromBfloat16(HalfFloats.toBfloat16(Double.NaN))));
        assertEquals(Float.POSITIVE_INFINITY, HalfFloats.fromFloat16((short) 0x7c00));
        assertEquals(0, HalfFloats.toFloat16(Double.MIN_VALUE));
    }

    @Test
    void buffersAcceptTheirOwnDtypeOnly() {
        TensorBuffer floats = new TensorBuffer(DType.FLOAT32);
        assertThrows(IllegalStateException.class, () -> floats.addInteger(1));
        assertThrows(IllegalStateException.class, () -> floats.addDouble(1));
        assertThrows(IllegalStateException.class, () -> floats.addBoolean(true));
        assertThrows(IllegalStateException.class, () -> floats.addString(new byte[0]));
        assertThrows(IllegalStateException.class, () -> new TensorBuffer(DType.INT32).addFloat(1));
        floats.addFloat(1);
        assertThrows(IllegalStateException.class, () -> floats.build(Shape.of(2)));
    }
}
