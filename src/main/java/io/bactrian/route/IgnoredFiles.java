package io.bactrian.route;

import io.bactrian.model.ModelRepository;
import io.bactrian.model.ModelVersions;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * Finds files that were probably meant to be used but are ignored: route files in a wrong folder or
 * with a wrong name, jars without routes, and {@code inference.py} without a route that replaces
 * it. Each message says what to do.
 */
public final class IgnoredFiles {

    private static final String PYTHON = "inference.py";
    private static final Pattern YAML_NAME =
            Pattern.compile(".*\\.ya?ml", Pattern.CASE_INSENSITIVE);

    /** The start of a line that only files of Camel routes have. */
    private static final Pattern ROUTE_LINE =
            Pattern.compile("(?m)^- *(route|from|beans|routeConfiguration|routeTemplate) *:");

    private static final int MAX_SEARCHED_BYTES = 64 * 1024;

    private final ModelRepository repository;
    private final RouteConfig config;
    private final List<String> found = new ArrayList<>();

    IgnoredFiles(ModelRepository repository, RouteConfig config) {
        this.repository = repository;
        this.config = config;
    }

    /**
     * {@return a message for each ignored file or folder}
     *
     * @param modelsHaveRoutes whether models have route files, so that the routes directory is not
     *     read
     * @param modelsInRoutes the models that routes run
     */
    List<String> find(boolean modelsHaveRoutes, Set<String> modelsInRoutes) {
        Path directory = repository.directory();
        boolean severalModels = repository.files().stream().anyMatch(ModelVersions::named);
        if (severalModels) {
            Path code = directory.resolve(RouteFiles.CODE);
            if (!filesBelow(code).isEmpty() || Files.exists(code.resolve(PYTHON))) {
                found.add(
                        code
                                + " is not read, since there are several models: move it into the"
                                + " folder of the model it is for, <name>/code");
            }
            reportRouteFiles(directory, "<name>/code");
        }
        for (ModelVersions model : repository.files()) {
            checkModel(model, modelsInRoutes.contains(model.name()));
        }
        if (!modelsHaveRoutes) {
            found.addAll(in(config.directory()));
        } else if (config.required() && !children(config.directory()).isEmpty()) {
            found.add(
                    "BACTRIAN_ROUTES_DIR, "
                            + config.directory()
                            + ", is not read, since models have routes in code/");
        }
        return found;
    }

    private void checkModel(ModelVersions model, boolean usedByRoutes) {
        Path code = model.folder().resolve(RouteFiles.CODE);
        for (Path version : model.versions().values()) {
            if (!version.equals(model.folder())) {
                Path misplaced = version.resolve(RouteFiles.CODE);
                if (Files.isDirectory(misplaced)) {
                    found.add(
                            misplaced
                                    + " is not read, since code belongs beside the versions: move it"
                                    + " to "
                                    + code);
                }
                reportRouteFiles(version, code.toString());
            }
        }
        reportRouteFiles(model.folder(), code.toString());
        found.addAll(in(code));
        Path lib = code.resolve(RouteScope.LIB);
        if (RouteFiles.in(code).isEmpty() && !children(lib).isEmpty()) {
            found.add(
                    lib
                            + " is not used, since there is no route in "
                            + code
                            + ": its jars are for the routes beside it");
        }
        Path python = code.resolve(PYTHON);
        if (Files.exists(python) && !usedByRoutes && RouteFiles.in(code).isEmpty()) {
            found.add(
                    python
                            + " is not run, since there is no Python here: write its steps as a route"
                            + " in "
                            + code.resolve("<name>" + RouteFile.SUFFIX)
                            + " (README, \"Your inference.py\"). Until then the model takes and gives"
                            + " TensorFlow Serving's JSON");
        }
    }

    private void reportRouteFiles(Path folder, String where) {
        for (Path file : filesIn(folder)) {
            found.add(file + " is not read: move it to " + where);
        }
    }

    /**
     * {@return a message for each ignored file in a folder of route files}
     *
     * @param folder a folder whose {@code *.camel.yaml} files are read
     */
    public static List<String> in(Path folder) {
        List<String> found = new ArrayList<>();
        for (Path child : children(folder)) {
            String name = child.getFileName().toString();
            if (Files.isDirectory(child)) {
                for (Path file : filesBelow(child)) {
                    found.add(file + " is not read: move it to " + folder);
                }
            } else if (YAML_NAME.matcher(name).matches()
                    && !name.endsWith(RouteFile.SUFFIX)
                    && hasRoutes(child)) {
                String base = name.replaceFirst("(?i)(\\.camel)?\\.ya?ml$", "");
                found.add(child + " is not read: call it " + base + RouteFile.SUFFIX);
            }
        }
        return found;
    }

    private static boolean hasRoutes(Path file) {
        try (InputStream in = Files.newInputStream(file)) {
            String text = new String(in.readNBytes(MAX_SEARCHED_BYTES), StandardCharsets.UTF_8);
            return ROUTE_LINE.matcher(text).find();
        } catch (IOException e) {
            return false;
        }
    }

    private static List<Path> filesBelow(Path folder) {
        List<Path> files = new ArrayList<>(filesIn(folder));
        for (Path child : children(folder)) {
            if (Files.isDirectory(child)) {
                files.addAll(filesIn(child));
            }
        }
        return files;
    }

    private static List<Path> filesIn(Path folder) {
        return children(folder).stream()
                .filter(file -> file.getFileName().toString().endsWith(RouteFile.SUFFIX))
                .toList();
    }

    /** {@return the folder's files; none if it can't be listed, which is reported elsewhere} */
    private static List<Path> children(Path folder) {
        try {
            return RouteFiles.list(folder);
        } catch (ConfigurationException e) {
            return List.of();
        }
    }
}
