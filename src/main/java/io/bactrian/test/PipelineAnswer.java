package io.bactrian.test;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.bactrian.cases.JsonDifferences;
import io.bactrian.cases.JsonText;
import io.bactrian.invocation.Answer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.opentest4j.AssertionFailedError;

/**
 * A pipeline's answer, with assertions that return it. When one fails, its message shows the
 * answer, and its cause is what the pipeline failed with.
 */
public final class PipelineAnswer {

    private static final ObjectMapper JSON = new ObjectMapper();

    private final Answer answer;
    private final @Nullable Throwable failure;
    private final double tolerance;

    PipelineAnswer(Answer answer, @Nullable Throwable failure) {
        this(answer, failure, JsonDifferences.DEFAULT_TOLERANCE);
    }

    private PipelineAnswer(Answer answer, @Nullable Throwable failure, double tolerance) {
        this.answer = answer;
        this.failure = failure;
        this.tolerance = tolerance;
    }

    /**
     * {@return this answer, whose numbers are compared with another tolerance than 1e-5}
     *
     * @param numbers a number may differ from the expected one, e, by {@code numbers × max(1,
     *     |e|)}; whole numbers must be equal
     */
    public PipelineAnswer withTolerance(double numbers) {
        return new PipelineAnswer(answer, failure, numbers);
    }

    /** {@return the status} */
    public int status() {
        return answer.status();
    }

    /** {@return the body; empty if there is none} */
    public byte[] body() {
        return answer.body() == null ? new byte[0] : answer.body().clone();
    }

    /** {@return the body as text in UTF-8} */
    public String text() {
        return new String(body(), StandardCharsets.UTF_8);
    }

    /**
     * {@return the body as JSON}
     *
     * @throws AssertionFailedError if it is not JSON
     */
    public JsonNode json() {
        try {
            return JsonText.parse(text());
        } catch (JsonProcessingException e) {
            throw failed("the body is not JSON: " + e.getOriginalMessage(), "JSON", text());
        }
    }

    /**
     * {@return the first value of a header, or null}
     *
     * @param name the header's name, in any case of letters
     */
    public @Nullable String header(String name) {
        return answer.header(name);
    }

    /** {@return the names of the headers} */
    public List<String> headerNames() {
        return List.copyOf(answer.headers().keySet());
    }

    /** {@return what the pipeline failed with; null if it did not fail} */
    public @Nullable Throwable failure() {
        return failure;
    }

    /**
     * Asserts the status.
     *
     * @param expected the HTTP status
     * @return this answer
     */
    public PipelineAnswer expectStatus(int expected) {
        if (status() != expected) {
            throw failed("status: expected " + expected + ", was " + status(), expected, status());
        }
        return this;
    }

    /**
     * Asserts the Content-Type, parameters included.
     *
     * @param expected the whole value of the header
     * @return this answer
     */
    public PipelineAnswer expectContentType(String expected) {
        return expectHeader("Content-Type", expected);
    }

    /**
     * Asserts a header's first value.
     *
     * @param name the header's name, in any case of letters
     * @param expected the header's whole value
     * @return this answer
     */
    public PipelineAnswer expectHeader(String name, String expected) {
        String actual = header(name);
        if (!expected.equals(actual)) {
            throw failed(name + ": expected " + expected + ", was " + actual, expected, actual);
        }
        return this;
    }

    /**
     * Asserts that a header is not there.
     *
     * @param name the header's name, in any case of letters
     * @return this answer
     */
    public PipelineAnswer expectNoHeader(String name) {
        String actual = header(name);
        if (actual != null) {
            throw failed(name + ": expected none, was " + actual, null, actual);
        }
        return this;
    }

    /**
     * Asserts the body as text.
     *
     * @param expected the whole body
     * @return this answer
     */
    public PipelineAnswer expectText(String expected) {
        if (!text().equals(expected)) {
            throw failed("the body differs", expected, text());
        }
        return this;
    }

    /**
     * Asserts the body as a JSON document.
     *
     * @param document the expected one, as text
     * @return this answer
     */
    public PipelineAnswer expectJson(String document) {
        try {
            return expect("$", JsonText.parse(document), json());
        } catch (JsonProcessingException e) {
            throw new IllegalArgumentException("the expected document is not JSON: " + document, e);
        }
    }

    /**
     * Asserts a value in the body, which is JSON.
     *
     * @param path such as {@code $.predictions[0].label}
     * @param expected a number, text, boolean, null, or a list, array or map of them
     * @return this answer
     */
    public PipelineAnswer expectJson(String path, @Nullable Object expected) {
        JsonNode found = JsonPath.of(path).find(json());
        if (found == null) {
            throw failed(path + ": there is no such value", expected, null);
        }
        return expect(path, JSON.valueToTree(expected), found);
    }

    private PipelineAnswer expect(String path, JsonNode expected, JsonNode actual) {
        List<String> differences = JsonDifferences.between(path, expected, actual, tolerance);
        if (!differences.isEmpty()) {
            String message = String.join("\n", differences);
            throw failed(message, expected.toPrettyString(), actual.toPrettyString());
        }
        return this;
    }

    /**
     * Asserts that the request was refused, with an error of this text.
     *
     * @param expectedStatus the HTTP status
     * @param message the whole text of the field {@code error}
     * @return this answer
     */
    public PipelineAnswer expectError(int expectedStatus, String message) {
        return expectStatus(expectedStatus)
                .expectContentType("application/json")
                .expectJson("$.error", message);
    }

    private AssertionFailedError failed(
            String message, @Nullable Object expected, @Nullable Object actual) {
        return new AssertionFailedError(
                message + "\n" + this,
                Objects.toString(expected),
                Objects.toString(actual),
                failure);
    }

    /** {@return status, headers and body, to be read by people} */
    @Override
    public String toString() {
        StringBuilder text = new StringBuilder("answer: ").append(status());
        answer.headers()
                .forEach(
                        (name, values) ->
                                values.forEach(
                                        value ->
                                                text.append("\n  ")
                                                        .append(name)
                                                        .append(": ")
                                                        .append(value)));
        return text.append("\n  ").append(text()).toString();
    }
}
