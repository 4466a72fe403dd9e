package io.bactrian.container.http;

import io.bactrian.pipeline.UriNames;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The target of a prediction request, by its path.
 *
 * @param pipeline the pipeline's name in the path; null for {@code /invocations}
 */
public record RequestTarget(@Nullable String pipeline) {

    private static final Pattern INVOKE = Pattern.compile("/models/([^/]+)/invoke");

    /**
     * {@return the target; null if the path is not that of a prediction}
     *
     * @param path the path without the query
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
            return new RequestTarget(UriNames.decode(invoke.group(1)));
        } catch (IllegalArgumentException e) {
            return null;
        }
    }

    /** {@return the path of the route in {@link InvocationRoutes}} */
    String route() {
        return pipeline == null ? InvocationRoutes.INVOCATIONS : InvocationRoutes.MODEL_INVOKE;
    }

    /**
     * {@return a pipeline's name, percent-encoded for a path}
     *
     * @param pipeline the name
     */
    public static String escape(String pipeline) {
        return URLEncoder.encode(pipeline, StandardCharsets.UTF_8).replace("+", "%20");
    }

    /**
     * {@return the pipeline's name in the path, else that in the header; null if there is none}
     *
     * @param targetModel the header {@code X-Amzn-SageMaker-Target-Model}, or null
     */
    @Nullable String pipelineOr(@Nullable String targetModel) {
        return pipeline != null ? pipeline : targetModel;
    }
}
