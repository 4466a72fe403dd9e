package io.bactrian.format;

import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.bactrian.tensor.BadInputException;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The grammar of RFC 8259, with the kinds of cases of N. Seriot's JSONTestSuite, including those
 * for which parsers may differ.
 */
class JsonGrammarTest {

    private static void parse(byte[] json) {
        JsonScanner scanner = new JsonScanner(json, Dialect.BACTRIAN);
        scanner.peekDocument();
        scanner.skipValue();
        scanner.endDocument();
    }

    private static void assertAccepted(byte[] json) {
        assertDoesNotThrow(() -> parse(json));
    }

    private static void assertRejected(byte[] json) {
        BadInputException error = assertThrows(BadInputException.class, () -> parse(json));
        assertTrue(error.getMessage().startsWith("JSON Parse error: "), error.getMessage());
    }

    private static byte[] utf8(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "[[] ]",
                "[\"\"]",
                " [1]",
                "[2] ",
                "[1,null,null,null,2]",
                "[\r\n\t 1 \r\n]\r\n",
                "[ 4]",
                "[null, 1, \"1\", {}]",
                "[false]",
                "42",
                "-0.1",
                "\"asd\"",
                "[\"a\"]\n",
                "\"\""
            })
    void validStructureIsAccepted(String json) {
        assertAccepted(utf8(json));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "[123e65]",
                "[0e+1]",
                "[0e1]",
                "[ 4]",
                "[-0.000000000000000000000000000000000000000000000000000000000000000000000000001]",
                "[20e1]",
                "[-0]",
                "[-123]",
                "[-1]",
                "[1E22]",
                "[1E-2]",
                "[1E+2]",
                "[123e45]",
                "[123.456e78]",
                "[1e-2]",
                "[1e+2]",
                "[123.456789]"
            })
    void validNumberIsAccepted(String json) {
        assertAccepted(utf8(json));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{\"a\":\"b\",\"a\":\"c\"}",
                "{\"a\":\"b\",\"a\":\"b\"}",
                "{\"\":0}",
                "{\"foo\\u0000bar\": 42}",
                "{\"min\": -1.0e+28, \"max\": 1.0e+28}",
                "{\"x\":[{\"id\": \"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\"}], \"id\": \"a\"}",
                "{\"title\":\"\\u041f\\u043e\\u043b\"}",
                "{\n\"a\": \"b\"\n}"
            })
    void validObjectIsAccepted(String json) {
        assertAccepted(utf8(json));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "[\"\\u0060\\u012a\\u12AB\"]",
                "[\"\\uD801\\udc37\"]",
                "[\"\\ud83d\\ude39\\ud83d\\udc8d\"]",
                "[\"\\\"\\\\\\/\\b\\f\\n\\r\\t\"]",
                "[\"\\\\u0000\"]",
                "[\"\\\"\"]",
                "[\"a/*b*/c/*d//e\"]",
                "[\"\\\\a\"]",
                "[\"\\\\n\"]",
                "[\"\\u0012\"]",
                "[\"\\uFFFF\"]",
                "[\"\\uDBFF\\uDFFE\"]",
                "[\"\\uD834\\uDd1e\"]",
                "[\"\\u0000\"]",
                "[\"\\u005C\"]",
                "[\"\\u0022\"]",
                "[\"\\u200B\\u2064\\uFDD0\"]",
                "[\"\u2028\u2029\u007f\uffff\uFEFF\"]",
                "[\"\ud800\udd1e€㈴\"]",
                "[\"new\\u00A0line\"]"
            })
    void validStringIsAccepted(String json) {
        assertAccepted(utf8(json));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "[1 true]",
                "[\"\": 1]",
                "[\"\"],",
                "[,1]",
                "[1,,2]",
                "[\"x\",,]",
                "[\"x\"]]",
                "[\"\",]",
                "[\"x\"",
                "[x",
                "[3[4]]",
                "[1:2]",
                "[,]",
                "[-]",
                "[   , \"\"]",
                "[\"a\",\n4\n,1,",
                "[1,]",
                "[1,,]",
                "[\"\u000ba\"\\f]",
                "[*]",
                "[\"\"",
                "[1,\n1\n,1",
                "[{}",
                "[fals]",
                "[nul]",
                "[tru]",
                "[True]",
                "[FALSE]",
                "[Null]",
                "[truefalse]"
            })
    void invalidArrayIsRejected(String json) {
        assertRejected(utf8(json));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "[++1234]",
                "[+1]",
                "[+Inf]",
                "[-01]",
                "[-1.0.]",
                "[-2.]",
                "[-NaN]",
                "[.-1]",
                "[.2e-3]",
                "[0.1.2]",
                "[0.3e+]",
                "[0.3e]",
                "[0.e1]",
                "[0E+]",
                "[0E]",
                "[0e+]",
                "[0e]",
                "[1.0e+]",
                "[1.0e-]",
                "[1.0e]",
                "[1 000.0]",
                "[1_000]",
                "[1eE2]",
                "[2.e+3]",
                "[2.e-3]",
                "[2.e3]",
                "[9.e+]",
                "[1+2]",
                "[0x1]",
                "[0x42]",
                "[0b1]",
                "[0o7]",
                "[Inf]",
                "[-Inf]",
                "[infinity]",
                "[nan]",
                "[-foo]",
                "[- 1]",
                "[-012]",
                "[-.123]",
                "[-1x]",
                "[1ea]",
                "[1a]",
                "[1e1.5]",
                "[1.]",
                "[.123]",
                "[1.2a-3]",
                "[1.8011670033376514H-308]",
                "[012]",
                "[00]",
                "[1f]",
                "[1L]",
                "[1,5 e3]",
                "[\uff11]",
                "[\u0661]",
                "2@",
                "1]"
            })
    void invalidNumberIsRejected(String json) {
        assertRejected(utf8(json));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "[\"x\", truth]",
                "{[: \"x\"}\n",
                "{\"x\", null}",
                "{\"x\"::\"b\"}",
                "{\ud83c\udde8\ud83c\udded}",
                "{\"a\":\"a\" 123}",
                "{key: 'value'}",
                "{'a':0}",
                "{\"a\" b}",
                "{:\"b\"}",
                "{\"a\" \"b\"}",
                "{\"a\":",
                "{\"a\"",
                "{1:1}",
                "{9999E9999:1}",
                "{null:null,null:null}",
                "{\"id\":0,,,,,}",
                "{\"id\":0,}",
                "{\"a\":\"b\"}/**/",
                "{\"a\":\"b\"}/**//",
                "{\"a\":\"b\"}//",
                "{\"a\":\"b\"}/",
                "/* a */{}",
                "{\"a\":/*comment*/\"b\"}",
                "{\"a\":\"b\"}#",
                "{\"a\":\"b\",,\"c\":\"d\"}",
                "{a: \"b\"}",
                "{\"a\":\"a",
                "{ \"foo\" : \"bar\", \"a\" }",
                "{\"a\":\"b\"}#{}",
                "{\"a\":true} \"x\"",
                "{true:1}",
                "{\"a\":1;\"b\":2}",
                "{]",
                "{}}",
                "{,\"a\":1}",
                "{\"a\":1 \"b\":2}"
            })
    void invalidObjectIsRejected(String json) {
        assertRejected(utf8(json));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "[\"\\uD800\\\"]",
                "[\"\\uD800\\u\"]",
                "[\"\\uD800\\u1\"]",
                "[\"\\uD800\\u1x\"]",
                "[\"\\uD834\\uDd\"]",
                "[é]",
                "[\"\\\u0000\"]",
                "[\"\\x00\"]",
                "[\"\\\\\\\"]",
                "[\"\\\t\"]",
                "[\"\\\ud83c\udf00\"]",
                "[\"\\\"]",
                "[\"\\u00A\"]",
                "[\"\\uqqqq\"]",
                "[\"\\u+123\"]",
                "[\"\\u 123\"]",
                "[\"\\a\"]",
                "[\"\\'\"]",
                "[\"\\0\"]",
                "[\"\\v\"]",
                "[\"\\U0001F600\"]",
                "[\\u0020\"asd\"]",
                "[\\n]",
                "\"",
                "['single quote']",
                "abc",
                "[\"\\",
                "[\"a\u0000a\"]",
                "[\"new\nline\"]",
                "[\"\t\"]",
                "[\"\u001f\"]",
                "\"\\UA66D\"",
                "\"\"x"
            })
    void invalidStringIsRejected(String json) {
        assertRejected(utf8(json));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "<.>",
                "[<null>]",
                "[1]x",
                "[1]]",
                "[\"asd]",
                "aå",
                "{\"x\": true,",
                "[][]",
                "]",
                "[",
                "[\u0000]",
                "\u0000[]",
                "[]\u0000",
                "{\"a\":/",
                "{}[]",
                "[\"a\" \"b\"]",
                "{\"\":\"b\",",
                "[{\"\":",
                "*",
                "\u2060[]",
                "[\u2060]",
                "[\u00a0]",
                "[\f]",
                "[\u000b]",
                "\ufeff",
                "\ufeff\ufeff[]",
                "[1\u2028]",
                "{\"a\":\"b\"}\u00e9",
                "&{}",
                ")]}',[]",
                "[undefined]",
                "--- []",
                "[1];"
            })
    void invalidStructureIsRejected(String json) {
        assertRejected(utf8(json));
    }

    /** As hexadecimal bytes, within {@code ["…"]}. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "e0ff",
                "fc80808080",
                "fc8383838383",
                "eda080",
                "eda081edb081",
                "c0af",
                "e0808a",
                "f4bfbfbf",
                "81",
                "e9",
                "ff",
                "fe",
                "f8888080",
                "e6",
                "5c75e5",
                "5ce5",
                "5c7530e5",
                "f09f98"
            })
    void malformedUtf8IsRejected(String hex) {
        assertRejected(HexFormat.of().parseHex("5b22" + hex + "225d"));
        assertRejected(HexFormat.of().parseHex("7b22" + hex + "223a317d"));
    }

    /** As hexadecimal bytes: parts of a byte order mark, and encodings other than UTF-8. */
    @ParameterizedTest
    @ValueSource(
            strings = {"efbb7b7d", "ef7b7d", "bb7b7d", "fffe5b005d00", "feff005b005d", "5be95d"})
    void otherEncodingIsRejected(String hex) {
        assertRejected(HexFormat.of().parseHex(hex));
    }

    @ParameterizedTest
    @ValueSource(strings = {"UTF-16BE", "UTF-16LE", "UTF-32BE", "UTF-32LE"})
    void utf16AndUtf32AreRejected(String charset) {
        assertRejected("[\"é\"]".getBytes(Charset.forName(charset)));
    }

    /** Cases for which parsers may differ, and which are accepted here. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "\ufeff{}",
                "[NaN]",
                "[Infinity]",
                "[-Infinity]",
                "[123.456e-789]",
                "[1e-400]",
                "[0.4e-0066999999999999999999999999999999999999999999999999999999999999999]",
                "[0e9999999999999999999999999]",
                "[100000000000000000000]",
                "[-123123123123123123123123123123]",
                "[-237462374673276894279832749832423479823246327846]"
            })
    void implementationDefinedCaseIsAccepted(String json) {
        assertAccepted(utf8(json));
    }

    /** Cases for which parsers may differ, and which are rejected here. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "[1.5e+9999]",
                "[-1e+9999]",
                "[123123e100000]",
                "[-123123e100000]",
                "[0.4e00669999999999999999999999999999999999999999999999999999999999999999]",
                "[\"\\uDADA\"]",
                "[\"\\uD888\\u1234\"]",
                "[\"\\uD800\\n\"]",
                "[\"\\ud800abc\"]",
                "[\"\\uDd1e\\uD834\"]",
                "[\"\\uDFAA\"]",
                "[\"\\ud800\"]",
                "{\"\\uDFAA\":0}"
            })
    void implementationDefinedCaseIsRejected(String json) {
        assertRejected(utf8(json));
    }
}
