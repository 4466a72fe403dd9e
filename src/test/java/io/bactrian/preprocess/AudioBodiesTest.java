package io.bactrian.preprocess;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.bactrian.limit.InsufficientMemoryException;
import io.bactrian.limit.MemoryBudget;
import io.bactrian.pipeline.ExchangeMemory;
import io.bactrian.pipeline.ExchangeTensors;
import io.bactrian.pipeline.ItemErrors;
import io.bactrian.pipeline.RejectedItems;
import io.bactrian.pipeline.RequestItems;
import io.bactrian.tensor.BadInputException;
import io.bactrian.tensor.NamedTensors;
import io.bactrian.testing.Exchanges;
import io.bactrian.testing.Signatures;
import io.bactrian.testing.TensorText;
import io.bactrian.testing.WavFiles;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.apache.camel.Exchange;
import org.apache.camel.impl.DefaultCamelContext;
import org.apache.camel.support.DefaultExchange;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The bodies that have sounds: bytes, base64, lists of samples, JSON and forms. */
class AudioBodiesTest {

    private static final String JSON = "application/json";
    private static final String FORM = "multipart/form-data; boundary=b";
    private static final byte[] TWO = WavFiles.of(16384, -32768);
    private static final String ONE_OF_TWO = "one float32 [1, 2] 4 -8";

    private final DefaultCamelContext context = new DefaultCamelContext();
    private final AudioPreprocessor audio = new AudioPreprocessor();
    private long openBefore;

    @BeforeEach
    void configure() {
        openBefore = NamedTensors.open();
        audio.setSampleRate(8000);
        audio.setFullScale(8.0);
    }

    @AfterEach
    void nothingIsLeftOpen() throws IOException {
        context.close();
        assertEquals(openBefore, NamedTensors.open());
    }

    private static String base64(byte[] bytes) {
        return Base64.getEncoder().encodeToString(bytes);
    }

    private static byte[] utf8(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    /** A form with a file in each field. */
    private static byte[] form(Map<String, byte[]> files) {
        ByteArrayOutputStream form = new ByteArrayOutputStream();
        files.forEach(
                (field, content) -> {
                    String disposition = "Content-Disposition: form-data; name=\"" + field;
                    form.writeBytes(
                            utf8("--b\r\n" + disposition + "\"; filename=\"a.wav\"\r\n\r\n"));
                    form.writeBytes(content);
                    form.writeBytes(utf8("\r\n"));
                });
        form.writeBytes(utf8("--b--\r\n"));
        return form.toByteArray();
    }

    private Exchange exchange(Object body, String contentType) {
        Exchange exchange = new DefaultExchange(context);
        exchange.getMessage().setBody(body);
        exchange.getMessage().setHeader(Exchange.CONTENT_TYPE, contentType);
        return exchange;
    }

    private String made(Object body, String contentType) {
        Exchange exchange = exchange(body, contentType);
        try {
            audio.process(exchange);
            try (NamedTensors.Reference tensors = ExchangeTensors.read(exchange)) {
                return (RequestItems.isList(exchange) ? "list " : "one ")
                        + TensorText.of(tensors.select(null));
            }
        } finally {
            Exchanges.done(exchange);
        }
    }

    private String refusal(Object body, String contentType) {
        return assertThrows(BadInputException.class, () -> made(body, contentType)).getMessage();
    }

    @Test
    void oneSoundIsTheSameHoweverItIsSent() {
        String base64 = base64(TWO);
        String url = Base64.getUrlEncoder().withoutPadding().encodeToString(TWO);
        for (String text : List.of(base64, url, "data:audio/wav;base64," + base64)) {
            assertEquals(ONE_OF_TWO, made(utf8(text), "text/plain"));
            assertEquals(ONE_OF_TWO, made(Map.of("audio", text), JSON));
            assertEquals(ONE_OF_TWO, made(Map.of("audio", Map.of("b64", text)), JSON));
            assertEquals(ONE_OF_TWO, made(utf8("{\"audio\": \"" + text + "\"}"), JSON));
            assertEquals(ONE_OF_TWO, made(utf8("\"" + text + "\""), JSON));
        }
        assertEquals(ONE_OF_TWO, made(TWO, "audio/wav"));
        assertEquals(ONE_OF_TWO, made(TWO, "application/octet-stream"));
        assertEquals(ONE_OF_TWO, made(form(Map.of("audio", TWO)), FORM));
        assertEquals(ONE_OF_TWO, made(form(Map.of("upload", TWO)), FORM));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "[4, -8]                                          | one float32 [1, 2] 4 -8",
                "{\"audio\": [4, -8.0]}                           | one float32 [1, 2] 4 -8",
                "{\"audio\": [4, -8], \"sampling_rate\": 8000}    | one float32 [1, 2] 4 -8",
                "{\"audio\": [4, 4, 4], \"sampling_rate\": 16000} | one float32 [1, 2] 3 3",
                "[[4, -8], [1, 2]]                                | list float32 [2, 2] 4 -8 1 2",
                "{\"audio\": [[4, -8], [1, 2]]}                   | list float32 [2, 2] 4 -8 1 2",
                "[{\"audio\": [4]}, {\"audio\": [3]}]             | list float32 [2, 1] 4 3",
                "[[4, -8]]                                        | list float32 [1, 2] 4 -8",
                "{\"audio\": [[4, 4, 4]], \"sampling_rate\": 16000.0} | list float32 [1, 2] 3 3",
            })
    void samplesAreNumbersOfTheModelsScale(String json, String expected) {
        String made = made(utf8(json), JSON);
        assertTrue(made.startsWith(expected), made);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "[4, \"a\"]                  | sample 1 must be a number, got a string",
                "{\"audio\": [4, null]}      | field \"audio\": sample 1 must be a number, got null",
                "[4, 1e300]                  | sample 1 is out of range: 1.0E300",
                "{\"audio\": []}             | audio is empty, expected at least one sound",
                "{\"audio\": [[]]}           | audio[0]: the audio has no samples",
                "{\"audio\": [[1], 2]}       | audio[1] must be a string of base64, got a number",
                "{\"audio\": 7}              | field \"audio\" must be a string of base64, got a number",
                "{\"sound\": \"\"}           | missing field \"audio\"",
                "{\"audio\": [1], \"sampling_rate\": 10} | field \"audio\": field \"sampling_rate\""
                        + " must be a whole number from 1000 to 384000, got 10",
                "{\"audio\": [1], \"sampling_rate\": \"8000\"} | field \"audio\": field"
                        + " \"sampling_rate\" must be a whole number from 1000 to 384000, got a string",
                "{\"audio\": [1], \"sampling_rate\": 8000.5} | field \"audio\": field"
                        + " \"sampling_rate\" must be a whole number from 1000 to 384000, got 8000.5",
                "[[1, 2], [1]] | body[1]: the audio makes 1 samples, but the request's first 2: all"
                        + " sounds of a request must have one length",
            })
    void wrongJsonIsAnErrorThatNamesTheSound(String json, String expected) {
        assertEquals(expected, refusal(utf8(json), JSON));
    }

    @Test
    void samplesWithoutARateAreRefused() {
        audio.setSampleRate(null);

        assertEquals(
                "field \"audio\": the samples have no rate: send it in the field"
                        + " \"sampling_rate\"",
                refusal(utf8("{\"audio\": [1, 2]}"), JSON));
        assertEquals(
                ONE_OF_TWO, made(utf8("{\"audio\": [4, -8], \"sampling_rate\": 44100}"), JSON));
    }

    @Test
    void severalSoundsAreOneBatchInTheirOrder() {
        byte[] other = WavFiles.of(8192, 0);
        String expected = "list float32 [2, 2] 4 -8 2 0";

        assertEquals(expected, made(List.of(base64(TWO), base64(other)), JSON));
        assertEquals(expected, made(Map.of("audio", List.of(base64(TWO), List.of(2, 0))), JSON));
        assertEquals(expected, made(form(new TreeMap<>(Map.of("a", TWO, "b", other))), FORM));
    }

    @Test
    void soundsThatAreWrongAreAnsweredAlone() {
        audio.setItemErrors(ItemErrors.ANSWER);
        byte[] notANumber = WavFiles.of(0, 0, 0, 0);
        ByteBuffer header = ByteBuffer.wrap(notANumber).order(ByteOrder.LITTLE_ENDIAN);
        header.putShort(20, (short) 3).putShort(32, (short) 4).putShort(34, (short) 32);
        header.putFloat(44, Float.NaN);
        Exchange exchange =
                exchange(List.of("?!", base64(TWO), base64(notANumber), List.of(1, 2, 3)), JSON);
        try {
            audio.process(exchange);
            RejectedItems rejected = RejectedItems.of(exchange);
            assertNotNull(rejected);
            assertEquals(
                    List.of(
                            Map.of("error", "body[0] is not base64"),
                            "a",
                            Map.of(
                                    "error",
                                    "body[2]: sample 0 of the WAV audio is NaN: not a number"),
                            Map.of(
                                    "error",
                                    "body[3]: the audio makes 3 samples, but the request's first 2:"
                                            + " all sounds of a request must have one length")),
                    rejected.complete(List.of("a")));
            try (NamedTensors.Reference tensors = ExchangeTensors.read(exchange)) {
                assertEquals("float32 [1, 2] 4 -8", TensorText.of(tensors.select(null)));
            }
        } finally {
            Exchanges.done(exchange);
        }
        assertTrue(refusal(List.of("?!", "?"), JSON).startsWith("all 2 items are wrong"));
    }

    @Test
    void modelOfOneSoundTakesNoList() {
        audio.bindInputs(List.of(Signatures.inputs("x float32 -1")));

        assertEquals("one float32 [2] 4 -8", made(TWO, "audio/wav"));
        assertEquals(
                "the model takes one sound a request, not a list",
                refusal(List.of(base64(TWO)), JSON));
    }

    @Test
    void numberOfSoundsIsLimited() {
        audio.setMaxSounds(2);

        assertEquals(
                "body has 3 sounds, the most are 2",
                refusal(Collections.nCopies(3, base64(TWO)), JSON));
    }

    @Test
    void lengthOfAListIsLimited() {
        audio.setMaxSeconds(1);

        assertEquals(
                "the audio has 1.000125 seconds: 1 is the limit",
                refusal(Collections.nCopies(8001, 0), JSON));
    }

    @Test
    void memoryOfAllSoundsIsReservedAndGivenBack() {
        MemoryBudget budget = new MemoryBudget(1_000_000);
        context.getRegistry().bind(ExchangeMemory.BUDGET, budget);
        String sound = base64(WavFiles.of(new int[20_000]));
        Exchange exchange = exchange(List.of(sound, sound), JSON);
        audio.process(exchange);
        assertEquals(2 * 20_000 * Float.BYTES, budget.reserved());
        Exchanges.done(exchange);
        assertEquals(0, budget.reserved());

        assertThrows(
                InsufficientMemoryException.class,
                () -> made(Collections.nCopies(12, sound), JSON));
        assertThrows(
                InsufficientMemoryException.class,
                () -> made(utf8("[" + "1,".repeat(100_000) + "1]"), JSON));
        assertEquals(0, budget.reserved());
    }
}
