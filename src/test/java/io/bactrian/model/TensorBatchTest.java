package io.bactrian.model;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.bactrian.tensor.DType;
import io.bactrian.tensor.NamedTensors;
import io.bactrian.tensor.NativeMemory;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.ndarray.buffer.DataBuffers;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.TInt32;
import org.tensorflow.types.TString;
import org.tensorflow.types.family.TType;

class TensorBatchTest {

    private final List<TType> made = new ArrayList<>();
    private long open;

    @BeforeEach
    void count() {
        open = NamedTensors.open();
    }

    @AfterEach
    void noTensorStaysOpen() {
        made.forEach(TType::close);
        assertTrue(NamedTensors.open() <= open);
    }

    private Map<String, TType> member(TType tensor) {
        made.add(tensor);
        return Map.of("x", tensor);
    }

    private static TType ints(long[] sizes, int... values) {
        return TInt32.tensorOf(Shape.of(sizes), DataBuffers.of(values));
    }

    private static TType strings(long[] sizes, String... values) {
        return TString.tensorOf(Shape.of(sizes), DataBuffers.ofObjects(values));
    }

    private static int[] ints(TType tensor) {
        int[] values = new int[(int) tensor.shape().size()];
        NativeMemory.of(tensor).asIntBuffer().get(values);
        return values;
    }

    private static List<String> strings(TType tensor) {
        List<String> values = new ArrayList<>();
        ((TString) tensor).scalars().forEach(scalar -> values.add(scalar.getObject()));
        return values;
    }

    @ParameterizedTest
    @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "STRING")
    void rowsOfEveryDtypeSurviveJoinAndSplit(DType dtype) {
        List<Map<String, TType>> members = new ArrayList<>();
        int[] rows = {1, 3, 2};
        for (int i = 0; i < rows.length; i++) {
            TType tensor = dtype.allocate(Shape.of(rows[i], 2, 3));
            ByteBuffer memory = NativeMemory.of(tensor);
            while (memory.hasRemaining()) {
                memory.put((byte) (17 * i + memory.position()));
            }
            members.add(member(tensor));
        }
        try (NamedTensors joined = TensorBatch.join(members, 6, Map.of())) {
            assertEquals(Shape.of(6, 2, 3), joined.get("x").shape());
            assertNull(TensorBatch.problem(joined, 6));
            List<NamedTensors> parts = TensorBatch.split(joined, rows);
            for (int i = 0; i < rows.length; i++) {
                try (NamedTensors part = parts.get(i)) {
                    assertEquals(Shape.of(rows[i], 2, 3), part.get("x").shape());
                    assertEquals(
                            NativeMemory.of(members.get(i).get("x")),
                            NativeMemory.of(part.get("x")));
                }
            }
        }
    }

    @Test
    void stringsSurviveJoinAndSplit() {
        List<Map<String, TType>> members =
                List.of(
                        member(strings(new long[] {1, 2}, "a", "")),
                        member(strings(new long[] {2, 2}, "é", "long ".repeat(50), "c", "d")));
        try (NamedTensors joined = TensorBatch.join(members, 4, Map.of())) {
            assertEquals(
                    List.of("a", "", "é", "long ".repeat(50), "c", "d", "c", "d"),
                    strings(joined.get("x")));
            List<NamedTensors> parts = TensorBatch.split(joined, new int[] {1, 2});
            assertEquals(List.of("a", ""), strings(parts.get(0).get("x")));
            assertEquals(
                    List.of("é", "long ".repeat(50), "c", "d"), strings(parts.get(1).get("x")));
            parts.forEach(NamedTensors::close);
        }
    }

    @Test
    void lastRowIsRepeatedToTheAllowedSize() {
        List<Map<String, TType>> members =
                List.of(
                        member(ints(new long[] {1, 2}, 1, 2)),
                        member(ints(new long[] {1, 2}, 3, 4)));
        try (NamedTensors joined = TensorBatch.join(members, 4, Map.of())) {
            assertArrayEquals(new int[] {1, 2, 3, 4, 3, 4, 3, 4}, ints(joined.get("x")));
            List<NamedTensors> parts = TensorBatch.split(joined, new int[] {1, 1});
            assertArrayEquals(new int[] {3, 4}, ints(parts.get(1).get("x")));
            parts.forEach(NamedTensors::close);
        }
    }

    @Test
    void shorterRowsArePaddedAtTheEnd() {
        List<Map<String, TType>> members =
                List.of(
                        member(ints(new long[] {2, 1, 2}, 1, 2, 3, 4)),
                        member(ints(new long[] {1, 2, 1}, 5, 6)));
        byte[] minusOne = PaddingElement.of(DType.INT32, "-1");
        try (NamedTensors joined = TensorBatch.join(members, 3, Map.of("x", minusOne))) {
            assertEquals(Shape.of(3, 2, 2), joined.get("x").shape());
            assertArrayEquals(
                    new int[] {1, 2, -1, -1, 3, 4, -1, -1, 5, -1, 6, -1}, ints(joined.get("x")));
        }
        List<Map<String, TType>> texts =
                List.of(
                        member(strings(new long[] {1, 1}, "a")),
                        member(strings(new long[] {1, 2}, "b", "c")));
        byte[] pad = PaddingElement.of(DType.STRING, "[PAD]");
        try (NamedTensors joined = TensorBatch.join(texts, 2, Map.of("x", pad))) {
            assertEquals(List.of("a", "[PAD]", "b", "c"), strings(joined.get("x")));
        }
    }

    @Test
    void emptyRowsAreSupported() {
        List<Map<String, TType>> members =
                List.of(member(ints(new long[] {1, 0})), member(ints(new long[] {2, 0})));
        try (NamedTensors joined = TensorBatch.join(members, 3, Map.of())) {
            assertEquals(Shape.of(3, 0), joined.get("x").shape());
            List<NamedTensors> parts = TensorBatch.split(joined, new int[] {1, 2});
            assertEquals(Shape.of(2, 0), parts.get(1).get("x").shape());
            parts.forEach(NamedTensors::close);
        }
    }

    @Test
    void outputsThatAreNotRowsAreAProblem() {
        try (NamedTensors outputs =
                NamedTensors.builder()
                        .put("a", ints(new long[] {2}, 1, 2))
                        .put("b", TFloat32.scalarOf(1))
                        .build()) {
            assertEquals("output \"a\" has shape [2] for 3 rows", TensorBatch.problem(outputs, 3));
            assertEquals("output \"b\" has shape [] for 2 rows", TensorBatch.problem(outputs, 2));
        }
    }

    @Test
    void paddingValueIsConvertedToTheDtype() {
        assertArrayEquals(new byte[] {(byte) 200}, PaddingElement.of(DType.UINT8, "200"));
        assertArrayEquals(new byte[4], PaddingElement.of(DType.FLOAT32, ""));
        assertArrayEquals(new byte[] {1}, PaddingElement.of(DType.BOOL, "true"));
        assertArrayEquals(new byte[] {0, 0x3c}, PaddingElement.of(DType.FLOAT16, "1"));
        assertArrayEquals(new byte[] {(byte) 0x80, 0x3f}, PaddingElement.of(DType.BFLOAT16, "1"));
        for (Map.Entry<DType, String> wrong :
                Map.of(
                                DType.INT64, "1.5",
                                DType.UINT8, "256",
                                DType.FLOAT32, "[PAD]",
                                DType.BOOL, "1")
                        .entrySet()) {
            assertThrows(
                    IllegalArgumentException.class,
                    () -> PaddingElement.of(wrong.getKey(), wrong.getValue()));
        }
    }
}
