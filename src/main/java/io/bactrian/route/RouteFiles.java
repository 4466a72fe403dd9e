package io.bactrian.route;

import io.bactrian.model.FileErrorMessage;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/** Finds the YAML files of a folder that hold pipelines. */
public final class RouteFiles {

    /** The folder in a model's own that holds the pipelines it brings. */
    public static final String CODE = "code";

    private RouteFiles() {}

    /**
     * {@return the files in {@code folder} in alphabetical order, without those that macOS leaves
     * behind; none if there is no such folder}
     *
     * @throws ConfigurationException if the folder can't be read
     */
    public static List<Path> in(Path folder) {
        return list(folder).stream()
                .filter(file -> file.getFileName().toString().endsWith(RouteFile.SUFFIX))
                .toList();
    }

    /**
     * {@return everything in {@code folder} that is not hidden, in alphabetical order; nothing if
     * there is no such folder}
     */
    public static List<Path> list(Path folder) {
        if (!Files.isDirectory(folder)) {
            return List.of();
        }
        try (Stream<Path> children = Files.list(folder)) {
            return children.filter(file -> !file.getFileName().toString().startsWith("."))
                    .sorted()
                    .toList();
        } catch (IOException | UncheckedIOException e) {
            throw new ConfigurationException(
                    "can't read " + folder + ": " + FileErrorMessage.of(e));
        }
    }
}
