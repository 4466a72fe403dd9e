package io.bactrian.inference;

import io.bactrian.model.ModelNotFoundException;
import io.bactrian.model.ModelRepository;
import io.bactrian.model.ModelVersions;
import io.bactrian.pipeline.UriNames;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * A path of the Open Inference Protocol that is about a model: {@code /v2/models/<name>}, with
 * {@code /versions/<version>} after it, and then {@code /ready} or {@code /infer}.
 *
 * @param model the model's name
 * @param version the version that is asked for; null for the one served
 * @param action {@code ready} or {@code infer}; null for the model's metadata
 */
public record InferencePath(String model, @Nullable String version, @Nullable String action) {

    /** The beginning of all paths. */
    public static final String ROOT = "/v2";

    /** The paths of models, as a regular expression. */
    public static final String MODEL = ROOT + "/models/([^/]+)(?:/versions/([^/]+))?";

    private static final Pattern PATTERN = Pattern.compile(MODEL + "(?:/(ready|infer))?");

    /**
     * {@return what a path is about}
     *
     * @param path the path of the request, percent-encoded
     * @throws ModelNotFoundException if there is no such path
     */
    public static InferencePath of(String path) {
        Matcher parts = PATTERN.matcher(path);
        if (!parts.matches()) {
            throw new ModelNotFoundException("nothing is here");
        }
        String version = parts.group(2);
        return new InferencePath(
                UriNames.decode(parts.group(1)),
                version == null ? null : UriNames.decode(version),
                parts.group(3));
    }

    /**
     * {@return the files of the model}
     *
     * @param repository the models
     * @throws ModelNotFoundException if there is no such model, or another version is served
     */
    ModelVersions find(ModelRepository repository) {
        ModelVersions files = repository.find(model);
        if (files == null) {
            throw new ModelNotFoundException(
                    "no model \"" + model + "\": there is " + repository.names());
        }
        if (version != null && !version.equals(versionOf(files))) {
            throw new ModelNotFoundException(
                    "no version \""
                            + version
                            + "\" of model \""
                            + model
                            + "\": there is "
                            + versionOf(files));
        }
        return files;
    }

    /** {@return the version that is served} */
    static String versionOf(ModelVersions files) {
        return files.versions().isEmpty() ? "1" : Long.toString(files.latest());
    }
}
