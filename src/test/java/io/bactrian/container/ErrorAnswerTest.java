package io.bactrian.container;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.bactrian.limit.DeadlineExceededException;
import io.bactrian.limit.InsufficientMemoryException;
import io.bactrian.limit.OverloadedException;
import io.bactrian.model.ModelClosedException;
import io.bactrian.model.ModelNotFoundException;
import io.bactrian.model.PredictionException;
import io.bactrian.tensor.BadInputException;
import java.nio.charset.StandardCharsets;
import java.util.stream.Stream;
import org.apache.camel.RuntimeCamelException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class ErrorAnswerTest {

    static Stream<Arguments> statuses() {
        return Stream.of(
                Arguments.of(new BadInputException("field"), 400, "field"),
                Arguments.of(new RuntimeCamelException(new BadInputException("deep")), 400, "deep"),
                Arguments.of(new ModelNotFoundException("no model"), 404, "no model"),
                Arguments.of(new OverloadedException("full", 1), 503, "full"),
                Arguments.of(new ModelClosedException("closed"), 503, "closed"),
                Arguments.of(new DeadlineExceededException("late"), 504, "late"),
                Arguments.of(
                        new InsufficientMemoryException("m", new RuntimeException()),
                        507,
                        "not enough memory for this request"),
                Arguments.of(
                        new OutOfMemoryError("heap"), 507, "not enough memory for this request"));
    }

    @ParameterizedTest
    @MethodSource("statuses")
    void eachFailureHasItsStatus(Throwable failure, int status, String message) {
        assertEquals(new ErrorAnswer(status, message), ErrorAnswer.of(failure));
    }

    @Test
    void aFaultOfOursIsNotTold() {
        ErrorAnswer answer =
                ErrorAnswer.of(new PredictionException("secret", new RuntimeException("inner")));
        assertEquals(500, answer.status());
        assertTrue(answer.message().startsWith("internal error, id "), answer.message());
        assertFalse(answer.message().contains("secret"));
    }

    @Test
    void whatIsNoJsonIsToldWithItsPlace() {
        JsonProcessingException wrong =
                assertThrows(
                        JsonProcessingException.class,
                        () -> new ObjectMapper().readTree("{\n  \"a\": nope}"));
        ErrorAnswer answer = ErrorAnswer.of(new RuntimeCamelException(wrong));
        assertEquals(400, answer.status());
        assertTrue(
                answer.message().startsWith("the body is not valid JSON: Unrecognized token"),
                answer.message());
        assertTrue(answer.message().contains("(line 2, column "), answer.message());
    }

    @Test
    void theBodyIsJsonWhateverTheMessage() throws Exception {
        String message = "quote \" backslash \\ newline \n control \u0001 camel \ud83d\udc2a";
        byte[] body = new ErrorAnswer(400, message).body();
        assertEquals(message, new ObjectMapper().readTree(body).get("error").asText());
    }

    /** SageMaker hands 2,048 bytes on to the caller. */
    @Test
    void aLongMessageIsCut() {
        byte[] body = new ErrorAnswer(400, "x".repeat(5000)).body();
        assertTrue(body.length < 2048);
        assertTrue(new String(body, StandardCharsets.UTF_8).endsWith("x…\"}"));
    }
}
