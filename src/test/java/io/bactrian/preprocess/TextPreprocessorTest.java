package io.bactrian.preprocess;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.bactrian.pipeline.ExchangeTensors;
import io.bactrian.pipeline.RequestItems;
import io.bactrian.tensor.BadInputException;
import io.bactrian.tensor.NamedTensors;
import io.bactrian.testing.Exchanges;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.apache.camel.Exchange;
import org.apache.camel.impl.DefaultCamelContext;
import org.apache.camel.support.DefaultExchange;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.types.TString;

class TextPreprocessorTest {

    private static final DefaultCamelContext CONTEXT = new DefaultCamelContext();

    private final TextPreprocessor text = new TextPreprocessor();

    @AfterAll
    static void close() throws java.io.IOException {
        CONTEXT.close();
    }

    private Exchange process(Object body) {
        Exchange exchange = new DefaultExchange(CONTEXT);
        exchange.getMessage().setBody(body);
        text.process(exchange);
        return exchange;
    }

    private String tensorOf(Object body) {
        Exchange exchange = process(body);
        try (NamedTensors.Reference tensors = ExchangeTensors.read(exchange)) {
            TString tensor = (TString) tensors.get(text.getInput());
            assertEquals(Shape.of(1), tensor.shape());
            return new String(tensor.asBytes().getObject(0), StandardCharsets.UTF_8);
        } finally {
            Exchanges.done(exchange);
        }
    }

    @Test
    void defaultsAreTextInLowerCase() {
        assertEquals("text", text.getField());
        assertEquals(CaseFolding.LOWER, text.getCaseFolding());
        assertEquals(NamedTensors.UNNAMED, text.getInput());
    }

    /** The expected texts of LOWER and UPPER are from Python's str.lower and str.upper. */
    @Test
    void textIsNormalizedBeforeItsCaseChanges() {
        text.setNormalization(UnicodeForm.NFKC);
        assertEquals(
                tensorOf(Map.of("text", "fine a")), tensorOf(Map.of("text", "\ufb01ne \uff21")));
    }

    @ParameterizedTest
    @CsvSource({
        "LOWER, Hello WORLD 5€, hello world 5€",
        "LOWER, ÉTÉ ΑΣ İ ẞ, été ας i̇ ß",
        "LOWER, 'TITLE I', 'title i'",
        "UPPER, straße été, STRASSE ÉTÉ",
        "ASCII_LOWER, ÉTÉ Abc, ÉtÉ abc",
        "NONE, As It Is, As It Is"
    })
    void caseFoldingMatchesPython(CaseFolding folding, String given, String expected) {
        text.setCaseFolding(folding);
        assertEquals(expected, tensorOf(Map.of("text", given)));
    }

    @Test
    void caseFoldingIgnoresTheDefaultLocale() {
        java.util.Locale before = java.util.Locale.getDefault();
        java.util.Locale.setDefault(new java.util.Locale("tr"));
        try {
            assertEquals("title", tensorOf(Map.of("text", "TITLE")));
        } finally {
            java.util.Locale.setDefault(before);
        }
    }

    @Test
    void fieldSelectsAFieldOrTheWholeBody() {
        text.setInput("message");
        text.setField("subject");
        assertEquals("free!", tensorOf(Map.of("subject", "FREE!", "text", "x")));
        text.setField("");
        assertEquals("free!", tensorOf("FREE!"));
        assertEquals("ÿ", tensorOf("Ÿ".getBytes(StandardCharsets.UTF_8)));
    }

    @Test
    void listOfTextsIsABatchInOrder() {
        for (Object body :
                List.of(
                        Map.of("text", List.of("A", "b")),
                        List.of("A", "b"),
                        List.of(Map.of("text", "A"), Map.of("text", "b")))) {
            Exchange exchange = process(body);
            try (NamedTensors.Reference tensors = ExchangeTensors.read(exchange)) {
                TString tensor = (TString) tensors.get(text.getInput());
                assertEquals(Shape.of(2), tensor.shape());
                assertEquals("a", tensor.getObject(0));
                assertEquals("b", tensor.getObject(1));
                assertTrue(RequestItems.isList(exchange));
            } finally {
                Exchanges.done(exchange);
            }
        }
    }

    @Test
    void linesAndTheirColumnsAreTexts() {
        text.setField("");
        text.setLines(true);
        text.setColumn(1);
        Exchange exchange = process("1\tGood\tx\r\n\n2\tBad\n");
        try (NamedTensors.Reference tensors = ExchangeTensors.read(exchange)) {
            TString tensor = (TString) tensors.get(text.getInput());
            assertEquals(Shape.of(2), tensor.shape());
            assertEquals("good", tensor.getObject(0));
            assertEquals("bad", tensor.getObject(1));
        } finally {
            Exchanges.done(exchange);
        }
        assertEquals(
                "line 2 has 1 column, expected the text in column 1, from 0",
                assertThrows(BadInputException.class, () -> process("1\ta\n2")).getMessage());
    }

    @Test
    void moreOrLongerTextsThanAllowedAreRefused() {
        text.setMaxTexts(2);
        text.setMaxCharacters(3);
        assertEquals(
                "text has 3 texts, the most are 2",
                assertThrows(
                                BadInputException.class,
                                () -> process(Map.of("text", List.of("a", "b", "c"))))
                        .getMessage());
        assertEquals(
                "text[1] has 4 characters, the most are 3",
                assertThrows(
                                BadInputException.class,
                                () -> process(Map.of("text", List.of("a", "abcd"))))
                        .getMessage());
    }

    @Test
    void emptyTextIsKept() {
        assertEquals("", tensorOf(Map.of("text", "")));
    }

    static Stream<Arguments> wrong() {
        Map<String, Object> nothing = new HashMap<>();
        nothing.put("text", null);
        return Stream.of(
                Arguments.of(Map.of(), "missing field \"text\""),
                Arguments.of(Map.of("Text", "x"), "missing field \"text\""),
                Arguments.of(Map.of("text", 5), "field \"text\" must be a string, got a number"),
                Arguments.of(
                        Map.of("text", true), "field \"text\" must be a string, got a boolean"),
                Arguments.of(
                        Map.of("text", List.of("x", 5)), "text[1] must be a string, got a number"),
                Arguments.of(
                        Map.of("text", List.of()), "text is empty, expected at least one text"),
                Arguments.of(
                        List.of(Map.of("text", "x"), Map.of()), "body[1]: missing field \"text\""),
                Arguments.of(
                        Map.of("text", List.of("x", "half \ud83d")),
                        "text[1] is not well-formed Unicode: it has half of a surrogate" + " pair"),
                Arguments.of(
                        Map.of("text", Map.of()), "field \"text\" must be a string, got an object"),
                Arguments.of(nothing, "field \"text\" must be a string, got null"),
                Arguments.of(
                        List.of(5),
                        "body[0]: expected an object with a field \"text\", such as {\"text\": \"...\"}"),
                Arguments.of(
                        null,
                        "expected an object with a field \"text\", such as {\"text\": \"...\"}"),
                Arguments.of(
                        Map.of("text", "half \ud83d"),
                        "field \"text\" is not well-formed Unicode: it has half of a surrogate pair"));
    }

    @ParameterizedTest
    @MethodSource("wrong")
    void invalidTextNamesTheFieldAndTheTypeFound(Object body, String message) {
        long before = NamedTensors.open();
        assertEquals(
                message, assertThrows(BadInputException.class, () -> process(body)).getMessage());
        assertTrue(NamedTensors.open() <= before);
    }

    @Test
    void tensorHoldsUtf8Bytes() {
        try (NamedTensors tensors = ExchangeTensors.getBody(process(Map.of("text", "🐪")))) {
            byte[] bytes = ((TString) tensors.select(null)).asBytes().getObject(0);
            assertArrayEquals(
                    new byte[] {(byte) 0xf0, (byte) 0x9f, (byte) 0x90, (byte) 0xaa},
                    bytes,
                    Arrays.toString(bytes));
        }
    }
}
