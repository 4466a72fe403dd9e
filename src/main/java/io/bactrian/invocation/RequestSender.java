package io.bactrian.invocation;

import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A sender of requests to pipelines: within the JVM, or over HTTP. */
@FunctionalInterface
public interface RequestSender {

    /**
     * Sends a request.
     *
     * @param pipeline the pipeline's name, or null for the default
     * @param headers the request's, by name in any case of letters
     * @param body the request's
     * @return the answer, that to a failure included
     */
    Answer send(@Nullable String pipeline, Map<String, List<String>> headers, byte[] body);
}
