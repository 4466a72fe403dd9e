package io.bactrian.postprocess;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.bactrian.pipeline.ExchangeTensors;
import io.bactrian.pipeline.PipelineFaultException;
import io.bactrian.pipeline.RequestItems;
import io.bactrian.preprocess.text.TokenSequence;
import io.bactrian.preprocess.text.TokenSequence.Token;
import io.bactrian.preprocess.text.TokenizedTexts;
import io.bactrian.tensor.NamedTensors;
import io.bactrian.testing.Exchanges;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.camel.Exchange;
import org.apache.camel.impl.DefaultCamelContext;
import org.apache.camel.support.DefaultExchange;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.ndarray.buffer.DataBuffers;
import org.tensorflow.types.TFloat32;

/** Postprocessors of the tokens that a tokenizer has kept. */
class TokenAnswersTest {

    private static final DefaultCamelContext CONTEXT = new DefaultCamelContext();

    @AfterAll
    static void close() throws IOException {
        CONTEXT.close();
    }

    private static Object answer(
            Postprocessor postprocessor, TokenizedTexts tokens, Shape shape, float... values) {
        Exchange exchange = new DefaultExchange(CONTEXT);
        tokens.keep(exchange);
        RequestItems.setList(exchange, tokens.texts().size() > 1);
        ExchangeTensors.setBody(
                exchange, NamedTensors.of("x", TFloat32.tensorOf(shape, DataBuffers.of(values))));
        try {
            postprocessor.process(exchange);
            return exchange.getMessage().getBody();
        } finally {
            Exchanges.done(exchange);
        }
    }

    /** {@return a text of a number of tokens} */
    private static TokenizedTexts text(int tokens, boolean padsLeft) {
        TokenSequence sequence = new TokenSequence(new long[tokens], new long[tokens], null);
        return new TokenizedTexts(
                List.of("a"), null, List.of(new TokenizedTexts.Row(0, sequence)), padsLeft);
    }

    @ParameterizedTest
    @CsvSource({
        "MEAN, false, 2.0, 3.0",
        "MAX, false, 3.0, 5.0",
        "FIRST, false, 1.0, 1.0",
        "MEAN, true, 51.5, 52.5",
        "FIRST, true, 3.0, 5.0",
    })
    void vectorsOfTokensArePooledWithoutPadding(
            PoolingPostprocessor.Pooling pooling, boolean padsLeft, float first, float second) {
        PoolingPostprocessor postprocessor = new PoolingPostprocessor();
        postprocessor.setPooling(pooling);

        assertEquals(
                Map.of("embedding", List.of(first, second)),
                answer(postprocessor, text(2, padsLeft), Shape.of(1, 3, 2), 1, 1, 3, 5, 100, 100));
    }

    @Test
    void normalizedVectorHasLengthOne() {
        PoolingPostprocessor postprocessor = new PoolingPostprocessor();
        postprocessor.setNormalize(true);
        postprocessor.setField("");

        assertEquals(
                List.of(0.6f, 0.8f), answer(postprocessor, text(1, false), Shape.of(1, 2), 3, 4));
        assertEquals(List.of(0f, 0f), answer(postprocessor, text(1, false), Shape.of(1, 2), 0, 0));
    }

    @Test
    void windowsHaveNoEmbedding() {
        TokenSequence sequence = new TokenSequence(new long[1], new long[1], null);
        TokenizedTexts windows =
                new TokenizedTexts(
                        List.of("a"),
                        null,
                        List.of(
                                new TokenizedTexts.Row(0, sequence),
                                new TokenizedTexts.Row(0, sequence)),
                        false);

        PipelineFaultException fault =
                assertThrows(
                        PipelineFaultException.class,
                        () -> answer(new PoolingPostprocessor(), windows, Shape.of(2, 1, 1), 1, 2));

        assertEquals(
                "PoolingPostprocessor: output \"x\" is float32 [2, 1, 1], but there are 1 texts in"
                        + " 2 rows: a text's windows have no common embedding",
                fault.getMessage());
    }

    /** {@return the tokens of words "Ada", "Love|lace", "met", "😀", in windows} */
    private static TokenizedTexts words(int[]... windows) {
        Token[] tokens = {
            new Token(0, 0, 0, 3),
            new Token(0, 1, 4, 8),
            new Token(0, 1, 8, 12),
            new Token(0, 2, 13, 16),
            new Token(0, 3, 17, 18),
        };
        List<TokenizedTexts.Row> rows = new ArrayList<>();
        for (int[] window : windows) {
            List<Token> kept = new ArrayList<>();
            for (int each : window) {
                kept.add(tokens[each]);
            }
            rows.add(
                    new TokenizedTexts.Row(
                            0,
                            new TokenSequence(
                                    new long[window.length], new long[window.length], kept)));
        }
        return new TokenizedTexts(List.of("Ada Lovelace met 😀"), null, rows, false);
    }

    private static float[] scores(int tags, int... best) {
        float[] scores = new float[tags * best.length];
        for (int i = 0; i < best.length; i++) {
            scores[i * tags + best[i]] = 1;
        }
        return scores;
    }

    private static TokenTagsPostprocessor tags() {
        TokenTagsPostprocessor tags = new TokenTagsPostprocessor();
        tags.setLabels("O,B-PER,I-PER");
        return tags;
    }

    private static Map<String, Object> entity(String tag, String text, int start, int end) {
        return Map.of("tag", tag, "text", text, "start", start, "end", end);
    }

    @Test
    void wordsOfAnEntityAreJoinedAndOffsetsAreCodePoints() {
        assertEquals(
                Map.of(
                        "entities",
                        List.of(entity("PER", "Ada Lovelace", 0, 12), entity("PER", "😀", 17, 18))),
                answer(
                        tags(),
                        words(new int[] {0, 1, 2, 3, 4}),
                        Shape.of(1, 5, 3),
                        scores(3, 1, 2, 0, 0, 1)));
    }

    @Test
    void beginOfAnEntityEndsTheOneBefore() {
        assertEquals(
                Map.of(
                        "entities",
                        List.of(entity("PER", "Ada", 0, 3), entity("PER", "Lovelace", 4, 12))),
                answer(
                        tags(),
                        words(new int[] {0, 1, 2, 3, 4}),
                        Shape.of(1, 5, 3),
                        scores(3, 1, 1, 2, 0, 0)));
    }

    @Test
    void wordThatAWindowCutsHasTheTagOfItsFirstToken() {
        assertEquals(
                Map.of("entities", List.of(entity("PER", "Lovelace", 4, 12))),
                answer(
                        tags(),
                        words(new int[] {0, 1}, new int[] {1, 2}, new int[] {2, 3}),
                        Shape.of(3, 2, 3),
                        scores(3, 0, 1, 0, 0, 0, 0)));
    }

    @Test
    void eachWordHasItsTag() {
        TokenTagsPostprocessor tags = tags();
        tags.setAnswer(TokenTagsPostprocessor.Answer.WORDS);
        tags.setField("words");

        assertEquals(
                Map.of(
                        "words",
                        List.of(
                                entity("B-PER", "Ada", 0, 3),
                                entity("I-PER", "Lovelace", 4, 12),
                                entity("O", "met", 13, 16))),
                answer(
                        tags,
                        words(new int[] {0, 1, 2, 3}),
                        Shape.of(1, 4, 3),
                        scores(3, 1, 2, 0, 0)));
    }

    @Test
    void tokensThatAreNotKeptAreAnError() {
        PipelineFaultException fault =
                assertThrows(
                        PipelineFaultException.class,
                        () -> answer(tags(), text(1, false), Shape.of(1, 1, 3), scores(3, 0)));

        assertEquals(
                "TokenTagsPostprocessor: there are no words: set keepTokens: true in the"
                        + " TokenizerPreprocessor",
                fault.getMessage());
    }
}
