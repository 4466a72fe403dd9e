package io.bactrian.route;

import java.io.File;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Where route files are, and which pipeline is the default. All paths are absolute.
 *
 * @param modelDirectory the folder with the models, which may bring routes in {@code code}
 * @param directory the folder with the routes that no model brings
 * @param required whether somebody has chosen {@code directory}, so that it must have routes for
 *     the models there are; the distribution's own are examples
 * @param files which files of {@code directory} to read; null for all
 * @param defaultPipeline the pipeline of requests that name none; null for the only one there is
 */
public record RouteConfig(
        Path modelDirectory,
        Path directory,
        boolean required,
        @Nullable List<Path> files,
        @Nullable String defaultPipeline) {

    public RouteConfig {
        // Absolute, so that withoutFolders takes no other word for a folder's name.
        modelDirectory = modelDirectory.toAbsolutePath();
        directory = directory.toAbsolutePath();
        files = files == null ? null : List.copyOf(files);
    }

    /**
     * {@return the files with the routes that no model brings}
     *
     * @throws ConfigurationException if the folder can't be read
     */
    public List<Path> routeFiles() {
        return files == null ? RouteFiles.in(directory) : files;
    }

    /**
     * {@return the reason without the names of folders, fit for callers: where things are on this
     * machine is none of their business}
     */
    public String withoutFolders(String reason) {
        return reason.replace(modelDirectory + File.separator, "")
                .replace(directory + File.separator, "")
                .replace(modelDirectory.toString(), "the model directory");
    }
}
