package io.bactrian.route;

import java.io.File;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The locations of route files, and the default pipeline. All paths are absolute.
 *
 * @param modelDirectory the folder of the models, which may have routes in {@code code}
 * @param directory the routes directory, for routes that do not belong to a model
 * @param required whether {@code directory} was set explicitly, so that it must have routes for the
 *     models; the distribution's own directory has examples
 * @param files the files of {@code directory} to read; null for all
 * @param defaultPipeline the pipeline of requests that name none; null if there is only one
 */
public record RouteConfig(
        Path modelDirectory,
        Path directory,
        boolean required,
        @Nullable List<Path> files,
        @Nullable String defaultPipeline) {

    /**
     * Makes the paths absolute.
     *
     * @param modelDirectory the folder of the models, which may have routes in {@code code}
     * @param directory the routes directory, for routes that do not belong to a model
     * @param required whether {@code directory} was set explicitly, so that it must have routes for
     *     the models; the distribution's own directory has examples
     * @param files the files of {@code directory} to read; null for all
     * @param defaultPipeline the pipeline of requests that name none; null if there is only one
     */
    public RouteConfig {
        // Absolute paths, so that withoutFolders does not replace other words.
        modelDirectory = modelDirectory.toAbsolutePath();
        directory = directory.toAbsolutePath();
        files = files == null ? null : List.copyOf(files);
    }

    /**
     * {@return the route files of the routes directory}
     *
     * @throws ConfigurationException if the folder can't be read
     */
    public List<Path> routeFiles() {
        return files == null ? RouteFiles.in(directory) : files;
    }

    /**
     * {@return a message without the paths of folders, which must not be disclosed to clients}
     *
     * @param message a message that may contain paths
     */
    public String withoutFolders(String message) {
        return message.replace(modelDirectory + File.separator, "")
                .replace(directory + File.separator, "")
                .replace(modelDirectory.toString(), "the model directory");
    }
}
