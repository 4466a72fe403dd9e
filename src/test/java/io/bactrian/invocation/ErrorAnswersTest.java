package io.bactrian.invocation;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import com.fasterxml.jackson.databind.JsonMappingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.bactrian.format.TensorFlowServingStatus;
import io.bactrian.limit.DeadlineExceededException;
import io.bactrian.limit.InsufficientMemoryException;
import io.bactrian.limit.OverloadedException;
import io.bactrian.model.ModelClosedException;
import io.bactrian.model.ModelNotFoundException;
import io.bactrian.model.PredictionException;
import io.bactrian.model.PredictionInterruptedException;
import io.bactrian.pipeline.NotAcceptableException;
import io.bactrian.pipeline.PipelineFaultException;
import io.bactrian.pipeline.UnsupportedMediaTypeException;
import io.bactrian.tensor.BadInputException;
import io.bactrian.tensor.TensorFlowStatus;
import java.util.List;
import java.util.concurrent.RejectedExecutionException;
import java.util.stream.Stream;
import org.apache.camel.RuntimeCamelException;
import org.apache.camel.ValidationException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.slf4j.LoggerFactory;

class ErrorAnswersTest {

    private final ErrorAnswers errors = new ErrorAnswers();

    static Stream<Arguments> statuses() {
        String noMemory = "not enough memory for this request";
        return Stream.of(
                Arguments.of(new BadInputException("field"), 400, "field"),
                Arguments.of(new RuntimeCamelException(new BadInputException("deep")), 400, "deep"),
                Arguments.of(
                        new ValidationException(null, "secret"),
                        400,
                        "the request was refused by the pipeline's validation"),
                Arguments.of(new ModelNotFoundException("no model"), 404, "no model"),
                Arguments.of(new NotAcceptableException("json"), 406, "json"),
                Arguments.of(new UnsupportedMediaTypeException("json"), 415, "json"),
                Arguments.of(new ModelClosedException("closed"), 503, "closed"),
                Arguments.of(new PredictionInterruptedException("m"), 503, "shutting down"),
                Arguments.of(
                        new RuntimeCamelException(new InterruptedException("m")),
                        503,
                        "shutting down"),
                Arguments.of(
                        new RejectedExecutionException("m"), 503, "overloaded or shutting down"),
                Arguments.of(new DeadlineExceededException("late"), 504, "late"),
                Arguments.of(new InsufficientMemoryException("9 MB of 8"), 507, "9 MB of 8"),
                Arguments.of(
                        new InsufficientMemoryException("m", new RuntimeException()),
                        507,
                        noMemory),
                Arguments.of(new OutOfMemoryError("heap"), 507, noMemory));
    }

    @ParameterizedTest
    @MethodSource("statuses")
    void failuresMapToStatusAndMessage(Throwable failure, int status, String message) {
        assertEquals(new ErrorAnswer(status, message), errors.of(failure));
    }

    @Test
    void overloadHasRetryAfter() {
        assertEquals(
                new ErrorAnswer(503, "full", 7), errors.of(new OverloadedException("full", 7)));
        assertEquals(1, new ErrorAnswer(503, "loading").retryAfterSeconds());
        assertEquals(0, new ErrorAnswer(400, "field").retryAfterSeconds());
    }

    /** The HTTP statuses of TensorFlow's statuses; the message of a 500 is only an id. */
    @ParameterizedTest
    @CsvSource({
        "INVALID_ARGUMENT, 400, 400",
        "OUT_OF_RANGE, 400, 400",
        "DATA_LOSS, 400, 500",
        "NOT_FOUND, 400, 404",
        "ALREADY_EXISTS, 400, 409",
        "FAILED_PRECONDITION, 500, 400",
        "PERMISSION_DENIED, 500, 403",
        "UNAUTHENTICATED, 500, 401",
        "ABORTED, 503, 409",
        "CANCELLED, 503, 499",
        "UNAVAILABLE, 503, 503",
        "RESOURCE_EXHAUSTED, 507, 429",
        "DEADLINE_EXCEEDED, 504, 504",
        "UNIMPLEMENTED, 501, 501",
        "UNKNOWN, 500, 500",
        "INTERNAL, 500, 500"
    })
    void tensorFlowStatusesMapToHttpStatuses(TensorFlowStatus status, int ours, int theirs) {
        assertEquals(theirs, TensorFlowServingStatus.of(status));
        ErrorAnswer answer =
                errors.of(new PredictionException("what", status, new RuntimeException()));
        assertEquals(ours, answer.status());
        assertEquals(ours != 500, answer.message().equals("what"), answer.message());
    }

    @Test
    void internalErrorDoesNotDiscloseItsMessage() {
        for (Throwable fault :
                List.of(
                        new PredictionException("secret", new RuntimeException("inner")),
                        new JsonMappingException(null, "secret"),
                        new IllegalArgumentException("secret"),
                        new StackOverflowError("secret"))) {
            ErrorAnswer answer = errors.of(fault);
            assertEquals(500, answer.status());
            assertTrue(answer.message().startsWith("internal error, id "), answer.message());
            assertFalse(answer.message().contains("secret"));
        }
    }

    /** Of each server: another one's operator has not seen it. */
    @Test
    void pipelineFaultIsLoggedOnce() {
        Logger logger = (Logger) LoggerFactory.getLogger(ErrorAnswers.class);
        ListAppender<ILoggingEvent> log = new ListAppender<>();
        log.start();
        logger.addAppender(log);
        try {
            for (int i = 0; i < 3; i++) {
                assertEquals(
                        new ErrorAnswer(500, "labels"),
                        errors.of(new PipelineFaultException("labels")));
            }
            errors.of(new PipelineFaultException("model"));
            new ErrorAnswers().of(new PipelineFaultException("labels"));
        } finally {
            logger.detachAppender(log);
        }
        assertEquals(
                List.of(
                        "pipeline fault: labels",
                        "pipeline fault: model",
                        "pipeline fault: labels"),
                log.list.stream().map(ILoggingEvent::getFormattedMessage).toList());
    }

    @Test
    void cyclicCausesAreHandled() {
        RuntimeException first = new RuntimeException("first");
        first.initCause(new RuntimeException("second", first));
        assertEquals(500, errors.of(first).status());
    }

    @Test
    void bodyIsJsonForAnyMessage() throws Exception {
        String message = "quote \" backslash \\ newline \n control \u0001 camel \ud83d\udc2a";
        byte[] body = new ErrorAnswer(400, message).body();
        assertEquals(message, new ObjectMapper().readTree(body).get("error").asText());
    }

    /** SageMaker passes at most 2,048 bytes on to the client. */
    @ParameterizedTest
    @ValueSource(strings = {"x", "é", "\u0001", "\"", "\ud83d\udc2a", "a\ud83d\udc2a", "\ud83d"})
    void longMessageIsTruncated(String character) throws Exception {
        String message = character.repeat(5000);
        byte[] body = new ErrorAnswer(400, message).body();
        assertTrue(body.length < 2048, body.length + " bytes");
        assertTrue(body.length > 1900, body.length + " bytes");
        String truncated = new ObjectMapper().readTree(body).get("error").asText();
        assertTrue(truncated.endsWith("…"), truncated);
        if (!character.equals("\ud83d")) {
            assertTrue(
                    message.startsWith(truncated.substring(0, truncated.length() - 1)), truncated);
        }
    }

    @Test
    void shortMessageIsNotTruncated() throws Exception {
        String message = "x".repeat(1980);
        byte[] body = new ErrorAnswer(400, message).body();
        assertEquals(message, new ObjectMapper().readTree(body).get("error").asText());
        assertEquals("{\"error\": \"\"}", new String(new ErrorAnswer(400, null).body()));
    }
}
