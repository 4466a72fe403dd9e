package io.bactrian.preprocess;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.ByteString;
import io.bactrian.limit.InsufficientMemoryException;
import io.bactrian.limit.MemoryBudget;
import io.bactrian.pipeline.ExchangeMemory;
import io.bactrian.pipeline.ExchangeTensors;
import io.bactrian.pipeline.ItemErrors;
import io.bactrian.pipeline.PipelineFaultException;
import io.bactrian.pipeline.RejectedItems;
import io.bactrian.pipeline.RequestItems;
import io.bactrian.tensor.BadInputException;
import io.bactrian.tensor.NamedTensors;
import io.bactrian.tensor.StringTensors;
import io.bactrian.testing.Exchanges;
import io.bactrian.testing.Signatures;
import io.bactrian.testing.TfRecords;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.apache.camel.Exchange;
import org.apache.camel.impl.DefaultCamelContext;
import org.apache.camel.support.DefaultExchange;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.proto.BytesList;
import org.tensorflow.proto.Example;
import org.tensorflow.proto.Feature;
import org.tensorflow.proto.Features;
import org.tensorflow.proto.FloatList;
import org.tensorflow.types.family.TType;

class FilesPreprocessorTest {

    private static final byte[] A = {(byte) 0xff, (byte) 0xd8, 0, 1};
    private static final byte[] B = {2};
    private static final String JSON = "application/json";
    private static final String EXAMPLE = "application/x-tfexample";

    private final long open = NamedTensors.open();
    private final DefaultCamelContext context = new DefaultCamelContext();
    private final FilesPreprocessor files = new FilesPreprocessor();

    @AfterEach
    void everyTensorIsClosed() {
        context.stop();
        assertEquals(open, NamedTensors.open());
    }

    /** The files of a request, and whether they are a list. */
    private record Made(List<byte[]> files, Shape shape, boolean list) {}

    private Made run(Object body, String contentType, Consumer<Exchange> check) {
        Exchange exchange = new DefaultExchange(context);
        exchange.getMessage().setBody(body);
        exchange.getMessage().setHeader(Exchange.CONTENT_TYPE, contentType);
        try {
            files.process(exchange);
            check.accept(exchange);
            try (NamedTensors.Reference tensors = ExchangeTensors.read(exchange)) {
                TType tensor = tensors.select(null);
                return new Made(
                        List.of(StringTensors.bytes(tensor)),
                        tensor.shape(),
                        RequestItems.isList(exchange));
            }
        } finally {
            Exchanges.done(exchange);
        }
    }

    private Made run(Object body, String contentType) {
        return run(body, contentType, exchange -> {});
    }

    private String refusal(Object body, String contentType) {
        return assertThrows(BadInputException.class, () -> run(body, contentType)).getMessage();
    }

    private static String base64(byte[] bytes) {
        return Base64.getEncoder().encodeToString(bytes);
    }

    private static byte[] example(String feature, byte[]... values) {
        BytesList.Builder list = BytesList.newBuilder();
        for (byte[] value : values) {
            list.addValue(ByteString.copyFrom(value));
        }
        return example(feature, Feature.newBuilder().setBytesList(list).build());
    }

    private static byte[] example(String feature, Feature value) {
        return Example.newBuilder()
                .setFeatures(Features.newBuilder().putFeature(feature, value))
                .build()
                .toByteArray();
    }

    private static byte[] form(byte[] file) {
        byte[] head =
                ("--x\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a\"\r\n\r\n")
                        .getBytes(StandardCharsets.US_ASCII);
        byte[] end = "\r\n--x--\r\n".getBytes(StandardCharsets.US_ASCII);
        byte[] form = Arrays.copyOf(head, head.length + file.length + end.length);
        System.arraycopy(file, 0, form, head.length, file.length);
        System.arraycopy(end, 0, form, head.length + file.length, end.length);
        return form;
    }

    @Test
    void oneFileIsTheSameHoweverItIsSent() {
        for (Made made :
                List.of(
                        run(A, "image/jpeg"),
                        run(A, "application/octet-stream"),
                        run(base64(A), "text/plain"),
                        run(Map.of("file", base64(A)), JSON),
                        run(Map.of("file", Map.of("b64", base64(A))), JSON),
                        run(form(A), "multipart/form-data; boundary=x"),
                        run(example("file", A), EXAMPLE))) {
            assertEquals(1, made.files().size());
            assertArrayEquals(A, made.files().get(0));
            assertEquals(Shape.of(1), made.shape());
            assertEquals(false, made.list());
        }
    }

    @Test
    void severalFilesAreOneTensorInTheirOrder() {
        for (Made made :
                List.of(
                        run(List.of(base64(A), base64(B)), JSON),
                        run(Map.of("file", List.of(base64(A), base64(B))), JSON),
                        run(example("file", A, B), EXAMPLE),
                        run(
                                TfRecords.of(example("file", A), example("file", B)),
                                "application/x-tfrecord"))) {
            assertArrayEquals(A, made.files().get(0));
            assertArrayEquals(B, made.files().get(1));
            assertEquals(Shape.of(2), made.shape());
            assertTrue(made.list());
        }
        assertTrue(run(TfRecords.of(example("file", A)), EXAMPLE).list());
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {"x string -1 | [1]", "x string | []", "x string -1 1 | [1, 1]"})
    void tensorHasTheRankThatTheModelTakes(String input, String shape) {
        files.bindInputs(List.of(Signatures.inputs(input)));
        assertEquals(shape, run(A, "image/jpeg").shape().toString());
    }

    @Test
    void modelOfOneFileTakesNoList() {
        files.bindInputs(List.of(Signatures.inputs("x string")));
        assertEquals(
                "the request has 2 files, but the model takes one at a time",
                refusal(List.of(base64(A), base64(B)), JSON));
    }

    @Test
    void modelOfNumbersIsRefusedAtStart() {
        assertTrue(
                assertThrows(
                                PipelineFaultException.class,
                                () -> files.bindInputs(List.of(Signatures.inputs("x float32 -1"))))
                        .getMessage()
                        .startsWith("dtype is string, but input \"x\""));
    }

    @Test
    void errorsNameTheFile() {
        assertEquals("the body is empty", refusal(new byte[0], "image/jpeg"));
        assertEquals("missing field \"file\"", refusal(Map.of("image", base64(A)), JSON));
        assertEquals("body[1] is empty", refusal(List.of(base64(A), ""), JSON));
        assertEquals("field \"file\" is not base64", refusal(Map.of("file", "?"), JSON));
        files.setMaxFiles(1);
        assertEquals(
                "body has 2 files, the most are 1", refusal(List.of(base64(A), base64(B)), JSON));
        assertEquals(
                "the body has 2 files, the most are 1", refusal(example("file", A, B), EXAMPLE));
    }

    @Test
    void errorsNameTheFeature() {
        assertEquals(
                "feature \"file\" of the body is missing",
                refusal(example("image/encoded", A), EXAMPLE));
        assertEquals(
                "feature \"file\" of the body is empty, expected a file",
                refusal(example("file", new byte[0][]), EXAMPLE));
        Feature numbers =
                Feature.newBuilder().setFloatList(FloatList.newBuilder().addValue(1)).build();
        assertEquals(
                "feature \"file\" of record 1 holds numbers, expected the bytes of a file",
                refusal(TfRecords.of(example("file", A), example("file", numbers)), EXAMPLE));
        assertEquals("the body is not a serialized tf.train.Example", refusal(A, EXAMPLE));
        byte[] records = TfRecords.of(example("file", A), example("file", B));
        assertEquals(
                "record 1 of the TFRecords: it is truncated",
                refusal(Arrays.copyOf(records, records.length - 1), EXAMPLE));
    }

    @Test
    void wrongFilesOfAListAreAnsweredAlone() {
        files.setItemErrors(ItemErrors.ANSWER);
        Made made =
                run(
                        List.of("?", base64(A), ""),
                        JSON,
                        exchange ->
                                assertEquals(
                                        List.of(
                                                Map.of("error", "body[0] is not base64"),
                                                "a",
                                                Map.of("error", "body[2] is empty")),
                                        RejectedItems.of(exchange).complete(List.of("a"))));
        assertEquals(Shape.of(1), made.shape());
        assertEquals(
                "all 2 items are wrong, the first: body[0] is not base64",
                refusal(List.of("?", ""), JSON));
    }

    @Test
    void memoryOfTheTensorIsReserved() {
        MemoryBudget budget = new MemoryBudget(1_000_000);
        context.getRegistry().bind(ExchangeMemory.BUDGET, budget);
        byte[] large = new byte[900_000];
        run(large, "image/jpeg", exchange -> assertTrue(budget.reserved() >= large.length));
        assertEquals(0, budget.reserved());
        assertThrows(InsufficientMemoryException.class, () -> run(base64(large), "text/plain"));
        assertEquals(0, budget.reserved());
    }
}
