package io.bactrian.preprocess;

import static java.util.Objects.requireNonNull;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.bactrian.limit.Deadline;
import io.bactrian.limit.DeadlineExceededException;
import io.bactrian.limit.InsufficientMemoryException;
import io.bactrian.limit.MemoryBudget;
import io.bactrian.pipeline.ExchangeDeadline;
import io.bactrian.pipeline.ExchangeMemory;
import io.bactrian.pipeline.ExchangeTensors;
import io.bactrian.pipeline.ItemErrors;
import io.bactrian.pipeline.PipelineFaultException;
import io.bactrian.pipeline.RejectedItems;
import io.bactrian.pipeline.RequestItems;
import io.bactrian.pipeline.SignatureTensors;
import io.bactrian.preprocess.text.SubwordTokenizer;
import io.bactrian.preprocess.text.TokenSequence;
import io.bactrian.preprocess.text.TokenizedTexts;
import io.bactrian.preprocess.text.TokenizerJson;
import io.bactrian.tensor.BadInputException;
import io.bactrian.tensor.NamedTensors;
import io.bactrian.testing.Exchanges;
import io.bactrian.testing.Signatures;
import io.bactrian.testing.TensorText;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.apache.camel.Exchange;
import org.apache.camel.impl.DefaultCamelContext;
import org.apache.camel.support.DefaultExchange;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The expected ids are Python's: src/test/python/make_tokenizers.py. */
class TokenizerPreprocessorTest {

    private static final DefaultCamelContext CONTEXT = new DefaultCamelContext();
    private static final Path FOLDER = Path.of("src/test/resources/tokenizers");

    private final int open = SubwordTokenizer.open();
    private TokenizerPreprocessor tokenizer = tokenizer("word-piece.json");

    @AfterAll
    static void close() throws IOException {
        CONTEXT.close();
    }

    @AfterEach
    void allTokenizersAreClosed() {
        tokenizer.shutdown();
        assertEquals(open, SubwordTokenizer.open());
    }

    private static TokenizerPreprocessor tokenizer(String file) {
        TokenizerPreprocessor tokenizer = new TokenizerPreprocessor();
        tokenizer.setCamelContext(CONTEXT);
        tokenizer.setTokenizerFile(FOLDER.resolve(file).toString());
        return tokenizer;
    }

    private Exchange process(Object body) {
        Exchange exchange = new DefaultExchange(CONTEXT);
        exchange.getMessage().setBody(body);
        tokenizer.process(exchange);
        return exchange;
    }

    /** {@return the tensors as text, such as {@code input_ids: int32 [1, 3] 2 5 3}} */
    private Map<String, String> tensors(Object body) {
        Exchange exchange = process(body);
        try (NamedTensors.Reference tensors = ExchangeTensors.read(exchange)) {
            Map<String, String> texts = new TreeMap<>();
            tensors.asMap().forEach((name, tensor) -> texts.put(name, TensorText.of(tensor)));
            return texts;
        } finally {
            Exchanges.done(exchange);
        }
    }

    @Test
    void rowsAreThoseOfPython() throws IOException {
        JsonNode expected = new ObjectMapper().readTree(FOLDER.resolve("expected.json").toFile());
        Map<String, TokenizerPreprocessor> tokenizers = new LinkedHashMap<>();
        List<String> differences = new ArrayList<>();
        for (JsonNode each : expected.path("cases")) {
            boolean pairs = each.has("pair");
            String file = each.path("tokenizer").asText();
            tokenizer =
                    tokenizers.computeIfAbsent(
                            file + each.path("options") + pairs,
                            key -> tokenizer(file, each.path("options"), pairs));
            Map<String, Object> body = new LinkedHashMap<>();
            body.put("text", each.path("text").asText());
            if (pairs) {
                body.put("pair", each.path("pair").asText());
            }
            Exchange exchange = process(body);
            List<TokenizedTexts.Row> rows = TokenizedTexts.of(exchange).rows();
            Exchanges.done(exchange);
            String actual = describe(rows);
            String wanted = describe(each.path("rows"));
            if (!actual.equals(wanted)) {
                differences.add(each + "\n" + wanted + "\n" + actual);
            }
        }
        assertTrue(expected.path("cases").size() > 180);
        assertEquals("", String.join("\n\n", differences));
        tokenizers.values().forEach(TokenizerPreprocessor::shutdown);
    }

    private static TokenizerPreprocessor tokenizer(String file, JsonNode options, boolean pairs) {
        TokenizerPreprocessor tokenizer = tokenizer(file);
        tokenizer.setKeepTokens(true);
        tokenizer.setMaxLength(options.path("maxLength").asInt(512));
        tokenizer.setSpecialTokens(options.path("specialTokens").asBoolean(true));
        if (options.has("stride")) {
            tokenizer.setStride(options.path("stride").asInt());
        }
        if (options.has("truncation")) {
            tokenizer.setTruncation(
                    TokenizerJson.Truncation.valueOf(options.path("truncation").asText()));
        }
        if (options.has("truncationSide")) {
            tokenizer.setTruncationSide(
                    TokenizerJson.Side.valueOf(options.path("truncationSide").asText()));
        }
        if (pairs) {
            tokenizer.setPairField("pair");
        }
        return tokenizer;
    }

    private static String describe(List<TokenizedTexts.Row> rows) {
        StringBuilder text = new StringBuilder();
        for (TokenizedTexts.Row row : rows) {
            TokenSequence sequence = row.sequence();
            int firstWord =
                    firstWord(
                            sequence.tokens().stream()
                                    .mapToInt(TokenSequence.Token::word)
                                    .toArray());
            for (int i = 0; i < sequence.length(); i++) {
                TokenSequence.Token token = sequence.tokens().get(i);
                text.append(
                        token(
                                sequence.ids()[i],
                                sequence.typeIds()[i],
                                Math.max(-1, token.word() - firstWord),
                                token.text(),
                                token.start(),
                                token.end()));
            }
            text.append('\n');
        }
        return text.toString();
    }

    private static String describe(JsonNode rows) {
        StringBuilder text = new StringBuilder();
        for (JsonNode row : rows) {
            int firstWord =
                    firstWord(
                            IntStream.range(0, row.path("words").size())
                                    .map(i -> row.path("words").get(i).asInt())
                                    .toArray());
            for (int i = 0; i < row.path("ids").size(); i++) {
                text.append(
                        token(
                                row.path("ids").get(i).asLong(),
                                row.path("typeIds").get(i).asLong(),
                                Math.max(-1, row.path("words").get(i).asInt() - firstWord),
                                row.path("texts").get(i).asInt(),
                                row.path("offsets").get(i).get(0).asInt(),
                                row.path("offsets").get(i).get(1).asInt()));
            }
            text.append('\n');
        }
        return text.toString();
    }

    /**
     * {@return the first word of a row, from which words are compared} Version 0.23.2 of Python's
     * library counts from the beginning of what is left of a text, the one here from the text's.
     */
    private static int firstWord(int[] words) {
        return Arrays.stream(words).filter(word -> word >= 0).findFirst().orElse(0);
    }

    private static String token(long id, long type, int word, int text, int start, int end) {
        return String.format(
                Locale.ROOT, "%d/%d word %d of %d at %d-%d; ", id, type, word, text, start, end);
    }

    @Test
    void vocabularyFileIsBertsTokenizer() {
        Map<String, String> fromJson = tensors(Map.of("text", "Hello unaffable WORLD, süß!"));
        tokenizer.shutdown();
        tokenizer = tokenizer("vocab.txt");

        assertEquals(fromJson, tensors(Map.of("text", "Hello unaffable WORLD, süß!")));
    }

    @Test
    void defaultsArePaddedToTheLongestRow() {
        assertEquals(
                Map.of(
                        "attention_mask", "int32 [2, 4] 1 1 1 0 1 1 1 1",
                        "input_ids", "int32 [2, 4] 2 31 3 0 2 31 31 3"),
                tensors(Map.of("text", List.of("the", "the the"))).entrySet().stream()
                        .collect(
                                Collectors.toMap(
                                        Map.Entry::getKey,
                                        each -> each.getValue().replace(id("the"), "31"))));
    }

    /** {@return the id of a word that is one token, as text} */
    private String id(String word) {
        return tensors(Map.of("text", word)).get("input_ids").split(" ")[4];
    }

    /** One long text makes the rows of all others as long. */
    @Test
    void memoryForPaddingIsReserved() throws IOException {
        MemoryBudget budget = new MemoryBudget(16 << 20);
        try (DefaultCamelContext context = new DefaultCamelContext()) {
            context.getRegistry().bind(ExchangeMemory.BUDGET, budget);
            tokenizer.setMaxLength(100_000);
            List<String> texts = new ArrayList<>(Collections.nCopies(999, "a"));
            texts.add("a ".repeat(98));
            Exchange exchange = new DefaultExchange(context);
            exchange.getMessage().setBody(Map.of("text", texts));
            tokenizer.process(exchange);
            assertEquals(1000 * 100 * 8, budget.reserved());
            Exchanges.done(exchange);
            texts.set(999, "a ".repeat(20_000));
            exchange.getMessage().setBody(Map.of("text", texts));
            assertThrows(InsufficientMemoryException.class, () -> tokenizer.process(exchange));
            texts.set(999, "a ".repeat(400_000));
            tokenizer.shutdown();
            tokenizer = tokenizer("word-piece.json");
            tokenizer.setMaxLength(1_000_000);
            budget.setLimit(1L << 40);
            assertEquals(
                    "the texts make 1000 rows of 400002 tokens, more than a tensor can have",
                    assertThrows(BadInputException.class, () -> tokenizer.process(exchange))
                            .getMessage());
            assertEquals(0, budget.reserved());
        }
    }

    @Test
    void namesDtypesAndLengthAreTheModels() {
        tokenizer.bindInputs(
                List.of(
                        Signatures.inputs(
                                "input_word_ids int32 -1 6, input_mask int64 -1 6, segment_ids float32 -1 6")));

        Map<String, String> tensors = tensors(Map.of("text", "the"));

        assertEquals("int64 [1, 6] 1 1 1 0 0 0", tensors.get("input_mask"));
        assertEquals("float32 [1, 6] 0 0 0 0 0 0", tensors.get("segment_ids"));
        assertTrue(tensors.get("input_word_ids").matches("int32 \\[1, 6] 2 \\d+ 3 0 0 0"));
        assertEquals(3, tensors.size());
    }

    @Test
    void fileSaysWhichSideIsPadded() {
        tokenizer = tokenizer("unigram.json");
        tokenizer.setPadding(TokenizerPreprocessor.Padding.MAX_LENGTH);
        tokenizer.setMaxLength(8);

        String mask = tensors(Map.of("text", "the")).get("attention_mask");

        assertTrue(mask.startsWith("int32 [1, 8] 0 0"), mask);
        assertTrue(mask.endsWith(" 1 1"), mask);
    }

    @Test
    void requestThatIsAListIsKeptAsOne() {
        Exchange single = process(Map.of("text", "a"));
        Exchange list = process(Map.of("text", List.of("a")));

        assertFalse(RequestItems.isList(single));
        assertTrue(RequestItems.isList(list));

        Exchanges.done(single);
        Exchanges.done(list);
    }

    @Test
    void windowsNameTheirText() {
        tokenizer.setMaxLength(5);
        tokenizer.setStride(1);

        Exchange exchange =
                process(Map.of("text", List.of("the the", "the the the the the the the")));
        List<Integer> texts =
                TokenizedTexts.of(exchange).rows().stream().map(TokenizedTexts.Row::text).toList();
        Exchanges.done(exchange);

        // Three tokens a window, of which one is shared.
        assertEquals(List.of(0, 1, 1, 1), texts);
    }

    @Test
    void moreRowsThanAllowedAreRefused() {
        tokenizer.setMaxLength(5);
        tokenizer.setStride(1);
        tokenizer.setMaxRows(2);

        BadInputException refused =
                assertThrows(
                        BadInputException.class,
                        () -> process(Map.of("text", "the the the the the the the")));

        assertEquals(
                "the texts have more than 2 windows, the most that are taken",
                refused.getMessage());
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "2  |   | maxLength is 2, but special tokens leave 0 for the text",
                "6  | 4 | maxLength is 6 and stride 4, but special tokens leave 4 for the text",
            })
    void lengthWithoutRoomIsAnErrorAtStart(int maxLength, Integer stride, String expected) {
        tokenizer.setMaxLength(maxLength);
        tokenizer.setStride(stride);

        PipelineFaultException fault =
                assertThrows(PipelineFaultException.class, () -> process(Map.of("text", "a")));

        assertEquals("TokenizerPreprocessor: " + expected, fault.getMessage());
    }

    /** The library would end the process. */
    @ParameterizedTest
    @CsvSource({"ONLY_SECOND, text, context, text", "ONLY_FIRST, context, text, context"})
    void pairThatLeavesNoRoomIsRefused(
            TokenizerJson.Truncation truncation, String longer, String shorter, String named) {
        tokenizer.setPairField("context");
        tokenizer.setMaxLength(12);
        tokenizer.setTruncation(truncation);
        tokenizer.setStride(4);

        BadInputException refused =
                assertThrows(
                        BadInputException.class,
                        () -> process(Map.of(longer, "the ".repeat(6), shorter, "a")));

        assertEquals(
                named
                        + " 0 has 6 tokens, which leaves 3 of 9 for "
                        + shorter
                        + ", expected at least 5",
                refused.getMessage());
        refused =
                assertThrows(
                        BadInputException.class,
                        () -> process(Map.of(longer, "the ".repeat(40), shorter, "a")));
        assertEquals(
                named
                        + " 0 has at least 12 tokens, which leaves 0 of 9 for "
                        + shorter
                        + ", expected at least 5",
                refused.getMessage());
        assertEquals(
                "1",
                String.valueOf(
                        rowsOf(Map.of(longer, "the ".repeat(4), shorter, "the the the the the"))));
    }

    @Test
    void truncationOfAPairNeedsOne() {
        tokenizer.setTruncation(TokenizerJson.Truncation.ONLY_SECOND);

        PipelineFaultException fault =
                assertThrows(PipelineFaultException.class, () -> process(Map.of("text", "a")));

        assertEquals(
                "TokenizerPreprocessor: truncation is ONLY_SECOND, but there is no pairField",
                fault.getMessage());
    }

    private int rowsOf(Object body) {
        Exchange exchange = process(body);
        try {
            return TokenizedTexts.of(exchange).rows().size();
        } finally {
            Exchanges.done(exchange);
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "input_ids int32 -1 128, attention_mask int32 -1 256 | maxLength is 128, but input"
                        + " \"attention_mask\"",
                "a int32 -1 8, b int32 -1 8 | set idsInput, maskInput and typesInput",
                "input_ids int32 -1 -1, attention_mask int32 -1 -1, pixels int32 -1 8 | set idsInput",
                "input_ids int32 -1 | makes ids [rows, length] in int32, int64 or float32",
            })
    void signatureOfAnotherKindIsAnErrorAtStart(String inputs, String expected) {
        SignatureTensors signature = Signatures.inputs(inputs);

        PipelineFaultException fault =
                assertThrows(
                        PipelineFaultException.class,
                        () -> tokenizer.bindInputs(List.of(signature)));

        assertTrue(fault.getMessage().contains(expected), fault.getMessage());
    }

    @Test
    void maxLengthThatContradictsTheModelIsAnErrorAtStart() {
        tokenizer.setMaxLength(128);
        SignatureTensors signature = Signatures.inputs("input_ids int32 -1 256");

        PipelineFaultException fault =
                assertThrows(
                        PipelineFaultException.class,
                        () -> tokenizer.bindInputs(List.of(signature)));

        assertEquals(
                "maxLength is 128, but input \"input_ids\" of signature \"serving_default\" of model"
                        + " \"m\" is int32 [-1, 256]",
                fault.getMessage());
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "expected.json | is no tokenizer.json: it has no member \"model\"",
                "../image-fixtures.csv | is neither a tokenizer.json nor BERT's vocab.txt: it has"
                        + " no line [UNK]",
                "none.json | can't be read: there is no file",
            })
    void fileThatIsNoTokenizerIsAnErrorAtStart(String file, String expected) {
        tokenizer = tokenizer(file);

        PipelineFaultException fault =
                assertThrows(PipelineFaultException.class, () -> tokenizer.start());

        assertTrue(fault.getMessage().contains(expected), fault.getMessage());
    }

    @Test
    void textThatIsNoUnicodeIsRefused() {
        BadInputException refused =
                assertThrows(
                        BadInputException.class,
                        () -> process(Map.of("text", List.of("a", "b\ud800c"))));

        assertEquals(
                "text[1] is not well-formed Unicode: it has half of a surrogate pair",
                refused.getMessage());
    }

    @Test
    void pairWithAWrongTextIsRejectedAlone() {
        tokenizer.setPairField("context");
        tokenizer.setMaxLength(12);
        tokenizer.setTruncation(TokenizerJson.Truncation.ONLY_SECOND);
        tokenizer.setStride(4);
        tokenizer.setItemErrors(ItemErrors.ANSWER);

        Exchange exchange =
                process(
                        Map.of(
                                "text",
                                List.of("a", 1, "b", "the ".repeat(6), "c"),
                                "context",
                                List.of("the the", "b", true, "a", "the")));

        assertEquals(List.of("a", "c"), TokenizedTexts.of(exchange).texts());
        assertEquals(
                List.of(
                        "first",
                        Map.of("error", "text[1] must be a string, got a number"),
                        Map.of("error", "context[2] must be a string, got a boolean"),
                        Map.of(
                                "error",
                                "text 3 has 6 tokens, which leaves 3 of 9 for context, expected at"
                                        + " least 5"),
                        "last"),
                requireNonNull(RejectedItems.of(exchange)).complete(List.of("first", "last")));
        assertThrows(
                PipelineFaultException.class,
                () -> requireNonNull(RejectedItems.of(exchange)).complete(List.of("first")));
    }

    @Test
    void bindingAgainReusesTheTokenizer() {
        SignatureTensors signature = Signatures.inputs("input_ids int32 -1 8");
        tokenizer.bindInputs(List.of(signature));
        int bound = SubwordTokenizer.open();
        tokenizer.bindInputs(List.of(signature, signature));

        assertEquals(bound, SubwordTokenizer.open());
    }

    @Test
    void textThatTheTokenizerCannotEncodeIsThePipelinesFault(@TempDir Path folder)
            throws IOException {
        String json = Files.readString(FOLDER.resolve("word-piece.json"));
        Path file = folder.resolve("tokenizer.json");
        Files.writeString(
                file, json.replace("\"unk_token\":\"[UNK]\"", "\"unk_token\":\"[NONE]\""));
        tokenizer.setTokenizerFile(file.toString());

        PipelineFaultException fault =
                assertThrows(PipelineFaultException.class, () -> process(Map.of("text", "\u4e57")));

        assertEquals(
                "TokenizerPreprocessor: the tokenizer failed: WordPiece error: Missing [UNK] token"
                        + " from the vocabulary",
                fault.getMessage());
    }

    @Test
    void deadlineEndsALongList() {
        Exchange exchange = new DefaultExchange(CONTEXT);
        exchange.getMessage().setBody(Map.of("text", List.of("a", "b")));
        ExchangeDeadline.set(exchange, Deadline.at(System.nanoTime() - 1));

        assertThrows(DeadlineExceededException.class, () -> tokenizer.process(exchange));
    }

    @Test
    void tensorsAreFreedWithTheExchange() {
        long before = NamedTensors.open();
        Exchange exchange = process(Map.of("text", "the"));
        assertEquals(before + 2, NamedTensors.open());

        Exchanges.done(exchange);

        assertEquals(before, NamedTensors.open());
    }

    @Test
    void severalThreadsUseOneTokenizer() {
        String expected = tensors(Map.of("text", "Hello unaffable world")).toString();

        String[] actual =
                IntStream.range(0, 200)
                        .parallel()
                        .mapToObj(i -> tensors(Map.of("text", "Hello unaffable world")).toString())
                        .distinct()
                        .toArray(String[]::new);

        assertArrayEquals(new String[] {expected}, actual);
    }
}
