package io.bactrian.route;

import io.bactrian.model.FileErrorMessage;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/** Lists the route files of a folder. */
public final class RouteFiles {

    /** The subfolder of a model's folder for its route files. */
    public static final String CODE = "code";

    private RouteFiles() {}

    /**
     * {@return the route files in {@code folder} in alphabetical order, without hidden ones such as
     * macOS creates; none if there is no such folder}
     *
     * @param folder the folder, whose subfolders are not searched
     * @throws ConfigurationException if the folder can't be read
     */
    public static List<Path> in(Path folder) {
        return list(folder).stream()
                .filter(file -> file.getFileName().toString().endsWith(RouteFile.SUFFIX))
                .toList();
    }

    /**
     * {@return all files and subfolders of {@code folder} that are not hidden, in alphabetical
     * order; none if there is no such folder}
     *
     * @param folder the folder to list
     * @throws ConfigurationException if the folder can't be read
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
