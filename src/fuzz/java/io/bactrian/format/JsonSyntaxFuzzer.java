package io.bactrian.format;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.json.JsonReadFeature;
import io.bactrian.tensor.BadInputException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Objects;

/** {@link JsonScanner} takes what Jackson takes, and reads the same strings and numbers from it. */
public final class JsonSyntaxFuzzer {

    private static final JsonFactory JACKSON =
            JsonFactory.builder()
                    .enable(JsonReadFeature.ALLOW_NON_NUMERIC_NUMBERS)
                    .streamReadConstraints(
                            StreamReadConstraints.builder()
                                    .maxNestingDepth(Dialect.BACTRIAN.maxDepth())
                                    .maxStringLength(Integer.MAX_VALUE)
                                    .maxNumberLength(Integer.MAX_VALUE)
                                    .build())
                    .build();

    private JsonSyntaxFuzzer() {}

    public static void fuzzerTestOneInput(byte[] bytes) throws IOException {
        String ours = scanned(bytes);
        String theirs = parsed(bytes);
        if (!Objects.equals(ours, theirs)) {
            throw new IllegalStateException("scanned " + ours + ", parsed " + theirs);
        }
    }

    /** {@return whether the text is one JSON document, and of a number or string its value} */
    private static String scanned(byte[] bytes) {
        try {
            JsonScanner whole = new JsonScanner(bytes, Dialect.BACTRIAN);
            whole.peekDocument();
            whole.skipValue();
            whole.endDocument();
            JsonScanner scanner = new JsonScanner(bytes, Dialect.BACTRIAN);
            int first = scanner.peekDocument();
            if (first == '"') {
                byte[] text = scanner.readString();
                return decoded(text);
            }
            if (scanner.scanNumber()) {
                if (scanner.isLong()) {
                    return String.valueOf(scanner.longValue());
                }
                return number(scanner);
            }
            return "valid";
        } catch (BadInputException e) {
            return null;
        }
    }

    private static String number(JsonScanner scanner) {
        try {
            return String.valueOf(scanner.doubleValue());
        } catch (BadInputException e) {
            return "out of range";
        }
    }

    private static String parsed(byte[] bytes) throws IOException {
        String text = utf8(bytes);
        // Jackson would pass a zero byte at the end, and has names that are not JSON's.
        if (text == null || text.contains("INF")) {
            return scanned(bytes);
        }
        if (text.startsWith("\ufeff")) {
            text = text.substring(1);
        }
        try (JsonParser parser = JACKSON.createParser(text)) {
            JsonToken first = parser.nextToken();
            if (first == null) {
                return null;
            }
            String value = value(parser, first);
            parser.skipChildren();
            return parser.nextToken() == null ? value : null;
        } catch (JsonProcessingException e) {
            return null;
        }
    }

    private static String value(JsonParser parser, JsonToken token) throws IOException {
        switch (token) {
            case VALUE_STRING:
                // The escape of half a surrogate pair is refused: it has no bytes in UTF-8.
                String text = parser.getText();
                return StandardCharsets.UTF_8.newEncoder().canEncode(text) ? text : null;
            case VALUE_NUMBER_INT:
                if (parser.getNumberType() != JsonParser.NumberType.BIG_INTEGER) {
                    return String.valueOf(parser.getLongValue());
                }
                return range(Double.parseDouble(parser.getText()));
            case VALUE_NUMBER_FLOAT:
                String number = parser.getText();
                if (number.contains("N") || number.contains("I")) {
                    return String.valueOf(parser.getDoubleValue());
                }
                return range(Double.parseDouble(number));
            default:
                return "valid";
        }
    }

    private static String range(double value) {
        return Double.isInfinite(value) ? "out of range" : String.valueOf(value);
    }

    private static String decoded(byte[] bytes) {
        return Objects.requireNonNull(utf8(bytes), () -> Arrays.toString(bytes));
    }

    private static String utf8(byte[] bytes) {
        try {
            CharBuffer text = StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes));
            return text.toString();
        } catch (CharacterCodingException e) {
            return null;
        }
    }
}
