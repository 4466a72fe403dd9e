package io.bactrian.preprocess.table;

import io.bactrian.format.Dialect;
import io.bactrian.format.JsonScanner;
import io.bactrian.tensor.BadInputException;
import java.util.Arrays;

/** Makes one JSON list of lines that begin with JSON. */
final class JsonLines {

    private JsonLines() {}

    /**
     * {@return a JSON list of the lines' values}
     *
     * @param text an array that holds the lines in UTF-8; empty ones are skipped
     * @param start where they begin
     * @param length their length in bytes
     * @throws BadInputException if a line does not begin with JSON, or what follows that is not
     *     after a semicolon, naming the line
     */
    static byte[] toList(byte[] text, int start, int length) {
        // Each value gets a comma for its line break, which the last may lack.
        byte[] list = new byte[length + 2];
        int size = 0;
        list[size++] = '[';
        int number = 1;
        for (int at = start; at < start + length; number++) {
            int end = at;
            while (end < start + length && text[end] != '\n') {
                end++;
            }
            JsonScanner json = new JsonScanner(text, at, end - at, Dialect.BACTRIAN);
            if (json.peek() != JsonScanner.END) {
                int value = json.position();
                int after = skipValue(json, number);
                System.arraycopy(text, value, list, size, after - value);
                size += after - value;
                list[size++] = ',';
            }
            at = end + 1;
        }
        if (size == 1) {
            throw Rows.noRows();
        }
        list[size - 1] = ']';
        return Arrays.copyOf(list, size);
    }

    private static int skipValue(JsonScanner json, int number) {
        try {
            json.skipValue();
        } catch (BadInputException e) {
            throw new BadInputException("line " + number + ": " + e.getMessage());
        }
        int after = json.position();
        int next = json.peek();
        if (next != JsonScanner.END && next != ';') {
            throw new BadInputException(
                    "line " + number + " must be JSON, or have a semicolon after it");
        }
        return after;
    }
}
