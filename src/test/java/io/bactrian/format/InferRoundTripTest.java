package io.bactrian.format;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.bactrian.limit.InsufficientMemoryException;
import io.bactrian.limit.MemoryBudget;
import io.bactrian.tensor.BadInputException;
import io.bactrian.tensor.DType;
import io.bactrian.tensor.NamedTensors;
import io.bactrian.tensor.TensorBuffer;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.types.family.TType;

/** What the Open Inference Protocol's answers say is read again as a request. */
class InferRoundTripTest {

    private static final int TENSORS = 200;

    private final Random random = new Random(2);

    static List<Arguments> dtypesInJsonAndBinary() {
        List<Arguments> all = new ArrayList<>();
        for (DType dtype : DType.values()) {
            all.add(Arguments.of(dtype, false));
            all.add(Arguments.of(dtype, true));
        }
        return all;
    }

    /** Numbers of any bits, in binary data NaNs of any payload too. */
    private TType tensor(DType dtype, Shape shape) {
        TensorBuffer elements = new TensorBuffer(dtype);
        for (long i = 0; i < shape.size(); i++) {
            switch (dtype) {
                case FLOAT32 -> elements.addFloat(random.nextFloat() * random.nextInt());
                case FLOAT64 -> elements.addDouble(random.nextGaussian() * random.nextLong());
                case FLOAT16, BFLOAT16 -> elements.addDouble(random.nextInt(256) / 8.0);
                case UINT8 -> elements.addInteger(random.nextInt(256));
                case UINT16 -> elements.addInteger(random.nextInt(65_536));
                case INT32 -> elements.addInteger(random.nextInt());
                case INT64 -> elements.addInteger(random.nextLong());
                case BOOL -> elements.addBoolean(random.nextBoolean());
                case STRING ->
                        elements.addString(
                                "é\"\\\n€😀"
                                        .substring(0, random.nextInt(6))
                                        .getBytes(StandardCharsets.UTF_8));
            }
        }
        return elements.build(shape);
    }

    private static InferResponse response(Map<String, TType> outputs, boolean isBinary) {
        try (NamedTensors none = NamedTensors.builder().build()) {
            return InferResponseWriter.write(
                    "m", "1", new InferRequest(null, null, none, List.of(), isBinary), outputs);
        }
    }

    /** A request with the outputs of an answer as its inputs. */
    private static byte[] request(InferResponse response) {
        String json = new String(response.body(), 0, response.jsonLength(), StandardCharsets.UTF_8);
        byte[] head = json.replace("\"outputs\":", "\"inputs\" :").getBytes(StandardCharsets.UTF_8);
        assertEquals(response.jsonLength(), head.length);
        byte[] body = response.body().clone();
        System.arraycopy(head, 0, body, 0, head.length);
        return body;
    }

    @ParameterizedTest
    @MethodSource("dtypesInJsonAndBinary")
    void outputIsReadAsAnInput(DType dtype, boolean isBinary) {
        long open = NamedTensors.open();
        for (int i = 0; i < TENSORS; i++) {
            Shape shape = Shape.of(random.nextInt(4), 1 + random.nextInt(3));
            try (TType a = tensor(dtype, shape);
                    TType b = tensor(dtype, Shape.scalar())) {
                InferResponse response = response(Map.of("a", a, "b", b), isBinary);
                assertEquals(isBinary, response.isBinary());
                InferRequest read =
                        isBinary
                                ? InferRequestReader.read(
                                        request(response), response.jsonLength(), bytes -> {})
                                : InferRequestReader.read(request(response), bytes -> {});
                try (NamedTensors inputs = read.inputs()) {
                    assertSame(a, inputs.select("a"));
                    assertSame(b, inputs.select("b"));
                }
            }
        }
        assertEquals(open, NamedTensors.open());
    }

    private static void assertSame(TType expected, TType actual) {
        assertEquals(expected.dataType(), actual.dataType());
        assertEquals(expected.shape(), actual.shape());
        assertArrayEquals(bytes(RawTensors.of(expected)), bytes(RawTensors.of(actual)));
    }

    private static byte[] bytes(ByteBuffer buffer) {
        byte[] bytes = new byte[buffer.remaining()];
        buffer.get(bytes);
        return bytes;
    }

    /** Cut, changed and doubled bytes: an error that is the sender's, and nothing left open. */
    @ParameterizedTest
    @MethodSource("dtypesInJsonAndBinary")
    void mutatedRequestIsRefusedOrRead(DType dtype, boolean isBinary) {
        long open = NamedTensors.open();
        int refused = 0;
        try (TType a = tensor(dtype, Shape.of(3, 2));
                TType b = tensor(dtype, Shape.of(2))) {
            InferResponse response = response(Map.of("a", a, "b", b), isBinary);
            byte[] body = request(response);
            for (int i = 0; i < 20 * TENSORS; i++) {
                byte[] mutated = body.clone();
                for (int k = random.nextInt(3); k >= 0; k--) {
                    int at = random.nextInt(mutated.length);
                    mutated[at] =
                            random.nextBoolean()
                                    ? mutated[random.nextInt(mutated.length)]
                                    : (byte) random.nextInt(256);
                }
                try {
                    InferRequestReader.read(
                                    mutated,
                                    random.nextInt(10) == 0
                                            ? random.nextInt(mutated.length)
                                            : response.jsonLength(),
                                    bytes -> {})
                            .inputs()
                            .close();
                } catch (BadInputException e) {
                    refused++;
                }
            }
        }
        assertTrue(refused > 0);
        assertEquals(open, NamedTensors.open());
    }

    @Test
    void memoryIsReservedBeforeItIsAllocated() {
        MemoryBudget budget = new MemoryBudget(1 << 20);
        String large =
                "{\"inputs\": [{\"name\": \"x\", \"shape\": [100000], \"datatype\": \"FP64\","
                        + " \"data\": ["
                        + "1,".repeat(200_000)
                        + "1]}]}";
        assertThrows(
                InsufficientMemoryException.class,
                () ->
                        InferRequestReader.read(
                                large.getBytes(StandardCharsets.UTF_8),
                                bytes -> budget.reserve("reading", bytes).close()));
    }
}
