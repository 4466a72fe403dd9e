package io.bactrian.tfserving;

import io.bactrian.tensor.BadInputException;
import java.util.Arrays;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * The model, version and method that a request to {@code /invocations} names as for SageMaker's
 * TensorFlow container: {@code tfs-model-name}, {@code tfs-model-version} and {@code tfs-method} in
 * the header {@code X-Amzn-SageMaker-Custom-Attributes}, with commas between. Other attributes are
 * for the pipeline.
 *
 * @param model the model's name; null if it is not given
 * @param version the version; null for the one served
 * @param method what the model is to do
 */
public record ModelAttributes(@Nullable String model, @Nullable Long version, ModelMethod method) {

    private static final String MODEL = "tfs-model-name";
    private static final String VERSION = "tfs-model-version";
    private static final String METHOD = "tfs-method";
    private static final ModelAttributes NONE =
            new ModelAttributes(null, null, ModelMethod.PREDICT);

    /**
     * {@return what the header asks for}
     *
     * @param header the header; null for none
     * @throws BadInputException if the version is no number, or there is no such method
     */
    public static ModelAttributes of(@Nullable String header) {
        if (header == null || !header.contains("tfs-")) {
            return NONE;
        }
        String version = value(header, VERSION);
        String method = value(header, METHOD);
        return new ModelAttributes(
                value(header, MODEL),
                version == null ? null : number(version),
                method == null ? ModelMethod.PREDICT : method(method));
    }

    private static @Nullable String value(String header, String name) {
        return Arrays.stream(header.split(","))
                .map(String::strip)
                .filter(attribute -> attribute.startsWith(name + "="))
                .map(attribute -> attribute.substring(name.length() + 1).strip())
                .filter(value -> !value.isEmpty())
                .findFirst()
                .orElse(null);
    }

    private static Long number(String version) {
        try {
            return Long.valueOf(version);
        } catch (NumberFormatException e) {
            throw new BadInputException(VERSION + " must be a whole number");
        }
    }

    private static ModelMethod method(String name) {
        for (ModelMethod method : ModelMethod.values()) {
            if (method.toString().equals(name.toLowerCase(Locale.ROOT))) {
                return method;
            }
        }
        throw new BadInputException(METHOD + " must be predict, classify or regress");
    }

    /**
     * {@return the prediction that is asked for, as its own path would}
     *
     * @param name the name of the model, which the request's path may have instead of the header
     */
    public ModelPath.Prediction prediction(String name) {
        return new ModelPath.Prediction(new ModelPath(name, version, null), method);
    }
}
