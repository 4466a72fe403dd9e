package io.bactrian.container;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/**
 * The YAML files of one folder that hold pipelines.
 *
 * @param model the model they came with, or null
 * @param files in alphabetical order
 */
record RouteFiles(String model, List<Path> files) {

    private static final String SUFFIX = ".camel.yaml";

    /**
     * @return the files in {@code folder}; none if there is no such folder
     */
    static RouteFiles in(Path folder, String model) {
        if (!Files.isDirectory(folder)) {
            return new RouteFiles(model, List.of());
        }
        try (Stream<Path> children = Files.list(folder)) {
            return new RouteFiles(
                    model,
                    children.filter(file -> file.getFileName().toString().endsWith(SUFFIX))
                            .sorted()
                            .toList());
        } catch (IOException e) {
            throw new ConfigurationException("can't read the routes in " + folder + ": " + e);
        }
    }
}
