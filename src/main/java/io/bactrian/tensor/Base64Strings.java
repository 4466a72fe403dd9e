package io.bactrian.tensor;

import java.util.Base64;
import org.jspecify.annotations.Nullable;

/**
 * The base64 that TensorFlow Serving reads in {@code {"b64": "…"}}, by the rules of its {@code
 * absl::Base64Unescape}: RFC 4648's standard alphabet, white space ignored, padding optional but
 * correct if present.
 */
public final class Base64Strings {

    /** The name of the only member of a JSON object that represents bytes. */
    public static final String KEY = "b64";

    private Base64Strings() {}

    /**
     * {@return the decoded bytes, or null if the text is not base64}
     *
     * @param text a text in ASCII
     */
    public static byte @Nullable [] decode(byte[] text) {
        try {
            return Base64.getDecoder().decode(withoutSpace(text));
        } catch (IllegalArgumentException e) {
            return null;
        }
    }

    private static byte[] withoutSpace(byte[] text) {
        int kept = 0;
        for (byte b : text) {
            kept += isSpace(b) ? 0 : 1;
        }
        if (kept == text.length) {
            return text;
        }
        byte[] rest = new byte[kept];
        int end = 0;
        for (byte b : text) {
            if (!isSpace(b)) {
                rest[end++] = b;
            }
        }
        return rest;
    }

    private static boolean isSpace(byte b) {
        return b == ' ' || (b >= '\t' && b <= '\r');
    }
}
