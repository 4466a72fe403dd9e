package io.bactrian.route;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.MalformedURLException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.apache.camel.CamelContext;
import org.jspecify.annotations.Nullable;

/**
 * The routes of one origin, a model's {@code code} folder or the routes directory, in a Camel
 * context of their own: beans, route ids, route configurations and templates, and the classes of
 * {@code lib/*.jar} are known to no other routes. Other origins' pipelines are called by name, as
 * {@code pipeline:<name>}.
 */
public final class RouteScope implements AutoCloseable {

    /** The folder beside the routes that holds jars for them. */
    static final String LIB = "lib";

    private final CamelContexts contexts;
    private final @Nullable String model;
    private final CamelContext context;
    private final URLClassLoader classes;
    private final List<RouteFile> files;

    private RouteScope(
            CamelContexts contexts,
            @Nullable String model,
            CamelContext context,
            URLClassLoader classes,
            List<RouteFile> files) {
        this.contexts = contexts;
        this.model = model;
        this.context = context;
        this.classes = classes;
        this.files = files;
    }

    /**
     * Starts a context and reads the files. No route is started yet.
     *
     * @param model the model that brought the files, or null
     * @param folder where the files are
     * @param paths at least one
     */
    static RouteScope open(
            CamelContexts contexts, @Nullable String model, Path folder, List<Path> paths) {
        URLClassLoader classes =
                new URLClassLoader(
                        "code of " + (model == null ? folder : model),
                        jars(folder.resolve(LIB)),
                        RouteScope.class.getClassLoader());
        CamelContext context = null;
        try {
            context = contexts.start(model, classes);
            RouteScope scope =
                    new RouteScope(contexts, model, context, classes, files(paths, model, context));
            scope.read();
            return scope;
        } catch (Throwable e) {
            if (context != null) {
                contexts.stop(context);
            }
            close(classes);
            throw e;
        }
    }

    private static List<RouteFile> files(
            List<Path> paths, @Nullable String model, CamelContext context) {
        return paths.stream().map(path -> new RouteFile(path, model, context)).toList();
    }

    private static URL[] jars(Path folder) {
        List<URL> jars = new ArrayList<>();
        for (Path file : RouteFiles.list(folder)) {
            if (file.getFileName().toString().endsWith(".jar")) {
                try {
                    jars.add(file.toUri().toURL());
                } catch (MalformedURLException e) {
                    throw new UncheckedIOException(e);
                }
            }
        }
        return jars.toArray(URL[]::new);
    }

    /** In an order in which each finds what another file defines, whatever the files' names are. */
    private void read() {
        files.forEach(RouteFile::readBeans);
        files.forEach(RouteFile::readConfigurations);
        files.forEach(RouteFile::readDefinitions);
        refuseDuplicates();
        files.forEach(RouteFile::readRoutes);
        files.forEach(RouteFile::readTemplatedRoutes);
    }

    /** Which of two that have one name is meant nobody can tell. */
    private void refuseDuplicates() {
        Map<String, List<RouteFile>> defining = new LinkedHashMap<>();
        for (RouteFile file : files) {
            for (String name : file.definedNames()) {
                defining.computeIfAbsent(name, first -> new ArrayList<>()).add(file);
            }
        }
        defining.forEach(
                (name, by) -> {
                    if (by.size() > 1) {
                        Set<RouteFile> distinct = new LinkedHashSet<>(by);
                        String where =
                                distinct.stream()
                                        .map(RouteFile::toString)
                                        .collect(Collectors.joining(" and "));
                        String fault =
                                name
                                        + " is defined twice"
                                        + (distinct.size() == 1 ? "" : ", in " + where);
                        distinct.forEach(file -> file.fail(fault));
                    }
                });
    }

    /** {@return the model that brought the routes, or null} */
    public @Nullable String model() {
        return model;
    }

    /** {@return the context that the routes are in} */
    public CamelContext context() {
        return context;
    }

    List<RouteFile> files() {
        return files;
    }

    /** Stops the routes, and forgets all that the files define. */
    @Override
    public void close() {
        try {
            contexts.stop(context);
        } finally {
            close(classes);
        }
    }

    private static void close(URLClassLoader classes) {
        try {
            classes.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
