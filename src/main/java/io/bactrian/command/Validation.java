package io.bactrian.command;

import io.bactrian.container.ContainerConfig;
import io.bactrian.route.ConfigurationException;
import io.bactrian.route.IgnoredFiles;
import io.bactrian.route.LoadFault;
import io.bactrian.route.LoadedPipelines;
import io.bactrian.route.RouteFiles;
import io.bactrian.serving.LocalPipelines;
import io.bactrian.serving.NoHttpEngine;
import io.bactrian.validation.RouteFault;
import io.bactrian.validation.RouteValidator;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** A validation of route files, with or without models. */
final class Validation {

    /** The files to be validated, by their absolute path. */
    private final Map<Path, Path> files = new LinkedHashMap<>();

    private final List<String> warnings = new ArrayList<>();

    /**
     * @param files the faults of each file that was validated
     * @param others what is wrong with models, or anything else that is in none of the files
     * @param warnings what looks like a mistake
     */
    record Findings(Map<Path, List<RouteFault>> files, List<String> others, List<String> warnings) {

        boolean isFaultless() {
            return others.isEmpty() && files.values().stream().allMatch(List::isEmpty);
        }
    }

    /**
     * Adds a file, or those of a folder.
     *
     * @throws ConfigurationException if it is not there, or the folder has no route files
     */
    void add(Path file) {
        if (Files.notExists(file)) {
            throw new ConfigurationException("there is no " + file);
        }
        if (!Files.isDirectory(file)) {
            files.put(absolute(file), file);
            return;
        }
        List<String> mistakes = IgnoredFiles.in(file);
        List<Path> inFolder = RouteFiles.in(file);
        if (inFolder.isEmpty()) {
            throw new ConfigurationException(
                    "there is no *.camel.yaml in "
                            + file
                            + (mistakes.isEmpty() ? "" : "; " + String.join("; ", mistakes)));
        }
        inFolder.forEach(each -> files.put(absolute(each), each));
        warnings.addAll(mistakes);
    }

    private static Path absolute(Path file) {
        return file.toAbsolutePath().normalize();
    }

    /**
     * Validates the files.
     *
     * @param models the folder with the models, whose own routes are validated if no file was
     *     added; null to validate without
     * @throws ConfigurationException if a folder or setting is wrong
     */
    Findings run(@Nullable Path models) {
        if (models != null) {
            return runWithModels(models);
        }
        List<Path> all = List.copyOf(files.values());
        return new Findings(
                new RouteValidator().validate(all, new NoHttpEngine()), List.of(), warnings);
    }

    private Findings runWithModels(Path models) {
        try (LocalPipelines pipelines = new LocalPipelines(config(models).serving())) {
            pipelines.load();
            LoadedPipelines loaded = pipelines.loaded();
            Set<Path> read =
                    loaded.files().stream().map(Validation::absolute).collect(Collectors.toSet());
            for (Map.Entry<Path, Path> file : files.entrySet()) {
                if (!read.contains(file.getKey()) && isReplaced(file.getKey(), read, models)) {
                    throw new ConfigurationException(
                            file.getValue()
                                    + " would not be read, since the models in "
                                    + models
                                    + " have routes of their own in code");
                }
            }
            List<Path> validated = files.isEmpty() ? loaded.files() : List.copyOf(files.values());
            warnings.addAll(loaded.warnings());
            return new Findings(
                    new RouteValidator().validate(validated, loaded.faults()),
                    loaded.faults().stream()
                            .filter(fault -> fault.file() == null)
                            .map(LoadFault::message)
                            .toList(),
                    warnings);
        }
    }

    /**
     * {@return whether a file was not read since models have routes, and not because of a fault}
     */
    private static boolean isReplaced(Path file, Set<Path> read, Path models) {
        Path folder = absolute(models);
        return !file.startsWith(folder) && read.stream().anyMatch(each -> each.startsWith(folder));
    }

    private ContainerConfig config(Path models) {
        Map<String, String> environment = LocalSettings.of(models);
        environment.remove("BACTRIAN_STRICT");
        // Where models have routes of their own, the folder is not read.
        List<Path> folders = files.keySet().stream().map(Path::getParent).distinct().toList();
        if (folders.size() > 1
                && !folders.stream().allMatch(each -> each.startsWith(absolute(models)))) {
            throw new ConfigurationException(
                    "with models, the route files must be of one folder, not of " + folders);
        }
        if (folders.isEmpty()) {
            return ContainerConfig.of(environment);
        }
        environment.put("BACTRIAN_ROUTES_DIR", folders.get(0).toString());
        return ContainerConfig.of(environment).withRouteFiles(List.copyOf(files.keySet()));
    }
}
