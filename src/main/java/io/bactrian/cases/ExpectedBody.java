package io.bactrian.cases;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.function.BiFunction;
import org.jspecify.annotations.Nullable;

/**
 * Compares an answer's body with the expected one: JSON by its values, lines of JSON line by line,
 * text by its lines, PNG images by their pixels, anything else by its bytes.
 */
final class ExpectedBody {

    private static final String BOM = "\ufeff";

    private ExpectedBody() {}

    /**
     * {@return the differences, none if there are none}
     *
     * @param extension that of the file with the expected body
     */
    static List<String> compare(
            String extension, byte[] expected, byte[] actual, double tolerance) {
        if (extension.equals("png")) {
            return PngDifferences.between(expected, actual);
        }
        String wanted = text(expected);
        String got = text(actual);
        if (wanted == null || got == null) {
            return compareBytes(expected, actual);
        }
        return switch (extension) {
            case "json" -> compareJson(wanted, got, tolerance);
            case "jsonl" ->
                    compareLines(wanted, got, (line, other) -> compareJson(line, other, tolerance));
            case "txt", "csv", "html", "xml" ->
                    compareLines(wanted, got, ExpectedBody::differingText);
            default -> compareBytes(expected, actual);
        };
    }

    /** {@return the text in UTF-8; null if it is none, of which any two would look alike} */
    private static @Nullable String text(byte[] bytes) {
        try {
            return StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString();
        } catch (CharacterCodingException e) {
            return null;
        }
    }

    private static List<String> compareJson(String expected, String actual, double tolerance) {
        JsonNode wanted;
        try {
            // Which editors on Windows put before it.
            wanted = JsonText.parse(expected.startsWith(BOM) ? expected.substring(1) : expected);
        } catch (JsonProcessingException e) {
            return List.of("the expected body is not JSON: " + e.getOriginalMessage());
        }
        try {
            return JsonDifferences.between(wanted, JsonText.parse(actual), tolerance);
        } catch (JsonProcessingException e) {
            return List.of(
                    actual.isBlank()
                            ? "the body is empty, not JSON"
                            : "the body is not JSON, but " + Excerpt.of(actual));
        }
    }

    /**
     * Compares line by line, up to the first that differs. The line end of the last line, which
     * editors add, does not count.
     *
     * @param comparison gives the differences between two lines that are not the same text
     */
    private static List<String> compareLines(
            String expected, String actual, BiFunction<String, String, List<String>> comparison) {
        List<String> wanted = expected.lines().toList();
        List<String> got = actual.lines().toList();
        for (int i = 0; i < Math.min(wanted.size(), got.size()); i++) {
            if (!wanted.get(i).equals(got.get(i))) {
                List<String> differences = comparison.apply(wanted.get(i), got.get(i));
                if (!differences.isEmpty()) {
                    int line = i + 1;
                    return differences.stream().map(each -> "line " + line + ": " + each).toList();
                }
            }
        }
        return wanted.size() == got.size()
                ? List.of()
                : List.of("expected " + wanted.size() + " lines, was " + got.size());
    }

    private static List<String> differingText(String expected, String actual) {
        return List.of("expected " + Excerpt.of(expected) + ", was " + Excerpt.of(actual));
    }

    private static List<String> compareBytes(byte[] expected, byte[] actual) {
        int mismatch = Arrays.mismatch(expected, actual);
        return mismatch < 0
                ? List.of()
                : List.of(
                        "the body differs from byte "
                                + mismatch
                                + " on: expected "
                                + expected.length
                                + " bytes, was "
                                + actual.length);
    }
}
