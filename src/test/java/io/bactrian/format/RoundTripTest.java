package io.bactrian.format;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.bactrian.tensor.DType;
import io.bactrian.tensor.NamedTensors;
import io.bactrian.tensor.NumericElements;
import io.bactrian.tensor.StringTensors;
import io.bactrian.tensor.TensorBuffer;
import io.bactrian.tensor.TensorSpec;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.apache.camel.Exchange;
import org.apache.camel.impl.DefaultCamelContext;
import org.apache.camel.support.DefaultExchange;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.types.family.TType;

/** For every format and dtype, tensor → bytes → tensor is the identity. */
class RoundTripTest {

    private static final int TENSORS = 200;

    /** Characters that CSV or JSON must quote, of one to four bytes. */
    private static final String[] CHARACTERS = {
        "a", " ", ",", "\"", "\n", "\r", "\\", "é", "€", "😀", "1", "\t"
    };

    private final Random random = new Random(14);

    static List<Arguments> formatsAndDtypes() {
        List<Arguments> all = new ArrayList<>();
        for (DType dtype : DType.values()) {
            all.add(Arguments.of(new JsonLinesFormat(), dtype));
            all.add(Arguments.of(new JsonSequenceFormat(), dtype));
            all.add(Arguments.of(new CsvFormat(), dtype));
            // numpy has no bfloat16.
            if (dtype != DType.BFLOAT16) {
                all.add(Arguments.of(new NpyFormat(), dtype));
                all.add(Arguments.of(new NpzFormat(), dtype));
            }
        }
        return all;
    }

    @ParameterizedTest
    @MethodSource("formatsAndDtypes")
    void tensorIsReadAsItWasWritten(WireFormat format, DType dtype) throws Exception {
        long open = NamedTensors.open();
        try (DefaultCamelContext context = new DefaultCamelContext()) {
            for (int i = 0; i < TENSORS; i++) {
                boolean isMatrix = random.nextBoolean();
                Shape shape =
                        isMatrix
                                ? Shape.of(1 + random.nextInt(4), 1 + random.nextInt(4))
                                : Shape.of(1 + random.nextInt(9));
                Shape declared = isMatrix ? Shape.of(-1, -1) : Shape.of(-1);
                TensorSpec spec = new TensorSpec("x", "x:0", dtype.dataType(), declared);
                try (TType tensor = random(dtype, shape)) {
                    byte[] bytes = format.write(Map.of("x", tensor), PredictLayout.ROW);
                    Exchange exchange = new DefaultExchange(context);
                    PredictRequest request =
                            format.read(
                                    exchange,
                                    bytes,
                                    signature -> Map.of("x", spec),
                                    new ReadingMemory(exchange));
                    try (NamedTensors read = request.inputs()) {
                        assertSame(tensor, read.select(null), dtype);
                    }
                }
            }
        }
        assertEquals(open, NamedTensors.open());
    }

    @Test
    void npzHoldsSeveralTensors() throws Exception {
        NpzFormat format = new NpzFormat();
        Map<String, TensorSpec> specs =
                Map.of(
                        "a", new TensorSpec("a", "a:0", DType.INT64.dataType(), Shape.of(-1)),
                        "b", new TensorSpec("b", "b:0", DType.STRING.dataType(), Shape.of(-1)));
        try (DefaultCamelContext context = new DefaultCamelContext();
                TType a = random(DType.INT64, Shape.of(5));
                TType b = random(DType.STRING, Shape.of(3))) {
            byte[] bytes = format.write(Map.of("a", a, "b", b), PredictLayout.ROW);
            Exchange exchange = new DefaultExchange(context);
            try (NamedTensors read =
                    format.read(exchange, bytes, any -> specs, new ReadingMemory(exchange))
                            .inputs()) {
                assertSame(a, read.get("a"), DType.INT64);
                assertSame(b, read.get("b"), DType.STRING);
            }
        }
    }

    private TType random(DType dtype, Shape shape) {
        TensorBuffer elements = new TensorBuffer(dtype);
        for (long i = 0; i < shape.size(); i++) {
            switch (dtype) {
                case FLOAT32 -> elements.addFloat(randomFloat());
                case FLOAT64 -> elements.addDouble(randomDouble());
                case FLOAT16, BFLOAT16 -> elements.addDouble(random.nextInt(256) / 8.0);
                case UINT8 -> elements.addInteger(random.nextInt(256));
                case UINT16 -> elements.addInteger(random.nextInt(65_536));
                case INT32 -> elements.addInteger(random.nextInt());
                case INT64 -> elements.addInteger(random.nextLong());
                case BOOL -> elements.addBoolean(random.nextBoolean());
                case STRING -> elements.addString(randomText());
            }
        }
        return elements.build(shape);
    }

    private float randomFloat() {
        float value = Float.intBitsToFloat(random.nextInt());
        return Float.isNaN(value) ? Float.NaN : value;
    }

    private double randomDouble() {
        double value = Double.longBitsToDouble(random.nextLong());
        return Double.isNaN(value) ? Double.NEGATIVE_INFINITY : value;
    }

    private byte[] randomText() {
        StringBuilder text = new StringBuilder();
        for (int i = random.nextInt(6); i > 0; i--) {
            text.append(CHARACTERS[random.nextInt(CHARACTERS.length)]);
        }
        return text.toString().getBytes(StandardCharsets.UTF_8);
    }

    private static void assertSame(TType expected, TType actual, DType dtype) {
        assertEquals(expected.shape(), actual.shape());
        assertEquals(dtype, DType.of(actual));
        if (dtype == DType.STRING) {
            assertArrayEquals(StringTensors.bytes(expected), StringTensors.bytes(actual));
            return;
        }
        NumericElements want = NumericElements.of(expected);
        NumericElements got = NumericElements.of(actual);
        for (int i = 0; i < want.size(); i++) {
            assertEquals(want.exact(i), got.exact(i));
        }
    }
}
