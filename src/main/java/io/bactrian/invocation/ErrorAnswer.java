package io.bactrian.invocation;

import com.fasterxml.jackson.core.io.JsonStringEncoder;
import io.bactrian.format.Dialect;
import io.bactrian.limit.DeadlineExceededException;
import io.bactrian.limit.InsufficientMemoryException;
import io.bactrian.limit.OutOfMemoryExit;
import io.bactrian.limit.OverloadedException;
import io.bactrian.model.ModelClosedException;
import io.bactrian.model.ModelLoadException;
import io.bactrian.model.ModelNotFoundException;
import io.bactrian.model.PredictionException;
import io.bactrian.model.PredictionInterruptedException;
import io.bactrian.pipeline.NotAcceptableException;
import io.bactrian.pipeline.PipelineFaultException;
import io.bactrian.pipeline.PipelineNotFoundException;
import io.bactrian.pipeline.PipelineUnavailableException;
import io.bactrian.pipeline.UnsupportedMediaTypeException;
import io.bactrian.pipeline.UpstreamAnswerException;
import io.bactrian.tensor.BadInputException;
import java.nio.charset.StandardCharsets;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.RejectedExecutionException;
import org.apache.camel.ValidationException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What a request that fails is answered with: a status and {@code {"error": "…"}}. The one place
 * where exceptions become statuses.
 *
 * @param status the HTTP status
 * @param message what was wrong, for the caller
 * @param retryAfterSeconds when to try again; 0 where trying again is of no use
 */
public record ErrorAnswer(int status, String message, int retryAfterSeconds) {

    private static final Logger LOG = LoggerFactory.getLogger(ErrorAnswer.class);

    /** The media type of {@link #body}. */
    public static final String CONTENT_TYPE = "application/json";

    /** SageMaker hands the first 2,048 bytes on to the caller. */
    private static final int MAX_BYTES = 2000;

    /** Causes looked at; exceptions may be each other's cause. */
    private static final int MAX_CAUSES = 50;

    /** The pipeline faults that were logged. */
    private static final Set<String> REPORTED = ConcurrentHashMap.newKeySet();

    private static final int MAX_REPORTED = 1000;

    public ErrorAnswer(int status, String message) {
        this(status, message, status == 503 ? 1 : 0);
    }

    /**
     * @param failure what a pipeline threw; a fault of ours is logged with an id, which is all that
     *     the caller is told
     */
    public static ErrorAnswer of(Throwable failure) {
        Throwable cause = failure;
        for (int i = 0; cause != null && i < MAX_CAUSES; i++) {
            ErrorAnswer answer = known(cause, failure);
            if (answer != null) {
                return answer;
            }
            cause = cause.getCause();
        }
        return fault(failure);
    }

    /** Answers null if the exception says nothing about the request. */
    private static ErrorAnswer known(Throwable cause, Throwable failure) {
        if (cause instanceof BadInputException) {
            return new ErrorAnswer(400, cause.getMessage());
        }
        if (cause instanceof UpstreamAnswerException) {
            LOG.warn("{}: {}", cause.getMessage(), cause.getCause().getMessage());
            return new ErrorAnswer(502, cause.getMessage());
        }
        if (cause instanceof ValidationException) {
            // Its message shows the route's expression, or the whole body.
            return new ErrorAnswer(400, "the request was refused by the pipeline's validation");
        }
        if (cause instanceof ModelNotFoundException || cause instanceof PipelineNotFoundException) {
            return new ErrorAnswer(404, cause.getMessage());
        }
        if (cause instanceof BodyTooLargeException) {
            return new ErrorAnswer(413, cause.getMessage());
        }
        if (cause instanceof NotAcceptableException) {
            return new ErrorAnswer(406, cause.getMessage());
        }
        if (cause instanceof UnsupportedMediaTypeException) {
            return new ErrorAnswer(415, cause.getMessage());
        }
        if (cause instanceof PipelineUnavailableException) {
            // It will not mend by itself.
            return new ErrorAnswer(503, cause.getMessage(), 0);
        }
        if (cause instanceof ModelLoadException) {
            // The reason names folders.
            LOG.warn("a pipeline calls a broken model: {}", cause.getMessage());
            return new ErrorAnswer(503, "a model that the pipeline calls can't be served", 0);
        }
        if (cause instanceof OverloadedException overloaded) {
            return new ErrorAnswer(503, cause.getMessage(), overloaded.retryAfterSeconds());
        }
        if (cause instanceof ModelClosedException) {
            return new ErrorAnswer(503, cause.getMessage());
        }
        if (cause instanceof PredictionInterruptedException) {
            return new ErrorAnswer(503, "shutting down");
        }
        if (cause instanceof RejectedExecutionException) {
            return new ErrorAnswer(503, "overloaded or shutting down");
        }
        if (cause instanceof DeadlineExceededException) {
            return new ErrorAnswer(504, cause.getMessage());
        }
        if (cause instanceof InsufficientMemoryException && cause.getCause() == null) {
            // What it would have taken is known, and nothing has gone wrong.
            return new ErrorAnswer(507, cause.getMessage());
        }
        if (cause instanceof InsufficientMemoryException || cause instanceof OutOfMemoryError) {
            OutOfMemoryExit.requestFailed();
            LOG.error("out of memory", failure);
            return new ErrorAnswer(507, "not enough memory for this request");
        }
        if (cause instanceof PipelineFaultException) {
            return pipelineFault(cause.getMessage());
        }
        if (cause instanceof PredictionException prediction) {
            int status = Dialect.BACTRIAN.httpStatus(prediction.status());
            return status == 500 ? null : new ErrorAnswer(status, cause.getMessage());
        }
        return null;
    }

    /** Every request meets the same fault: it is logged once. */
    private static ErrorAnswer pipelineFault(String message) {
        if (REPORTED.size() < MAX_REPORTED && REPORTED.add(message)) {
            LOG.error("pipeline fault: {}", message);
        }
        return new ErrorAnswer(500, message);
    }

    private static ErrorAnswer fault(Throwable failure) {
        String id = UUID.randomUUID().toString();
        LOG.error("request failed, error id {}", id, failure);
        return new ErrorAnswer(500, "internal error, id " + id);
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
