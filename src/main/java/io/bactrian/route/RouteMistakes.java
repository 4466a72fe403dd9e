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
 * Finds route files that are not read because of where they are or what they are called, and {@code
 * inference.py} without a route in its place. Each is named with its cure.
 */
public final class RouteMistakes {

    private static final String PYTHON = "inference.py";
    private static final Pattern OTHER_NAME =
            Pattern.compile(".*\\.ya?ml", Pattern.CASE_INSENSITIVE);

    /** What a file of Camel's routes has at the beginning of a line. */
    private static final Pattern ROUTES =
            Pattern.compile("(?m)^- *(route|from|beans|routeConfiguration|routeTemplate) *:");

    private static final int ENOUGH_TO_TELL = 64 * 1024;

    private final ModelRepository repository;
    private final RouteConfig config;
    private final List<String> found = new ArrayList<>();

    RouteMistakes(ModelRepository repository, RouteConfig config) {
        this.repository = repository;
        this.config = config;
    }

    /**
     * @param brought whether models brought routes, so that the routes directory is not read
     * @param modelsInRoutes the models that routes run
     */
    List<String> find(boolean brought, Set<String> modelsInRoutes) {
        Path directory = repository.directory();
        boolean several = repository.files().stream().anyMatch(ModelVersions::named);
        if (several) {
            Path code = directory.resolve(RouteFiles.CODE);
            if (!filesBelow(code).isEmpty() || Files.exists(code.resolve(PYTHON))) {
                found.add(
                        code
                                + " is not read, since there are several models: move it into the"
                                + " folder of the model it is for, <name>/code");
            }
            notInFolder(directory, "<name>/code");
        }
        for (ModelVersions model : repository.files()) {
            look(model, modelsInRoutes.contains(model.name()));
        }
        if (!brought) {
            found.addAll(in(config.directory()));
        } else if (config.required() && !children(config.directory()).isEmpty()) {
            found.add(
                    "BACTRIAN_ROUTES_DIR, "
                            + config.directory()
                            + ", is not read, since models bring their routes in code/");
        }
        return found;
    }

    private void look(ModelVersions model, boolean inRoutes) {
        Path code = model.folder().resolve(RouteFiles.CODE);
        for (Path version : model.versions().values()) {
            if (!version.equals(model.folder())) {
                Path inside = version.resolve(RouteFiles.CODE);
                if (Files.isDirectory(inside)) {
                    found.add(
                            inside
                                    + " is not read, since code belongs beside the versions: move it"
                                    + " to "
                                    + code);
                }
                notInFolder(version, code.toString());
            }
        }
        notInFolder(model.folder(), code.toString());
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
        if (Files.exists(python) && !inRoutes && RouteFiles.in(code).isEmpty()) {
            found.add(
                    python
                            + " is not run, since there is no Python here: write its steps as a route"
                            + " in "
                            + code.resolve("<name>" + RouteFile.SUFFIX)
                            + " (README, \"Your inference.py\"). Until then the model takes and gives"
                            + " TensorFlow Serving's JSON");
        }
    }

    private void notInFolder(Path folder, String where) {
        for (Path file : filesIn(folder)) {
            found.add(file + " is not read: move it to " + where);
        }
    }

    /**
     * {@return which other files in it look as if they were meant to be read}
     *
     * @param folder one whose {@code *.camel.yaml} are read
     */
    public static List<String> in(Path folder) {
        List<String> found = new ArrayList<>();
        for (Path child : children(folder)) {
            String name = child.getFileName().toString();
            if (Files.isDirectory(child)) {
                for (Path file : filesBelow(child)) {
                    found.add(file + " is not read: move it to " + folder);
                }
            } else if (OTHER_NAME.matcher(name).matches()
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
            String text = new String(in.readNBytes(ENOUGH_TO_TELL), StandardCharsets.UTF_8);
            return ROUTES.matcher(text).find();
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

    /** What can't be listed has been reported where it was read. */
    private static List<Path> children(Path folder) {
        try {
            return RouteFiles.list(folder);
        } catch (ConfigurationException e) {
            return List.of();
        }
    }
}
