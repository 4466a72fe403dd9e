package io.bactrian.preprocess;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.bactrian.limit.InsufficientMemoryException;
import io.bactrian.limit.MemoryBudget;
import io.bactrian.pipeline.ExchangeMemory;
import io.bactrian.pipeline.ExchangeTensors;
import io.bactrian.pipeline.PipelineFaultException;
import io.bactrian.preprocess.text.TokenizerJson.Side;
import io.bactrian.tensor.NamedTensors;
import io.bactrian.tensor.NumericElements;
import io.bactrian.testing.Exchanges;
import io.bactrian.testing.Signatures;
import io.bactrian.testing.TensorText;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import org.apache.camel.Exchange;
import org.apache.camel.impl.DefaultCamelContext;
import org.apache.camel.support.DefaultExchange;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The expected ids are Keras': src/test/python/make_word_ids.py. */
class WordIdsPreprocessorTest {

    private static final DefaultCamelContext CONTEXT = new DefaultCamelContext();
    private static final Path FOLDER = Path.of("src/test/resources/word-ids").toAbsolutePath();

    @TempDir private Path folder;

    private final WordIdsPreprocessor words = new WordIdsPreprocessor();

    @AfterAll
    static void close() throws IOException {
        CONTEXT.close();
    }

    private String tensor(Object body) {
        Exchange exchange = new DefaultExchange(CONTEXT);
        exchange.getMessage().setBody(body);
        words.process(exchange);
        try (NamedTensors.Reference tensors = ExchangeTensors.read(exchange)) {
            return TensorText.of(tensors.select(null));
        } finally {
            Exchanges.done(exchange);
        }
    }

    private void vocabulary(String content) throws IOException {
        Path file = Files.writeString(folder.resolve("words"), content);
        words.setVocabularyFile(file.toString());
    }

    @Test
    void idsAreThoseOfKeras() throws IOException {
        JsonNode expected = new ObjectMapper().readTree(FOLDER.resolve("expected.json").toFile());
        List<String> differences = new ArrayList<>();
        for (JsonNode each : expected) {
            WordIdsPreprocessor words = new WordIdsPreprocessor();
            words.setVocabularyFile(FOLDER.resolve(each.path("vocabulary").asText()).toString());
            words.setMaxLength(8);
            Exchange exchange = new DefaultExchange(CONTEXT);
            exchange.getMessage().setBody(Map.of("text", each.path("text").asText()));
            words.process(exchange);
            StringBuilder ids = new StringBuilder();
            try (NamedTensors.Reference tensors = ExchangeTensors.read(exchange)) {
                NumericElements numbers = NumericElements.of(tensors.select(null));
                for (int i = 0; i < numbers.size(); i++) {
                    ids.append(i == 0 ? "" : ",").append((long) numbers.get(i));
                }
            } finally {
                Exchanges.done(exchange);
            }
            if (!each.path("ids").toString().equals("[" + ids + "]")) {
                differences.add(each + " but [" + ids + "]");
            }
        }
        assertTrue(expected.size() > 50);
        assertEquals("", String.join("\n", differences));
    }

    @Test
    void vocabularyWithoutAnUnknownWordLeavesOthersOut() throws IOException {
        vocabulary("\nthe\nfox\n");

        assertEquals("int32 [1, 2] 1 2", tensor(Map.of("text", "The zzz FOX!")));
    }

    @Test
    void oovIdIsOfWordsThatAreNotThere() throws IOException {
        vocabulary("{\"the\": 7}");
        words.setOovId(3);

        assertEquals("int32 [1, 2] 7 3", tensor(Map.of("text", "the fox")));
    }

    @Test
    void textsAreNormalizedBeforeTheyAreSplit() throws IOException {
        vocabulary("\n\ncafe\n");
        words.setNormalization(UnicodeForm.NO_ACCENTS);

        assertEquals("int32 [1, 2] 2 2", tensor(Map.of("text", "Caf\u00e9 cafe\u0301")));
    }

    /** One long text makes the sequences of all others as long. */
    @Test
    void memoryForPaddingIsReserved() throws IOException {
        vocabulary("{\"a\": 1}");
        MemoryBudget budget = new MemoryBudget(4 << 20);
        try (DefaultCamelContext context = new DefaultCamelContext()) {
            context.getRegistry().bind(ExchangeMemory.BUDGET, budget);
            List<String> texts = new ArrayList<>(Collections.nCopies(999, "a"));
            texts.add("a ".repeat(300));
            Exchange exchange = new DefaultExchange(context);
            exchange.getMessage().setBody(Map.of("text", texts));
            words.process(exchange);
            assertEquals(1000 * 300 * 4, budget.reserved());
            Exchanges.done(exchange);
            texts.set(999, "a ".repeat(100_000));
            exchange.getMessage().setBody(Map.of("text", texts));
            assertThrows(InsufficientMemoryException.class, () -> words.process(exchange));
            assertEquals(0, budget.reserved());
        }
    }

    @Test
    void sidesAndPaddingAreProperties() throws IOException {
        vocabulary("{\"a\": 1, \"b\": 2, \"c\": 3}");
        words.setMaxLength(2);
        words.setPaddingId(9);
        words.setPaddingSide(Side.LEFT);
        words.setTruncationSide(Side.LEFT);

        assertEquals("int32 [2, 2] 2 3 9 1", tensor(Map.of("text", List.of("a b c", "a"))));
    }

    @Test
    void charactersAreCodePoints() throws IOException {
        vocabulary("{\"a\": 1, \"😀\": 2}");
        words.setCharacters(true);
        words.setStandardize(WordIdsPreprocessor.Standardize.NONE);

        assertEquals("int32 [1, 3] 1 2 1", tensor(Map.of("text", "a😀a")));
    }

    @Test
    void dtypeAndLengthAreTheModels() throws IOException {
        vocabulary("{\"a\": 1}");
        words.bindInputs(List.of(Signatures.inputs("x float32 -1 3")));

        assertEquals("float32 [1, 3] 1 0 0", tensor(Map.of("text", "a")));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "4 | -1,3  | maxLength is 4, but input \"x\"",
                "  | -1    | makes ids [texts, length], but input \"x\"",
            })
    void contradictionToTheModelIsAnErrorAtStart(Integer maxLength, String shape, String expected)
            throws IOException {
        vocabulary("{\"a\": 1}");
        words.setMaxLength(maxLength);

        PipelineFaultException fault =
                assertThrows(
                        PipelineFaultException.class,
                        () ->
                                words.bindInputs(
                                        List.of(
                                                Signatures.inputs(
                                                        "x int32 " + shape.replace(',', ' ')))));

        assertTrue(fault.getMessage().startsWith(expected), fault.getMessage());
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "{            | is no JSON: ",
                "{}           | is no vocabulary: it has no words",
                "{\"a\": \"b\"} | is no vocabulary: the id of \"a\" is \"b\"",
                "{\"a\": -1}  | is no vocabulary: the id of \"a\" is -1, expected a whole number",
                "{\"a\": 1.5} | is no vocabulary: the id of \"a\" is 1.5, expected a whole number",
                "a            | is no vocabulary: it has 1 lines",
            })
    void fileThatIsNoVocabularyIsAnErrorAtStart(String content, String expected)
            throws IOException {
        vocabulary(content);

        PipelineFaultException fault =
                assertThrows(PipelineFaultException.class, () -> words.start());

        assertTrue(fault.getMessage().contains(expected), fault.getMessage());
    }

    @Test
    void wordThatIsThereTwiceIsAnErrorAtStart() throws IOException {
        vocabulary("a\nb\na\n");

        PipelineFaultException fault =
                assertThrows(PipelineFaultException.class, () -> words.start());

        assertTrue(
                fault.getMessage().endsWith("has \"a\" twice, in line 3 too"), fault.getMessage());
    }
}
