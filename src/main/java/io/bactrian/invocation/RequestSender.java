package io.bactrian.invocation;

import org.jspecify.annotations.Nullable;

/** Sends a request to a pipeline and gives its answer, whatever is in between. */
@FunctionalInterface
public interface RequestSender {

    /**
     * Sends a request.
     *
     * @param pipeline the pipeline's name, or null for the default
     * @param headers the request's
     * @param body the request's
     * @return the answer, that to a failure included
     */
    Answer send(@Nullable String pipeline, RequestHeaders headers, byte[] body);
}
