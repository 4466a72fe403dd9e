package io.bactrian.preprocess.table;

import io.bactrian.format.Dialect;
import io.bactrian.format.JsonScanner;
import io.bactrian.tensor.BadInputException;
import io.bactrian.tensor.DType;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Reads a value that is written as text, as in CSV and in properties: a number, true or false in
 * any case, a text, or a JSON list of them.
 */
public final class TextValues {

    private static final String NUMBER_CHARS = "0123456789+-.eE";

    private TextValues() {}

    /**
     * {@return the value that a text stands for; the text itself if it stands for none of the
     * dtype}
     *
     * @param text the text, as of a CSV cell
     * @param dtype the dtype of the tensor that takes the value
     * @param single whether one value is wanted, so that a text in brackets is no list
     */
    public static Object parse(String text, DType dtype, boolean single) {
        String plain = text.strip();
        if (plain.startsWith("[") && (!single || dtype != DType.STRING)) {
            Object list = list(plain);
            return list == null ? text : list;
        }
        return switch (dtype) {
            case STRING -> text;
            case BOOL ->
                    switch (plain.toLowerCase(Locale.ROOT)) {
                        case "true", "1" -> true;
                        case "false", "0" -> false;
                        default -> text;
                    };
            case FLOAT16, BFLOAT16, FLOAT32, FLOAT64 -> {
                Double number = number(plain);
                yield number == null ? text : number;
            }
            case UINT8, UINT16, INT32, INT64 -> {
                try {
                    yield Long.parseLong(plain);
                } catch (NumberFormatException e) {
                    yield text;
                }
            }
        };
    }

    /** {@return the number; null if the text is none} */
    static @Nullable Double number(String plain) {
        switch (plain.toLowerCase(Locale.ROOT)) {
            case "nan" -> {
                return Double.NaN;
            }
            case "inf", "infinity" -> {
                return Double.POSITIVE_INFINITY;
            }
            case "-inf", "-infinity" -> {
                return Double.NEGATIVE_INFINITY;
            }
            default -> {
                // Java's parser takes more, such as 1d and 0x1p3.
                for (int i = 0; i < plain.length(); i++) {
                    if (NUMBER_CHARS.indexOf(plain.charAt(i)) < 0) {
                        return null;
                    }
                }
                try {
                    return Double.valueOf(plain);
                } catch (NumberFormatException e) {
                    return null;
                }
            }
        }
    }

    private static @Nullable Object list(String plain) {
        try {
            JsonScanner json =
                    new JsonScanner(plain.getBytes(StandardCharsets.UTF_8), Dialect.BACTRIAN);
            Object list = Objects.requireNonNull(JsonValues.read(json));
            json.endDocument();
            return list;
        } catch (BadInputException e) {
            return null;
        }
    }
}
