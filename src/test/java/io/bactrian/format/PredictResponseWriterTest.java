package io.bactrian.format;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.bactrian.tensor.BadInputException;
import io.bactrian.tensor.DType;
import io.bactrian.tensor.NamedTensors;
import io.bactrian.tensor.NativeMemory;
import io.bactrian.tensor.TensorValues;
import java.nio.FloatBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.types.family.TType;

class PredictResponseWriterTest {

    private static String write(PredictLayout form, NamedTensors outputs) {
        try (outputs) {
            return new String(
                    PredictResponseWriter.write(outputs.asMap(), form), StandardCharsets.UTF_8);
        }
    }

    private static TType tensor(DType dtype, Object value) {
        return TensorValues.toTensor(value, dtype, "value");
    }

    private static NamedTensors named(String name, DType dtype, Object value) {
        return NamedTensors.of(name, tensor(dtype, value));
    }

    private static NamedTensors both(String a, TType first, String b, TType second) {
        return NamedTensors.builder().put(a, first).put(b, second).build();
    }

    @Test
    void rowLayoutListsPredictions() {
        List<List<Integer>> values = List.of(List.of(1, 2), List.of(3, 4));
        assertEquals(
                "{\"predictions\":[[1,2],[3,4]]}",
                write(PredictLayout.ROW, named("y", DType.INT32, values)));
        assertEquals(
                "{\"predictions\":[1.0,2.5]}",
                write(PredictLayout.ROW, named("y", DType.FLOAT32, List.of(1, 2.5))));
        assertEquals(
                "{\"predictions\":[{\"y\":[1,2],\"z\\\"\":true},{\"y\":[3,4],\"z\\\"\":false}]}",
                write(
                        PredictLayout.ROW,
                        both(
                                "y",
                                tensor(DType.INT64, values),
                                "z\"",
                                tensor(DType.BOOL, List.of(true, false)))));
        assertEquals(
                "{\"predictions\":[]}",
                write(PredictLayout.ROW, named("y", DType.INT32, List.of())));
        assertEquals(
                "{\"predictions\":[[],[]]}",
                write(PredictLayout.ROW, named("y", DType.INT32, List.of(List.of(), List.of()))));
    }

    @Test
    void columnLayoutNamesOutputs() {
        assertEquals("{\"outputs\":7}", write(PredictLayout.COLUMN, named("y", DType.UINT8, 7)));
        assertEquals(
                "{\"outputs\":[[1,2]]}",
                write(PredictLayout.COLUMN, named("y", DType.UINT16, List.of(List.of(1, 2)))));
        assertEquals(
                "{\"outputs\":{\"y\":[1,2,3],\"z\":0.5}}",
                write(
                        PredictLayout.COLUMN,
                        both(
                                "y",
                                tensor(DType.INT32, List.of(1, 2, 3)),
                                "z",
                                tensor(DType.FLOAT64, 0.5))));
    }

    @Test
    void rowLayoutRejectsOutputsWithoutRows() {
        BadInputException scalar =
                assertThrows(
                        BadInputException.class,
                        () -> write(PredictLayout.ROW, named("y", DType.FLOAT32, 1)));
        assertEquals("Tensor name: y has no shape information ", scalar.getMessage());
        BadInputException uneven =
                assertThrows(
                        BadInputException.class,
                        () ->
                                write(
                                        PredictLayout.ROW,
                                        both(
                                                "y",
                                                tensor(DType.INT32, List.of(1, 2)),
                                                "z",
                                                tensor(DType.INT32, List.of(1)))));
        assertEquals(
                "Tensor name: z has inconsistent batch size: 1 expecting: 2", uneven.getMessage());
        BadInputException none =
                assertThrows(
                        BadInputException.class,
                        () -> write(PredictLayout.ROW, NamedTensors.builder().build()));
        assertEquals("Cannot convert empty tensor map to JSON", none.getMessage());
    }

    /** TensorFlow Serving's format: %g with 6 digits if they are enough, and .0 for integers. */
    @ParameterizedTest
    @CsvSource({
        "0, 0.0",
        "-0.0, -0.0",
        "1, 1.0",
        "0.1, 0.1",
        "-2.5, -2.5",
        "999999, 999999.0",
        "1e6, 1e+06",
        "9000000, 9e+06",
        "1234567, 1234567.0",
        "16777216, 16777216.0",
        "1234567936, 1.234568e+09",
        "0.0001, 0.0001",
        "0.00003, 3e-05",
        "0.0000123456, 1.23456e-05",
        "0.33333334, 0.33333334",
        "123.25, 123.25",
        "3.4028235e38, 3.4028235e+38",
        "1.4e-45, 1e-45",
        "1.17549435e-38, 1.1754944e-38",
        "NaN, NaN",
        "Infinity, Infinity",
        "-Infinity, -Infinity"
    })
    void float32IsShortestDecimal(float value, String text) {
        assertEquals(
                "{\"outputs\":" + text + "}",
                write(PredictLayout.COLUMN, named("y", DType.FLOAT32, value)));
    }

    @ParameterizedTest
    @CsvSource({
        "0.1, 0.1",
        "0.30000000000000004, 0.30000000000000004",
        "123456789, 123456789.0",
        "1e100, 1e+100",
        "1e15, 1e+15",
        "1.7976931348623157e308, 1.7976931348623157e+308",
        "4.9e-324, 5e-324",
        "9007199254740993, 9007199254740992.0",
        "12345678901234567, 12345678901234568.0",
        "0.00012345678, 0.00012345678",
        "-1.5e-7, -1.5e-07",
        "2e23, 2e+23"
    })
    void float64IsShortestDecimal(double value, String text) {
        assertEquals(
                "{\"outputs\":" + text + "}",
                write(PredictLayout.COLUMN, named("y", DType.FLOAT64, value)));
    }

    @Test
    void integersHalfFloatsAndBooleansAreWritten() {
        assertEquals(
                "{\"outputs\":[-9223372036854775808,9223372036854775807,0,10]}",
                write(
                        PredictLayout.COLUMN,
                        named("y", DType.INT64, List.of(Long.MIN_VALUE, Long.MAX_VALUE, 0, 10))));
        assertEquals(
                "{\"outputs\":[0,255]}",
                write(PredictLayout.COLUMN, named("y", DType.UINT8, List.of(0, 255))));
        assertEquals(
                "{\"outputs\":[0,65535]}",
                write(PredictLayout.COLUMN, named("y", DType.UINT16, List.of(0, 65535))));
        assertEquals(
                "{\"outputs\":[0.099975586,65504.0,NaN]}",
                write(
                        PredictLayout.COLUMN,
                        named("y", DType.FLOAT16, List.of(0.1, 65504, Double.NaN))));
        assertEquals(
                "{\"outputs\":[0.100097656,-Infinity]}",
                write(
                        PredictLayout.COLUMN,
                        named("y", DType.BFLOAT16, List.of(0.1, Double.NEGATIVE_INFINITY))));
    }

    @Test
    void stringsAreTextOrBase64() {
        byte[] raw = {(byte) 0xff, 'a'};
        assertEquals(
                "{\"outputs\":[\"a\\\"\\\\/\\b\\f\\n\\r\\t\\u0000\\u001F\u007f é😀\",{\"b64\":\"/2E=\"}]}",
                write(
                        PredictLayout.COLUMN,
                        named(
                                "text",
                                DType.STRING,
                                List.of("a\"\\/\b\f\n\r\t\0\u001f\u007f é😀", raw))));
        assertEquals(
                "{\"predictions\":[{\"b64\":\"aGk=\"},{\"b64\":\"\"}]}",
                write(PredictLayout.ROW, named("image_bytes", DType.STRING, List.of("hi", ""))));
    }

    /** The suffix has no effect on numeric outputs. */
    @Test
    void bytesSuffixMattersForStringsOnly() {
        assertEquals(
                "{\"outputs\":1}", write(PredictLayout.COLUMN, named("n_bytes", DType.INT32, 1)));
    }

    @Test
    void jacksonReadsBackTheSameFloats() throws Exception {
        Random random = new Random(8);
        TType tensor = DType.FLOAT32.allocate(Shape.of(20, 50, 3));
        FloatBuffer floats = NativeMemory.of(tensor).asFloatBuffer();
        while (floats.hasRemaining()) {
            float value = Float.intBitsToFloat(random.nextInt());
            floats.put(Float.isFinite(value) ? value : 0);
        }
        try (NamedTensors outputs = NamedTensors.of("y", tensor)) {
            Object expected = TensorValues.toJava(tensor);
            byte[] json = PredictResponseWriter.write(outputs.asMap(), PredictLayout.ROW);
            Map<String, List<List<List<Float>>>> read =
                    new ObjectMapper().readValue(json, new TypeReference<>() {});
            assertEquals(expected, read.get("predictions"));
        }
    }
}
