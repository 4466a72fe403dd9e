package io.bactrian.tfserving;

import io.bactrian.pipeline.UriNames;
import io.bactrian.tensor.BadInputException;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * A model in a path of TensorFlow Serving's REST API: {@code /v1/models/<name>}, with {@code
 * /versions/<number>} or {@code /labels/<label>} after it (http_rest_api_util.cc).
 *
 * @param model the model's name
 * @param version the version that is asked for; null for the one served
 * @param label the label of the version that is asked for, or null
 */
public record ModelPath(String model, @Nullable Long version, @Nullable String label) {

    /** The beginning of all paths of the API. */
    public static final String ROOT = "/v1/";

    private static final String VERSION = "(?:(?:/versions/(\\d+))|(?:/labels/([^/:]+)))?";
    private static final int IGNORE_CASE = Pattern.CASE_INSENSITIVE;

    private static final Pattern PREDICTION =
            Pattern.compile(
                    "/v1/models/([^/:]+)" + VERSION + ":(classify|regress|predict)", IGNORE_CASE);

    private static final Pattern DESCRIPTION =
            Pattern.compile("/v1/models(?:/([^/:]+))?" + VERSION + "(?:/(metadata))?", IGNORE_CASE);

    /**
     * A path that predictions are posted to.
     *
     * @param path the model
     * @param method what it is to do
     */
    public record Prediction(ModelPath path, ModelMethod method) {}

    /**
     * A path that a model is described at.
     *
     * @param path the model
     * @param metadata whether its signatures are asked for, rather than the state of its versions
     */
    public record Description(ModelPath path, boolean metadata) {}

    /**
     * {@return the target of a POST}
     *
     * @param path the path of the request, percent-encoded
     * @throws BadInputException if there is no such path
     */
    public static Prediction prediction(String path) {
        Matcher parts = PREDICTION.matcher(path);
        if (!parts.matches()) {
            throw malformed("POST", path);
        }
        return new Prediction(of(parts), ModelMethod.named(parts.group(4)));
    }

    /**
     * {@return the target of a GET}
     *
     * @param path the path of the request, percent-encoded
     * @throws BadInputException if there is no such path, or it names no model
     */
    public static Description description(String path) {
        Matcher parts = DESCRIPTION.matcher(path);
        if (!parts.matches()) {
            throw malformed("GET", path);
        }
        if (parts.group(1) == null) {
            throw new BadInputException("Missing model name in request.");
        }
        return new Description(of(parts), parts.group(4) != null);
    }

    private static BadInputException malformed(String method, String path) {
        return new BadInputException("Malformed request: " + method + " " + path);
    }

    private static ModelPath of(Matcher parts) {
        String version = parts.group(2);
        String label = parts.group(3);
        return new ModelPath(
                decoded(parts.group(1)),
                version == null ? null : number(version),
                label == null ? null : decoded(label));
    }

    private static Long number(String version) {
        try {
            return Long.valueOf(version);
        } catch (NumberFormatException e) {
            throw new BadInputException("Failed to convert version: " + version + " to numeric.");
        }
    }

    private static String decoded(String name) {
        try {
            return UriNames.decode(name);
        } catch (IllegalArgumentException e) {
            throw new BadInputException("Failed to decode model name:" + name);
        }
    }

    /**
     * Checks that the version is not asked for by a label, of which there are none.
     *
     * @throws BadInputException if it is
     */
    void requireNoLabel() {
        if (label != null) {
            throw new BadInputException("Unrecognized servable version label: " + label);
        }
    }

    /** {@return such as {@code Latest(half)} or {@code Specific(half, 3)}} */
    String servable() {
        return version == null
                ? "Latest(" + model + ")"
                : "Specific(" + model + ", " + version + ")";
    }
}
