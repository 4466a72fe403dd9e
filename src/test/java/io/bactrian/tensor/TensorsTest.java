package io.bactrian.tensor;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.ByteBuffer;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.ndarray.StdArrays;
import org.tensorflow.proto.DataType;
import org.tensorflow.types.TBfloat16;
import org.tensorflow.types.TBool;
import org.tensorflow.types.TFloat16;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.TFloat64;
import org.tensorflow.types.TInt32;
import org.tensorflow.types.TInt64;
import org.tensorflow.types.TString;
import org.tensorflow.types.TUint16;
import org.tensorflow.types.TUint8;
import org.tensorflow.types.family.TType;

class TensorsTest {

    @ParameterizedTest
    @CsvSource({
        "float16, DT_HALF, 2",
        "bfloat16, DT_BFLOAT16, 2",
        "float32, DT_FLOAT, 4",
        "float64, DT_DOUBLE, 8",
        "uint8, DT_UINT8, 1",
        "uint16, DT_UINT16, 2",
        "int32, DT_INT32, 4",
        "int64, DT_INT64, 8",
        "bool, DT_BOOL, 1",
        "string, DT_STRING, 0"
    })
    void dtypesMapToTensorFlowsDataTypes(String name, DataType dataType, int byteSize) {
        DType dtype = DType.named(name);
        assertEquals(name, dtype.toString());
        assertEquals(dtype, DType.of(dataType));
        assertEquals(dataType, dtype.dataType());
        assertEquals(byteSize, dtype.byteSize());
        assertTrue(DType.isSupported(dataType));
    }

    @ParameterizedTest
    @EnumSource(
            value = DataType.class,
            names = {
                "DT_INT8",
                "DT_INT16",
                "DT_UINT32",
                "DT_UINT64",
                "DT_COMPLEX64",
                "DT_QINT8",
                "DT_INVALID"
            })
    void dtypesThatTensorFlowJavaLacksAreNamed(DataType dataType) {
        assertFalse(DType.isSupported(dataType));
        assertThrows(IllegalArgumentException.class, () -> DType.of(dataType));
    }

    @Test
    void referenceDtypeCountsAsItsValueDtype() {
        assertEquals(DType.FLOAT32, DType.of(DataType.DT_FLOAT_REF));
    }

    @Test
    void unknownDtypeNameListsTheValidOnes() {
        assertEquals(
                "no dtype \"float\": one of float16, bfloat16, float32, float64, uint8, uint16, int32,"
                        + " int64, bool, string",
                assertThrows(IllegalArgumentException.class, () -> DType.named("float"))
                        .getMessage());
    }

    @ParameterizedTest
    @EnumSource(value = DType.class, mode = EnumSource.Mode.EXCLUDE, names = "STRING")
    void nativeMemoryIsSharedWithTheTensor(DType dtype) {
        try (TType tensor = dtype.allocate(Shape.of(3, 2))) {
            ByteBuffer memory = NativeMemory.of(tensor);
            assertEquals(6 * dtype.byteSize(), memory.capacity());
            for (int i = 0; i < memory.capacity(); i++) {
                memory.put(i, (byte) (i % 2));
            }
            assertEquals(memory, NativeMemory.of(tensor));
        }
    }

    @Test
    void nativeMemoryOfAnEmptyTensorIsEmpty() {
        try (TType tensor = DType.FLOAT32.allocate(Shape.of(0, 2))) {
            assertEquals(0, NativeMemory.of(tensor).capacity());
        }
    }

    @Test
    void readsNumbersOfEveryDtype() {
        numbers(TFloat32.vectorOf(1.5f, -2f), 1.5, -2);
        numbers(TInt64.vectorOf(1L << 40, -1), 1L << 40, -1);
        numbers(TUint8.vectorOf((byte) 200, (byte) 1), 200, 1);
        numbers(TUint16.tensorOf(StdArrays.ndCopyOf(new short[] {(short) 65000, 1})), 65000, 1);
        numbers(TBfloat16.vectorOf(1.5f, -3f), 1.5, -3);
        numbers(
                TFloat16.vectorOf(
                        1.5f, -0.25f, 65504f, 5.9604645e-8f, Float.NEGATIVE_INFINITY, Float.NaN),
                1.5,
                -0.25,
                65504,
                5.960464477539063e-8,
                Double.NEGATIVE_INFINITY,
                Double.NaN);
    }

    private static void numbers(TType tensor, double... expected) {
        try (tensor) {
            NumericElements numbers = NumericElements.of(tensor);
            assertEquals(expected.length, numbers.size());
            for (int i = 0; i < expected.length; i++) {
                assertEquals(expected[i], numbers.get(i));
            }
        }
    }

    @Test
    void stringTensorsHaveNoNumericElements() {
        try (TString text = TString.vectorOf("1")) {
            assertThrows(IllegalArgumentException.class, () -> NumericElements.of(text));
        }
    }

    @Test
    void booleansAreZeroAndOne() {
        numbers(TBool.vectorOf(true, false, true), 1, 0, 1);
    }

    @Test
    void exactNumbersKeepEveryDigitOfTheirDtype() {
        exact(TInt64.vectorOf(9007199254740993L), 9007199254740993L);
        exact(TInt32.vectorOf(16777217), 16777217L);
        exact(TUint8.vectorOf((byte) 255), 255L);
        exact(TBool.vectorOf(true), 1L);
        exact(TFloat64.vectorOf(0.1), 0.1);
        exact(TFloat32.vectorOf(0.1f), 0.1f);
        exact(TFloat16.vectorOf(0.25f), 0.25f);
    }

    private static void exact(TType tensor, Number expected) {
        try (tensor) {
            assertEquals(expected, NumericElements.of(tensor).exact(0));
        }
    }

    @Test
    void readingAsAnotherKindOfNumberFails() {
        try (TFloat64 doubles = TFloat64.vectorOf(1.5);
                TInt64 longs = TInt64.vectorOf(1)) {
            NumericElements ofDoubles = NumericElements.of(doubles);
            NumericElements ofLongs = NumericElements.of(longs);
            assertThrows(IllegalStateException.class, () -> ofDoubles.getFloat(0));
            assertThrows(IllegalStateException.class, () -> ofDoubles.getLong(0));
            assertThrows(IllegalStateException.class, () -> ofLongs.getFloat(0));
        }
    }

    @Test
    void stringTensorsKeepTheirBytes() {
        byte[][] elements = {{1, 0, -1}, {}, {'a'}, {0}};
        try (TType tensor = StringTensors.of(Shape.of(2, 2), elements)) {
            assertEquals(Shape.of(2, 2), tensor.shape());
            assertArrayEquals(elements, StringTensors.bytes(tensor));
        }
        try (TType empty = StringTensors.of(Shape.of(0, 3))) {
            assertEquals(0, StringTensors.bytes(empty).length);
        }
        try (TType scalar = StringTensors.of(Shape.scalar(), new byte[] {'x'})) {
            assertArrayEquals(new byte[][] {{'x'}}, StringTensors.bytes(scalar));
        }
    }

    @ParameterizedTest
    @CsvSource({
        "'-1,2', '5,2', true",
        "'-1,2', '5,3', false",
        "'1,2', '5,2', true",
        "'-1,2', '2', false",
        "'-1,-1', '1,7', true",
        "'', '', true",
        "'', '1', false"
    })
    void specAcceptsAnyBatchSizeButNoOtherShape(String spec, String actual, boolean accepted) {
        TensorSpec x = new TensorSpec("x", "x:0", DataType.DT_FLOAT, shape(spec));
        assertEquals(accepted, x.accepts(shape(actual)));
    }

    @Test
    void unknownRankAcceptsEveryShape() {
        TensorSpec x = new TensorSpec("x", "x:0", DataType.DT_FLOAT, Shape.unknown());
        assertTrue(x.accepts(Shape.of(1, 2, 3)));
        assertEquals("float32 unknown", x.describe());
    }

    private static Shape shape(String sizes) {
        return sizes.isEmpty()
                ? Shape.scalar()
                : Shape.of(List.of(sizes.split(",")).stream().mapToLong(Long::parseLong).toArray());
    }

    @Test
    void bundleClosesItsTensorsOnce() {
        long before = NamedTensors.open();
        TFloat32 a = TFloat32.scalarOf(1);
        NamedTensors tensors =
                NamedTensors.builder().put("a", a).put("b", TFloat32.scalarOf(2)).build();
        assertEquals(before + 2, NamedTensors.open());
        assertSame(a, tensors.get("a"));
        assertEquals("tensors{a: float32 [], b: float32 []}", tensors.toString());
        tensors.close();
        tensors.close();
        assertTrue(NamedTensors.open() <= before);
        assertThrows(IllegalStateException.class, a::numBytes);
        assertThrows(IllegalStateException.class, () -> tensors.get("a"));
        assertEquals("tensors{a: freed, b: freed}", tensors.toString());
    }

    @Test
    void tensorWithADuplicateNameIsClosed() {
        long before = NamedTensors.open();
        TFloat32 second = TFloat32.scalarOf(2);
        try (NamedTensors.Builder tensors = NamedTensors.builder().put("a", TFloat32.scalarOf(1))) {
            assertThrows(IllegalArgumentException.class, () -> tensors.put("a", second));
            assertThrows(IllegalStateException.class, second::numBytes);
        }
        assertTrue(NamedTensors.open() <= before);
    }

    @Test
    void selectsByNameOrTheOnlyTensor() {
        try (NamedTensors tensors = NamedTensors.of("a", TFloat32.scalarOf(1))) {
            assertSame(tensors.get("a"), tensors.select(null));
        }
        try (NamedTensors tensors =
                NamedTensors.builder()
                        .put("a", TFloat32.scalarOf(1))
                        .put("b", TFloat32.scalarOf(2))
                        .build()) {
            assertSame(tensors.get("b"), tensors.select("b"));
            assertEquals(
                    "name one of the tensors [a, b]",
                    assertThrows(IllegalArgumentException.class, () -> tensors.select(null))
                            .getMessage());
            assertEquals(
                    "no tensor \"c\": there are [a, b]",
                    assertThrows(IllegalArgumentException.class, () -> tensors.select("c"))
                            .getMessage());
        }
    }
}
