package io.bactrian.invocation;

import com.fasterxml.jackson.core.io.JsonStringEncoder;
import java.nio.charset.StandardCharsets;

/**
 * The answer to a request that fails: a status and {@code {"error": "…"}}. {@link ErrorAnswers}
 * makes it of an exception.
 *
 * @param status the HTTP status
 * @param message what was wrong, for the caller
 * @param retryAfterSeconds when to try again; 0 where trying again is of no use
 */
public record ErrorAnswer(int status, String message, int retryAfterSeconds) {

    /** The media type of {@link #body}. */
    public static final String CONTENT_TYPE = "application/json";

    /** SageMaker hands the first 2,048 bytes on to the caller. */
    private static final int MAX_BYTES = 2000;

    /**
     * Creates an error answer, whose {@code Retry-After} is 1 second if the status is 503.
     *
     * @param status the HTTP status
     * @param message a sentence for whoever sent the request
     */
    public ErrorAnswer(int status, String message) {
        this(status, message, status == 503 ? 1 : 0);
    }

    /** {@return the answer's body, JSON in UTF-8} */
    public byte[] body() {
        String told = message == null ? "" : message;
        byte[] body = body(told);
        if (body.length <= MAX_BYTES) {
            return body;
        }
        // The longest beginning that fits: what escapes make of a character differs.
        int fits = 0;
        int tooLong = Math.min(told.length(), MAX_BYTES);
        while (tooLong - fits > 1) {
            int middle = (fits + tooLong) >>> 1;
            if (body(beginning(told, middle)).length <= MAX_BYTES) {
                fits = middle;
            } else {
                tooLong = middle;
            }
        }
        return body(beginning(told, fits));
    }

    private static String beginning(String text, int length) {
        boolean splitsPair = length > 0 && Character.isHighSurrogate(text.charAt(length - 1));
        return text.substring(0, splitsPair ? length - 1 : length) + "…";
    }

    private static byte[] body(String message) {
        return ("{\"error\": \""
                        + new String(JsonStringEncoder.getInstance().quoteAsString(message))
                        + "\"}")
                .getBytes(StandardCharsets.UTF_8);
    }
}
