package io.bactrian.invocation;

import io.bactrian.error.ErrorKind;
import io.bactrian.error.ServingException;
import io.bactrian.limit.OutOfMemoryExit;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.RejectedExecutionException;
import org.apache.camel.ValidationException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The mapping of failures to answers, the only place where exceptions become statuses. It logs the
 * faults of a server's pipelines, each once.
 */
public final class ErrorAnswers {

    private static final Logger LOG = LoggerFactory.getLogger(ErrorAnswers.class);

    /** The maximum number of causes examined, since exceptions may be each other's cause. */
    private static final int MAX_CAUSES = 50;

    private static final int MAX_LOGGED = 1000;

    /** The pipeline faults that were logged. */
    private final Set<String> loggedFaults = ConcurrentHashMap.newKeySet();

    /**
     * {@return the answer to a request that failed} A fault of the server is logged with an id; the
     * answer has the id and no details.
     *
     * @param failure what the pipeline threw; the outermost cause that says what was wrong decides
     */
    public ErrorAnswer of(Throwable failure) {
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

    /** {@return null if the exception says nothing about the request} */
    private @Nullable ErrorAnswer known(Throwable cause, Throwable failure) {
        if (cause instanceof ServingException known) {
            return answer(known, failure);
        }
        if (cause instanceof ValidationException) {
            // Its message shows the route's expression, or the whole body.
            return new ErrorAnswer(
                    status(ErrorKind.INVALID_INPUT),
                    "the request was refused by the pipeline's validation");
        }
        if (cause instanceof InterruptedException) {
            // Only shutting down interrupts a thread that serves a request.
            return new ErrorAnswer(status(ErrorKind.SHUTTING_DOWN), "shutting down");
        }
        if (cause instanceof RejectedExecutionException) {
            return new ErrorAnswer(status(ErrorKind.OVERLOADED), "overloaded or shutting down");
        }
        if (cause instanceof OutOfMemoryError) {
            return outOfMemory(failure, "not enough memory for this request");
        }
        return null;
    }

    private @Nullable ErrorAnswer answer(ServingException known, Throwable failure) {
        String message = known.callerMessage();
        Throwable reason = known.getCause();
        if (known.kind() == ErrorKind.INTERNAL) {
            return null;
        } else if (known.kind() == ErrorKind.INSUFFICIENT_MEMORY && reason != null) {
            return outOfMemory(failure, message);
        } else if (known.kind() == ErrorKind.PIPELINE_FAULT) {
            logOnce(message);
        } else if (known.kind() == ErrorKind.BAD_UPSTREAM_ANSWER && reason != null) {
            LOG.warn("{}: {}", message, reason.getMessage());
        } else if (!message.equals(known.getMessage())) {
            LOG.warn("{}: {}", message, known.getMessage());
        }
        return new ErrorAnswer(status(known.kind()), message, known.retryAfterSeconds());
    }

    /** {@return the HTTP status of a kind of failure} */
    private static int status(ErrorKind kind) {
        return switch (kind) {
            case INVALID_INPUT -> 400;
            case NOT_FOUND -> 404;
            case NOT_ACCEPTABLE -> 406;
            case BODY_TOO_LARGE -> 413;
            case UNSUPPORTED_MEDIA_TYPE -> 415;
            case PIPELINE_FAULT, INTERNAL -> 500;
            case UNIMPLEMENTED -> 501;
            case BAD_UPSTREAM_ANSWER -> 502;
            case UNAVAILABLE, OVERLOADED, SHUTTING_DOWN -> 503;
            case DEADLINE_EXCEEDED -> 504;
            case INSUFFICIENT_MEMORY -> 507;
        };
    }

    private static ErrorAnswer outOfMemory(Throwable failure, String message) {
        OutOfMemoryExit.requestFailed();
        LOG.error("out of memory", failure);
        return new ErrorAnswer(status(ErrorKind.INSUFFICIENT_MEMORY), message);
    }

    /** Every request meets the same fault of a pipeline. */
    private void logOnce(String message) {
        if (loggedFaults.size() < MAX_LOGGED && loggedFaults.add(message)) {
            LOG.error("pipeline fault: {}", message);
        }
    }

    private static ErrorAnswer fault(Throwable failure) {
        String id = UUID.randomUUID().toString();
        LOG.error("request failed, error id {}", id, failure);
        return new ErrorAnswer(500, "internal error, id " + id);
    }
}
