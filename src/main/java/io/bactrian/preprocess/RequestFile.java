package io.bactrian.preprocess;

import io.bactrian.tensor.BadInputException;
import io.bactrian.tensor.Base64Strings;
import io.bactrian.tensor.JsonType;
import java.nio.charset.StandardCharsets;
import java.util.Collection;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A file that a request has, such as an image: as bytes, or in base64 within a text; or the numbers
 * that it would decode to.
 *
 * @param name where it is in the request, for errors; empty if the whole body is the file
 * @param content bytes, a text in base64, an object {@code {"b64": …}}, or what is none of these
 * @param siblings the fields beside it in its JSON object, itself among them; empty without one
 */
record RequestFile(String name, @Nullable Object content, Map<?, ?> siblings) {

    private static final String DATA_URI = "data:";
    private static final String BASE64 = ";base64";

    /** A text in base64 of four characters is three bytes, and is copied while it is decoded. */
    private static final int COPIES = 3;

    RequestFile(String name, @Nullable Object content) {
        this(name, content, Map.of());
    }

    /** {@return the file's numbers; null if it is no list} */
    @Nullable Collection<?> numbers() {
        return content instanceof Collection<?> list ? list : null;
    }

    /** {@return about the most bytes that {@link #bytes} allocates} */
    long workBytes() {
        return encoded(content) instanceof String text ? (long) COPIES * text.length() : 0;
    }

    /**
     * {@return the file's bytes}
     *
     * @throws BadInputException if there are none, or the text is not base64; it names the file
     */
    byte[] bytes() {
        Object encoded = encoded(content);
        if (encoded instanceof byte[] bytes) {
            return bytes;
        }
        if (!(encoded instanceof String text)) {
            throw wrong("must be a string of base64, got " + JsonType.describe(content));
        }
        byte[] bytes = Base64Strings.decode(standardAlphabet(base64(text)));
        if (bytes == null) {
            throw wrong("is not base64");
        }
        return bytes;
    }

    /**
     * {@return an error of the file, with its name}
     *
     * @param error what is wrong with the file's content
     */
    BadInputException named(BadInputException error) {
        return name.isEmpty() ? error : new BadInputException(name + ": " + error.getMessage());
    }

    /**
     * {@return an error of the file, with its name or that of the body}
     *
     * @param what what is wrong, such as {@code is empty}
     */
    BadInputException wrong(String what) {
        return new BadInputException((name.isEmpty() ? "the body" : name) + " " + what);
    }

    /** {@return the value of {@code {"b64": …}}, as in TensorFlow Serving's JSON} */
    private static @Nullable Object encoded(@Nullable Object content) {
        return content instanceof Map<?, ?> object
                        && object.size() == 1
                        && object.containsKey(Base64Strings.KEY)
                ? object.get(Base64Strings.KEY)
                : content;
    }

    /** {@return the text without the head of a data URI} */
    private String base64(String text) {
        if (!text.regionMatches(true, 0, DATA_URI, 0, DATA_URI.length())) {
            return text;
        }
        int comma = text.indexOf(',');
        if (comma < BASE64.length()
                || !text.regionMatches(true, comma - BASE64.length(), BASE64, 0, BASE64.length())) {
            throw wrong("is a data URI without " + BASE64 + ",");
        }
        return text.substring(comma + 1);
    }

    /** {@return the text in the standard alphabet, if it is in that or in the one of URLs} */
    private static byte[] standardAlphabet(String text) {
        byte[] base64 = text.getBytes(StandardCharsets.ISO_8859_1);
        if (text.indexOf('+') < 0 && text.indexOf('/') < 0) {
            for (int i = 0; i < base64.length; i++) {
                base64[i] = (byte) (base64[i] == '-' ? '+' : base64[i] == '_' ? '/' : base64[i]);
            }
        }
        return base64;
    }
}
