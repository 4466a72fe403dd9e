package io.bactrian.container;

import com.fasterxml.jackson.core.JsonLocation;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.io.JsonStringEncoder;
import io.bactrian.limit.DeadlineExceededException;
import io.bactrian.limit.InsufficientMemoryException;
import io.bactrian.limit.OverloadedException;
import io.bactrian.model.ModelClosedException;
import io.bactrian.model.ModelNotFoundException;
import io.bactrian.tensor.BadInputException;
import java.nio.charset.StandardCharsets;
import java.util.UUID;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What a request that fails is answered with: a status and {@code {"error": "…"}}. The one place
 * where exceptions become statuses.
 *
 * @param status the HTTP status
 * @param message what was wrong, for the caller
 */
record ErrorAnswer(int status, String message) {

    private static final Logger LOG = LoggerFactory.getLogger(ErrorAnswer.class);

    /** A message's length in characters: SageMaker hands the first 2,048 bytes on to the caller. */
    private static final int MAX_MESSAGE = 1000;

    /**
     * @param failure what a pipeline threw; a fault of ours is logged with an id, which is all that
     *     the caller is told
     */
    static ErrorAnswer of(Throwable failure) {
        for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
            if (cause instanceof BadInputException) {
                return new ErrorAnswer(400, cause.getMessage());
            }
            if (cause instanceof JsonProcessingException json) {
                return new ErrorAnswer(400, "the body is not valid JSON: " + describe(json));
            }
            if (cause instanceof ModelNotFoundException) {
                return new ErrorAnswer(404, cause.getMessage());
            }
            if (cause instanceof OverloadedException || cause instanceof ModelClosedException) {
                return new ErrorAnswer(503, cause.getMessage());
            }
            if (cause instanceof DeadlineExceededException) {
                return new ErrorAnswer(504, cause.getMessage());
            }
            if (cause instanceof InsufficientMemoryException || cause instanceof OutOfMemoryError) {
                LOG.error("out of memory", failure);
                return new ErrorAnswer(507, "not enough memory for this request");
            }
        }
        String id = UUID.randomUUID().toString();
        LOG.error("request failed, error id {}", id, failure);
        return new ErrorAnswer(500, "internal error, id " + id);
    }

    /**
     * @return the answer's body, UTF-8
     */
    byte[] body() {
        String told =
                message.length() > MAX_MESSAGE ? message.substring(0, MAX_MESSAGE) + "…" : message;
        return ("{\"error\": \""
                        + new String(JsonStringEncoder.getInstance().quoteAsString(told))
                        + "\"}")
                .getBytes(StandardCharsets.UTF_8);
    }

    private static String describe(JsonProcessingException e) {
        JsonLocation where = e.getLocation();
        String what = e.getOriginalMessage();
        return where == null || where.getLineNr() < 0
                ? what
                : what + " (line " + where.getLineNr() + ", column " + where.getColumnNr() + ")";
    }
}
