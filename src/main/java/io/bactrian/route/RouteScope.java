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
 * The routes of a model's {@code code} folder or of the routes directory, in a Camel context of
 * their own. Beans, route ids, route configurations, templates, and the classes of {@code
 * lib/*.jar} are not visible to other scopes. Pipelines of other scopes are called by name, as
 * {@code pipeline:<name>}.
 */
public final class RouteScope implements AutoCloseable {

    /** The subfolder for jars that the routes use. */
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
     * Starts a context and reads the files, without starting routes.
     *
     * @param model the model whose code folder it is, or null
     * @param folder the folder of the files
     * @param paths the route files, at least one
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

    /** Reads the files step by step, so that their order does not matter for references. */
    private void read() {
        files.forEach(RouteFile::readBeans);
        files.forEach(RouteFile::readConfigurations);
        files.forEach(RouteFile::readDefinitions);
        refuseDuplicates();
        files.forEach(RouteFile::readRoutes);
        files.forEach(RouteFile::readTemplatedRoutes);
    }

    /** Breaks all files that define the same name: which definition is meant is ambiguous. */
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

    /** {@return the model whose code folder the routes are in, or null} */
    public @Nullable String model() {
        return model;
    }

    /** {@return the Camel context of the routes} */
    public CamelContext context() {
        return context;
    }

    List<RouteFile> files() {
        return files;
    }

    /** Stops the routes and their context, and closes the class loader. */
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
