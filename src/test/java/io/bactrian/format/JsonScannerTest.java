package io.bactrian.format;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.bactrian.tensor.BadInputException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class JsonScannerTest {

    private static void skipDocument(byte[] json) {
        skipDocument(json, Dialect.BACTRIAN);
    }

    private static void skipDocument(byte[] json, Dialect dialect) {
        JsonScanner scanner = new JsonScanner(json, dialect);
        scanner.peekDocument();
        scanner.skipValue();
        scanner.endDocument();
    }

    private static byte[] utf8(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{}",
                "[]",
                "0",
                "-0",
                "\"\"",
                "true",
                "false",
                "null",
                " [ ] ",
                "{\"a\":1}",
                "[[],{},[{}],{\"a\":[]}]",
                "[1.5e-3,-2,3E+7]",
                "{ \"a\" : [ 1 , 2 ] , \"b\" : { } }\n",
                "[NaN,Infinity,-Infinity]",
                "\"\\\"\\\\\\/\\b\\f\\n\\r\\t\\u0041\"",
                "\"\\ud83d\\ude00 😀 é ﷺ\"",
                "\"a string of more than eight characters \\n é\"",
                "\uFEFF[1]"
            })
    void acceptsValidDocuments(String json) {
        for (Dialect dialect : Dialect.values()) {
            skipDocument(utf8(json), dialect);
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "[1] [2]|The document root must not be followed by other values. at offset: 4",
                "{} x|The document root must not be followed by other values. at offset: 3",
                "Inf|Invalid value. at offset: 3",
                "[-Inf]|Invalid value. at offset: 5",
                "[-NaN]|Invalid value. at offset: 2",
            })
    void extensionsOfRapidJsonAreForTensorFlowServingsDialectOnly(String json, String fault) {
        skipDocument(utf8(json), Dialect.TENSORFLOW_SERVING);
        BadInputException error =
                assertThrows(BadInputException.class, () -> skipDocument(utf8(json)));
        assertEquals("JSON Parse error: " + fault, error.getMessage());
    }

    /** Texts and offsets are RapidJSON's, of its iterative parser. */
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "whatever|Invalid value. at offset: 0",
                "nul|Invalid value. at offset: 3",
                "[1,]|Invalid value. at offset: 3",
                "[1 2]|Missing a comma or ] after an array element. at offset: 3",
                "[1|Missing a comma or ] after an array element. at offset: 2",
                "[|Invalid value. at offset: 1",
                "[1}|Missing a comma or ] after an array element. at offset: 2",
                "{|Missing a name for object member. at offset: 1",
                "{1:2}|Missing a name for object member. at offset: 1",
                "{'a':2}|Missing a name for object member. at offset: 1",
                "{\"a\" 1}|Missing a colon after a name of object member. at offset: 5",
                "{\"a\":}|Invalid value. at offset: 5",
                "{\"a\":1,}|Missing a name for object member. at offset: 7",
                "{\"a\":1]|Missing a comma or } after an object member. at offset: 6",
                "{\"a\":1|Missing a comma or } after an object member. at offset: 6",
                "01|The document root must not be followed by other values. at offset: 1",
                "[01]|Missing a comma or ] after an array element. at offset: 2",
                "[-01]|Missing a comma or ] after an array element. at offset: 3",
                "+1|Invalid value. at offset: 0",
                ".5|Invalid value. at offset: 0",
                "-|Invalid value. at offset: 1",
                "-.5|Invalid value. at offset: 1",
                "1.|Miss fraction part in number. at offset: 2",
                "[1.e5]|Miss fraction part in number. at offset: 3",
                "1e|Miss exponent in number. at offset: 2",
                "1e+|Miss exponent in number. at offset: 3",
                "1e400|Number too big to be stored in double. at offset: 0",
                "[-1e400]|Number too big to be stored in double. at offset: 1",
                "Infinit|Invalid value. at offset: 7",
                "nan|Invalid value. at offset: 1",
                "--1|Invalid value. at offset: 1",
                "\"a|Missing a closing quotation mark in string. at offset: 2",
                "\"\\x\"|Invalid escape character in string. at offset: 1",
                "\"\\u12g4\"|Incorrect hex digit after \\u escape in string. at offset: 1",
                "\"\\u12|Incorrect hex digit after \\u escape in string. at offset: 1",
                "\"\\ud83d\"|The surrogate pair in string is invalid. at offset: 1",
                "\"\\ud83d\\u0041\"|The surrogate pair in string is invalid. at offset: 1",
                "\"\\ude00\"|The surrogate pair in string is invalid. at offset: 1",
                "1 1|The document root must not be followed by other values. at offset: 2",
                "\"0123456789\u0001\"|Invalid encoding in string. at offset: 11",
            })
    void invalidJsonReportsReasonAndOffset(String json, String fault) {
        BadInputException error =
                assertThrows(BadInputException.class, () -> skipDocument(utf8(json)));
        assertEquals("JSON Parse error: " + fault, error.getMessage());
    }

    @Test
    void emptyDocumentsAreRejected() {
        BadInputException none =
                assertThrows(BadInputException.class, () -> skipDocument(new byte[0]));
        assertEquals("JSON Parse error: The document is empty", none.getMessage());
        BadInputException blank =
                assertThrows(BadInputException.class, () -> skipDocument(utf8(" \n")));
        assertEquals("JSON Parse error: The document is empty. at offset: 2", blank.getMessage());
    }

    /** As hexadecimal bytes: truncated, overlong, a surrogate, above U+10FFFF, Latin-1. */
    @ParameterizedTest
    @ValueSource(
            strings = {"c3", "c0af", "e080af", "eda080", "f4908080", "e9", "80", "f08080af", "ff"})
    void malformedUtf8ReportsItsOffset(String hex) {
        byte[] malformed = java.util.HexFormat.of().parseHex(hex);
        byte[] json = new byte[malformed.length + 12];
        java.util.Arrays.fill(json, (byte) 'a');
        json[0] = '"';
        System.arraycopy(malformed, 0, json, 5, malformed.length);
        json[json.length - 1] = '"';
        BadInputException error = assertThrows(BadInputException.class, () -> skipDocument(json));
        assertEquals(
                "JSON Parse error: Invalid encoding in string. at offset: 5", error.getMessage());
    }

    @Test
    void escapesInStringsAreResolved() {
        String json = "\"\\\"\\\\\\/\\b\\f\\n\\r\\t\\u00e9\\u20AC\\ud83d\\ude00\\u0000é😀 plain\"";
        JsonScanner scanner = new JsonScanner(utf8(json), Dialect.BACTRIAN);
        scanner.peek();
        assertArrayEquals(utf8("\"\\/\b\f\n\r\té€😀\0é😀 plain"), scanner.readString());
        assertEquals(JsonScanner.END, scanner.peek());
    }

    @Test
    void nestingIsUnlimitedInTensorFlowServingsDialect() {
        int depth = 500_000;
        Dialect tensorFlowServing = Dialect.TENSORFLOW_SERVING;
        skipDocument(utf8("[".repeat(depth) + "]".repeat(depth)), tensorFlowServing);
        skipDocument(utf8("{\"a\":".repeat(depth) + "1" + "}".repeat(depth)), tensorFlowServing);
        assertThrows(
                BadInputException.class,
                () -> skipDocument(utf8("[{\"a\":".repeat(depth)), tensorFlowServing));
    }

    /** The limit is that of Jackson's writer. */
    @ParameterizedTest
    @ValueSource(ints = {1001, 1002, 100_000})
    void nestingIsLimitedTo1000Levels(int tooDeep) {
        skipDocument(utf8("[".repeat(1000) + "1" + "]".repeat(1000)));
        skipDocument(utf8("{\"a\":".repeat(1000) + "1" + "}".repeat(1000)));
        for (String json :
                new String[] {
                    "[".repeat(tooDeep) + "1" + "]".repeat(tooDeep),
                    "{\"a\":".repeat(tooDeep) + "1" + "}".repeat(tooDeep),
                    "[".repeat(tooDeep)
                }) {
            String message =
                    assertThrows(BadInputException.class, () -> skipDocument(utf8(json)))
                            .getMessage();
            assertTrue(message.contains("Nested more than 1000 levels deep."), message);
        }
    }

    /** Valid texts with a byte changed are accepted or rejected as by Jackson. */
    @Test
    void acceptsTheSameDocumentsAsJackson() {
        ObjectMapper jackson =
                new ObjectMapper().enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS);
        String seed =
                "{\"a\": [1, -2.5e3, 0.25, [], {}], \"b\\u0041\": \"x\\n\", \"c\": [true, false, null]}";
        Random random = new Random(6);
        String alphabet = "{}[]\",:.-+eE019ntf \\ua\t";
        for (int i = 0; i < 100_000; i++) {
            StringBuilder text = new StringBuilder(seed);
            for (int change = random.nextInt(3); change >= 0; change--) {
                int at = random.nextInt(text.length());
                char c = alphabet.charAt(random.nextInt(alphabet.length()));
                switch (random.nextInt(3)) {
                    case 0 -> text.setCharAt(at, c);
                    case 1 -> text.insert(at, c);
                    default -> text.deleteCharAt(at);
                }
            }
            String json = text.toString();
            assertEquals(accepts(jackson, json), accepts(json), json);
        }
    }

    private static boolean accepts(ObjectMapper jackson, String json) {
        try {
            jackson.readTree(utf8(json));
            return true;
        } catch (IOException e) {
            return false;
        }
    }

    private static boolean accepts(String json) {
        try {
            skipDocument(utf8(json));
            return true;
        } catch (BadInputException e) {
            return false;
        }
    }
}
