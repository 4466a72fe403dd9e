package io.bactrian.preprocess;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.bactrian.pipeline.ExchangeTensors;
import io.bactrian.pipeline.PipelineConstants;
import io.bactrian.pipeline.PipelineFaultException;
import io.bactrian.preprocess.text.TokenizerJson.Side;
import io.bactrian.tensor.NamedTensors;
import io.bactrian.tensor.TensorValues;
import io.bactrian.testing.Exchanges;
import io.bactrian.testing.Signatures;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.apache.camel.Exchange;
import org.apache.camel.impl.DefaultCamelContext;
import org.apache.camel.support.DefaultExchange;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.ndarray.buffer.DataBuffers;
import org.tensorflow.types.TFloat32;

class GreedyDecoderTest {

    private static final DefaultCamelContext CONTEXT = new DefaultCamelContext();

    private static final String INPUTS = "ids int32 -1 4, image float32 -1 2";

    private static final int WORDS = 6;

    private final GreedyDecoder decoder = new GreedyDecoder();

    private final Exchange exchange = new DefaultExchange(CONTEXT);

    @TempDir Path folder;

    @BeforeEach
    void setUp() throws IOException {
        Path file = folder.resolve("words.json");
        Files.writeString(file, "{\"startseq\": 1, \"endseq\": 2, \"a\": 3, \"dog\": 4}");
        decoder.setVocabularyFile(file.toString());
        decoder.setInput("ids");
    }

    @AfterAll
    static void close() throws IOException {
        CONTEXT.close();
    }

    private void bind() {
        decoder.bindInputs(List.of(Signatures.inputs(INPUTS)));
    }

    private void begin(int rows) {
        ExchangeTensors.setBody(
                exchange, NamedTensors.of("image", TFloat32.tensorOf(Shape.of(rows, 2))));
        decoder.process(exchange);
    }

    private static TFloat32 zeros(long... sizes) {
        Shape shape = Shape.of(sizes);
        return TFloat32.tensorOf(shape, DataBuffers.of(new float[Math.toIntExact(shape.size())]));
    }

    /** The ids that the model gets next. */
    private Object ids() {
        assertEquals(true, exchange.getProperty(PipelineConstants.DECODING));
        try (NamedTensors.Reference inputs = ExchangeTensors.read(exchange)) {
            assertEquals(2, inputs.size());
            return TensorValues.toJava(inputs.select("ids"));
        }
    }

    /** Gives the decoder a highest score for a word of each row. */
    private void predict(int... best) {
        TFloat32 scores = zeros(best.length, WORDS);
        for (int row = 0; row < best.length; row++) {
            scores.setFloat(1, row, best[row]);
        }
        ExchangeTensors.setBody(exchange, NamedTensors.of("scores", scores));
        decoder.process(exchange);
    }

    private Object answer() {
        assertEquals(false, exchange.getProperty(PipelineConstants.DECODING));
        return exchange.getMessage().getBody();
    }

    @Test
    void wordsAreAddedUntilTheEndWord() {
        long before = NamedTensors.open();
        bind();
        begin(1);
        assertEquals(List.of(List.of(0, 0, 0, 1)), ids());
        predict(3);
        assertEquals(List.of(List.of(0, 0, 1, 3)), ids());
        predict(4);
        assertEquals(List.of(List.of(0, 1, 3, 4)), ids());
        predict(2);
        assertEquals(Map.of("text", "a dog"), answer());
        Exchanges.done(exchange);
        assertTrue(NamedTensors.open() <= before);
    }

    @Test
    void rowsEndEachOnTheirOwn() {
        bind();
        decoder.setField("");
        begin(2);
        predict(3, 2);
        assertEquals(List.of(List.of(0, 0, 1, 3), List.of(0, 0, 0, 1)), ids());
        predict(5, 4);
        assertEquals(List.of("a", ""), answer());
        Exchanges.done(exchange);
    }

    @Test
    void textEndsWithTheMaximumNumberOfWordsAndSlidesThroughTheInput() {
        decoder.setMaxWords(5);
        bind();
        begin(1);
        for (int i = 0; i < 4; i++) {
            predict(3);
        }
        assertEquals(List.of(List.of(3, 3, 3, 3)), ids());
        predict(4);
        assertEquals(Map.of("text", "a a a a dog"), answer());
        Exchanges.done(exchange);
    }

    @Test
    void scoresAfterEachWordAreReadAtTheLast() {
        decoder.setPadding(Side.RIGHT);
        decoder.setPaddingId(5);
        bind();
        begin(1);
        assertEquals(List.of(List.of(1, 5, 5, 5)), ids());
        predict(3);
        assertEquals(List.of(List.of(1, 3, 5, 5)), ids());
        TFloat32 scores = zeros(1, 4, WORDS);
        scores.setFloat(1, 0, 0, 3);
        scores.setFloat(1, 0, 1, 4);
        scores.setFloat(1, 0, 2, 2);
        ExchangeTensors.setBody(exchange, NamedTensors.of("scores", scores));
        decoder.process(exchange);
        assertEquals(List.of(List.of(1, 3, 4, 5)), ids());
        Exchanges.done(exchange);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "ids string -1 4 | makes ids of shape [rows, length], but input",
                "ids int32 -1 | makes ids of shape [rows, length], but input",
                "ids int32 -1 -1 | set length, which is open: input",
                "words int32 -1 4 | input is \"ids\", but signature",
            })
    void signatureThatDoesNotFitIsReportedAtStart(String inputs, String message) {
        String fault =
                assertThrows(
                                PipelineFaultException.class,
                                () -> decoder.bindInputs(List.of(Signatures.inputs(inputs))))
                        .getMessage();
        assertTrue(fault.startsWith(message), fault);
    }

    @Test
    void wordThatTheVocabularyDoesNotHaveIsReportedAtStart() {
        decoder.setEndWord("</s>");
        String fault = assertThrows(PipelineFaultException.class, this::bind).getMessage();
        assertTrue(fault.startsWith("endWord is \"</s>\", which vocabularyFile "), fault);
    }

    @Test
    void scoresOfAnotherShapeAreAFault() {
        bind();
        begin(1);
        assertEquals(
                "GreedyDecoder: expected scores of shape [1, words], but the model gave float32"
                        + " [2, 6]",
                assertThrows(PipelineFaultException.class, () -> predict(3, 3)).getMessage());
        Exchanges.done(exchange);
    }
}
