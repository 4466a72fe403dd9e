package io.bactrian.container;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.net.http.HttpResponse;

/** Assertions on answers in JSON. */
final class JsonAnswers {

    private static final ObjectMapper JSON = new ObjectMapper();

    private JsonAnswers() {}

    /** Asserts status, body and content type; the order of members and white space don't count. */
    static void assertAnswer(int status, String expected, HttpResponse<String> response)
            throws JsonProcessingException {
        assertEquals(JSON.readTree(expected), JSON.readTree(response.body()), response.body());
        assertEquals(status, response.statusCode());
        assertEquals(
                "application/json", response.headers().firstValue("content-type").orElse(null));
    }

    /** Asserts that the answer is {@code {"error": message}}. */
    static void assertError(int status, String message, HttpResponse<String> response)
            throws JsonProcessingException {
        assertAnswer(status, JSON.createObjectNode().put("error", message).toString(), response);
    }
}
