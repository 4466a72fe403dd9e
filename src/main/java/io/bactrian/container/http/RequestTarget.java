package io.bactrian.container.http;

import java.net.URLDecoder;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * What a request's path asks for.
 *
 * @param pipeline the pipeline it names, or null for the default one
 */
public record RequestTarget(@Nullable String pipeline) {

    private static final Pattern INVOKE = Pattern.compile("/models/([^/]+)/invoke");

    /**
     * {@return the target; null if the path invokes no pipeline}
     *
     * @param path without the query
     */
    static @Nullable RequestTarget of(String path) {
        if (path.equals(InvocationRoutes.INVOCATIONS)) {
            return new RequestTarget(null);
        }
        Matcher invoke = INVOKE.matcher(path);
        if (!invoke.matches()) {
            return null;
        }
        try {
            // A plus sign is itself in a path; the decoder takes it for a blank.
            String escaped = invoke.group(1).replace("+", "%2B");
            return new RequestTarget(URLDecoder.decode(escaped, StandardCharsets.UTF_8));
        } catch (IllegalArgumentException e) {
            return null;
        }
    }

    /** {@return the path of the contract's route that takes it} */
    String route() {
        return pipeline == null ? InvocationRoutes.INVOCATIONS : InvocationRoutes.MODEL_INVOKE;
    }

    /** {@return a pipeline's name as it is written in a path} */
    public static String escape(String pipeline) {
        return URLEncoder.encode(pipeline, StandardCharsets.UTF_8).replace("+", "%20");
    }

    /**
     * {@return the pipeline's name: the path's before the header's; null if neither has one}
     *
     * @param targetModel the header {@code X-Amzn-SageMaker-Target-Model}, or null
     */
    @Nullable String pipelineOr(@Nullable String targetModel) {
        return pipeline != null ? pipeline : targetModel;
    }
}
