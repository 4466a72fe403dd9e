package io.bactrian.format;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.bactrian.pipeline.PipelineFaultException;
import io.bactrian.tensor.BadInputException;
import io.bactrian.tensor.DType;
import io.bactrian.tensor.TensorSpec;
import io.bactrian.tensor.TensorValues;
import io.bactrian.testing.Signatures;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import org.bytedeco.javacpp.Pointer;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.types.family.TType;

class NpyTest {

    /** Loading TensorFlow creates pointers that are never freed. */
    @BeforeAll
    static void loadTensorFlow() {
        DType.FLOAT32.allocate(Shape.of(1)).close();
    }

    /**
     * {@return a file as numpy.lib.format.write_array writes it, with headers and data of numpy}
     */
    private static byte[] npy(int version, String header, String hexData) {
        int prefix = version == 1 ? 10 : 12;
        int length = header.length() + 1;
        length += (64 - (prefix + length) % 64) % 64;
        ByteArrayOutputStream file = new ByteArrayOutputStream();
        file.write(0x93);
        file.writeBytes("NUMPY".getBytes(StandardCharsets.US_ASCII));
        file.write(version);
        file.write(0);
        for (int i = 0; i < prefix - 8; i++) {
            file.write(length >> 8 * i);
        }
        file.writeBytes(header.getBytes(StandardCharsets.US_ASCII));
        file.writeBytes(
                " ".repeat(length - 1 - header.length()).getBytes(StandardCharsets.US_ASCII));
        file.write('\n');
        file.writeBytes(HexFormat.of().parseHex(hexData));
        return file.toByteArray();
    }

    private static String header(String descr, boolean fortran, String shape) {
        return "{'descr': '"
                + descr
                + "', 'fortran_order': "
                + (fortran ? "True" : "False")
                + ", 'shape': "
                + shape
                + ", }";
    }

    private static String read(byte[] file) {
        try (TType tensor = NpyReader.read(file)) {
            return DType.of(tensor)
                    + TensorSpec.format(tensor.shape())
                    + "="
                    + TensorValues.toJava(tensor);
        }
    }

    /** The garbage collector may have freed objects of other tests meanwhile. */
    private static void nothingLeft(long before) {
        long now = Pointer.totalCount();
        assertTrue(now <= before, () -> now + " native objects, before " + before);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = ';',
            value = {
                "1;<f4;False;(2, 3);000000000000803e0000003f0000403f0000803f0000a03f"
                        + ";float32[2, 3]=[[0.0, 0.25, 0.5], [0.75, 1.0, 1.25]]",
                "1;>f4;True;(2, 3);000000003f4000003e8000003f8000003f0000003fa00000"
                        + ";float32[2, 3]=[[0.0, 0.25, 0.5], [0.75, 1.0, 1.25]]",
                "1;|u1;True;(2, 1, 3);000301040205;uint8[2, 1, 3]=[[[0, 1, 2]], [[3, 4, 5]]]",
                "1;>i8;False;(2,);ffffffffffffffff0000010000000000"
                        + ";int64[2]=[-1, 1099511627776]",
                "1;<i4;False;(1,);feffffff;int32[1]=[-2]",
                "2;<u2;False;(2,);0100ffff;uint16[2]=[1, 65535]",
                "3;<f8;False;();000000000000f03f;float64[]=1.0",
                "1;<f2;False;();662e;float16[]=0.099975586",
                "1;|b1;False;(1, 3);000102;bool[1, 3]=[[false, true, true]]",
                "1;<f8;False;(0, 3);'';float64[0, 3]=[]",
                "1;|S3;False;(2,);616200000000;string[2]=[ab, ]",
                "1;>U2;True;(1, 2);000000e9000000000001f60000000078;string[1, 2]=[[é, 😀x]]",
            })
    void readsEveryDtypeAndLayout(
            int version, String descr, String fortran, String shape, String data, String expected) {
        String header = header(descr, fortran.equals("True"), shape);
        assertEquals(expected, read(npy(version, header, data)));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = ';',
            value = {
                "|O;(1,);00;dtype |O: Python objects are not read",
                "|i1;(1,);00;dtype |i1: TensorFlow Java has no such tensor: save it as int32 or"
                        + " int64",
                "<u4;(1,);00000000;dtype <u4: TensorFlow Java has no such tensor: save it as int32"
                        + " or int64",
                "<c8;(1,);00;dtype <c8: one of f2, f4, f8, u1, u2, i4, i8, b1, S, U",
                "<M8[s];(1,);00;dtype <M8[s]: one of f2, f4, f8, u1, u2, i4, i8, b1, S, U",
                "|S0;(1,);'';dtype |S0: one of f2, f4, f8, u1, u2, i4, i8, b1, S, U",
                "<f4;(2,);00000000;4 bytes of data, expected 8 by its header",
                "<f4;(1,);0000000000;5 bytes of data, expected 4 by its header",
                "<f4;(99999, 99999);00;more than 2^31 elements",
                "<f4;(0, 99999, 99999);'';more than 2^31 elements",
                "<f4;(99999999999999999999,);00;more than 2^31 elements",
                "<f4;(-1,);00;its header has no proper shape",
                "<f4;5;00;its header has no proper shape",
                "<f4;(64 64,);00;its header has no proper shape",
                "<f4;(L,);00;its header has no proper shape",
                "<f4;(1L1,);00;its header has no proper shape",
                "<f4;(1,,1);00;its header has no proper shape",
                "<f4;(2 3);00;its header has no proper shape",
                "<f4;(2,,);00;its header has no proper shape",
                "<f4;(,);00;its header has no proper shape",
                "<f4;(,2);00;its header has no proper shape",
                "<f4;(2, x);00;its header has no proper shape",
                "<f4;(2, 3;00;its header has no proper shape",
                "<f4;(1LL,);00;its header has no proper shape",
                "<U1;(1,);00001100;a text has a character that Unicode has not",
                "<U1;(1,);00d80000;a text has a character that Unicode has not",
            })
    void invalidFilesReportTheirFault(String descr, String shape, String data, String fault) {
        byte[] file = npy(1, header(descr, false, shape), data);
        long open = Pointer.totalCount();
        BadInputException error = assertThrows(BadInputException.class, () -> read(file));
        assertEquals("not a readable .npy: " + fault, error.getMessage());
        nothingLeft(open);
    }

    /** Digits that can be split in many ways, which a regular expression would all try. */
    @Test
    void unterminatedShapeIsRejectedWithoutBacktracking() {
        for (String shape : List.of("(" + "1".repeat(50_000), "(" + "1,".repeat(20_000) + "x)")) {
            byte[] file = npy(1, header("<f4", false, shape), "00");
            BadInputException error =
                    assertTimeoutPreemptively(
                            Duration.ofSeconds(10),
                            () -> assertThrows(BadInputException.class, () -> read(file)));
            assertEquals("not a readable .npy: its header has no proper shape", error.getMessage());
        }
        byte[] manyDimensions = npy(1, header("<f4", false, "(" + "1,".repeat(20_000) + ")"), "00");
        BadInputException error = assertThrows(BadInputException.class, () -> read(manyDimensions));
        assertEquals("not a readable .npy: more than 254 dimensions", error.getMessage());
    }

    @Test
    void filesThatAreNotNpyAreRejected() {
        byte[] good = npy(1, header("<f4", false, "(1,)"), "00000000");
        for (int length = 0; length < good.length; length++) {
            byte[] cut = Arrays.copyOf(good, length);
            assertThrows(BadInputException.class, () -> read(cut));
        }
        assertThrows(
                BadInputException.class,
                () -> read(npy(4, header("<f4", false, "(1,)"), "00000000")));
        String structured = "{'descr': [('a', '<i4')], 'fortran_order': False, 'shape': (1,), }";
        BadInputException error =
                assertThrows(BadInputException.class, () -> read(npy(1, structured, "00000000")));
        assertEquals("not a readable .npy: structured dtypes are not read", error.getMessage());
    }

    /** The file is byte-identical to numpy's. */
    @Test
    void writesTheSameBytesAsNumpy() {
        try (TType matrix =
                        TensorValues.toTensor(
                                List.of(List.of(1, 2, 3), List.of(4, 5, 6)), DType.UINT8, "x");
                TType vector = TensorValues.toTensor(List.of(-1L), DType.INT64, "x");
                TType scalar = TensorValues.toTensor(true, DType.BOOL, "x");
                TType strings = TensorValues.toTensor(List.of("ab", "é", ""), DType.STRING, "x")) {
            assertArrayEquals(
                    npy(1, header("|u1", false, "(2, 3)"), "010203040506"),
                    NpyWriter.write(matrix));
            assertArrayEquals(
                    npy(1, header("<i8", false, "(1,)"), "ffffffffffffffff"),
                    NpyWriter.write(vector));
            assertArrayEquals(npy(1, header("|b1", false, "()"), "01"), NpyWriter.write(scalar));
            assertArrayEquals(
                    npy(1, header("|S2", false, "(3,)"), "6162c3a90000"), NpyWriter.write(strings));
        }
    }

    @ParameterizedTest
    @CsvSource({"FLOAT16", "FLOAT32", "FLOAT64", "UINT8", "UINT16", "INT32", "INT64"})
    void readsWhatItWrites(DType dtype) {
        List<List<List<Integer>>> values = List.of(List.of(List.of(0, 1), List.of(2, 200)));
        try (TType tensor = TensorValues.toTensor(values, dtype, "x");
                TType again = NpyReader.read(NpyWriter.write(tensor))) {
            assertEquals(DType.of(tensor), DType.of(again));
            assertEquals(tensor.shape(), again.shape());
            assertEquals(TensorValues.toJava(tensor), TensorValues.toJava(again));
        }
    }

    /** Sizes for which a pattern with nested quantifiers would take exponential time. */
    @Test
    void oversizedHeaderIsRejected() {
        for (String shape :
                List.of(
                        "(" + "1".repeat(50_000) + "x,)",
                        "(" + "1 ".repeat(20_000) + ")",
                        "(" + "1,".repeat(20_000) + ")")) {
            byte[] file = npy(1, header("<f4", false, shape), "00000000");
            assertThrows(BadInputException.class, () -> read(file));
        }
        byte[] longer = npy(2, header("<f4", false, "(1,)") + " ".repeat(70_000), "00000000");
        BadInputException error = assertThrows(BadInputException.class, () -> read(longer));
        assertTrue(error.getMessage().startsWith("not a readable .npy: a header of 700"));
    }

    @Test
    void sizesWithPython2SuffixAreRead() {
        assertEquals(
                "float32[1, 1]=[[0.0]]",
                read(npy(1, header("<f4", false, "(1L, 1L)"), "00000000")));
    }

    /** With any byte changed at random, the file is read or an error says what is wrong. */
    @Test
    void corruptedFilesAreReadOrRejected() {
        byte[] good = npy(1, header("<f4", true, "(2, 3)"), "00".repeat(24));
        Random random = new Random(8);
        long open = Pointer.totalCount();
        for (int i = 0; i < 50_000; i++) {
            byte[] changed = good.clone();
            for (int change = random.nextInt(3); change >= 0; change--) {
                changed[random.nextInt(changed.length)] = (byte) random.nextInt(256);
            }
            try {
                read(changed);
            } catch (BadInputException e) {
                assertTrue(e.getMessage().startsWith("not a readable .npy: "), e.getMessage());
            }
        }
        nothingLeft(open);
    }

    /** numpy has no bfloat16; float32 represents the same values. */
    @Test
    void writesBfloat16AsFloat32() {
        List<Double> values = List.of(1.0, -0.0, 0.100097656, 3.3895314e38, Double.NaN);
        try (TType half = TensorValues.toTensor(values, DType.BFLOAT16, "x")) {
            assertEquals(
                    "float32[5]=[1.0, -0.0, 0.100097656, 3.3895314E38, NaN]",
                    read(NpyWriter.write(half)));
        }
    }

    @Test
    void stringsThatNumpyWouldTruncateAreRejected() {
        try (TType cut = TensorValues.toTensor("a\0", DType.STRING, "x")) {
            IllegalArgumentException error =
                    assertThrows(IllegalArgumentException.class, () -> NpyWriter.write(cut));
            assertEquals("a string that ends with NUL", error.getMessage());
        }
    }

    @Test
    void modelsWithTheSameInputsShareAFormat() {
        NpyFormat npy = new NpyFormat();
        npy.bindInputs(
                List.of(Signatures.inputs("x float32 -1 4"), Signatures.inputs("x float32 -1 4")));

        PipelineFaultException fault =
                assertThrows(
                        PipelineFaultException.class,
                        () ->
                                npy.bindInputs(
                                        List.of(
                                                Signatures.inputs("x float32 -1 4"),
                                                Signatures.inputs("x float32 -1 5"))));
        assertTrue(fault.getMessage().startsWith("makes the inputs of one signature"));
    }
}
