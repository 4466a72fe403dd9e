package io.bactrian.invocation;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * An HTTP answer, ready to be sent.
 *
 * @param status the HTTP status
 * @param headers all but those that say how the body is sent, such as {@code Content-Length}
 * @param body the body; null where the status forbids one
 */
public record Answer(int status, Map<String, List<String>> headers, byte @Nullable [] body) {

    /**
     * {@return the first value of a header, whose name is in any case of letters; else null}
     *
     * @param name the header's name
     */
    public @Nullable String header(String name) {
        for (Map.Entry<String, List<String>> header : headers.entrySet()) {
            if (header.getKey().equalsIgnoreCase(name)) {
                return header.getValue().get(0);
            }
        }
        return null;
    }

    /**
     * {@return an answer in JSON}
     *
     * @param status the HTTP status
     * @param body the body, JSON in UTF-8
     */
    public static Answer json(int status, byte[] body) {
        return new Answer(status, Map.of("Content-Type", List.of("application/json")), body);
    }

    /**
     * {@return the answer to a request that failed}
     *
     * @param error the failure
     */
    public static Answer of(ErrorAnswer error) {
        Map<String, List<String>> headers = new LinkedHashMap<>();
        headers.put("Content-Type", List.of(ErrorAnswer.CONTENT_TYPE));
        if (error.retryAfterSeconds() > 0) {
            headers.put("Retry-After", List.of(Integer.toString(error.retryAfterSeconds())));
        }
        return new Answer(error.status(), headers, error.body());
    }
}
