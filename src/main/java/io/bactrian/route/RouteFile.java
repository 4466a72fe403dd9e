package io.bactrian.route;

import io.bactrian.model.FileErrorMessage;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.camel.CamelContext;
import org.apache.camel.RuntimeCamelException;
import org.apache.camel.builder.RouteBuilder;
import org.apache.camel.builder.RouteConfigurationBuilder;
import org.apache.camel.dsl.yaml.YamlRoutesBuilderLoader;
import org.apache.camel.model.Model;
import org.apache.camel.model.RouteConfigurationDefinition;
import org.apache.camel.model.RouteDefinition;
import org.apache.camel.model.RouteTemplateDefinition;
import org.apache.camel.model.TemplatedRouteDefinition;
import org.apache.camel.spi.Resource;
import org.apache.camel.support.ResourceSupport;
import org.jspecify.annotations.Nullable;
import org.snakeyaml.engine.v2.api.Load;
import org.snakeyaml.engine.v2.api.LoadSettings;

/**
 * A YAML file of routes. It is read in several steps, whose order {@link RouteScope} determines;
 * they create its beans and return its routes, which are not started.
 *
 * <p>Each file has its own loader: Camel's shared loader keeps the beans of a file that could not
 * be read, and would not create beans of the same names for another file.
 */
public final class RouteFile {

    /** The suffix of the names of route files. */
    public static final String SUFFIX = ".camel.yaml";

    /** Finds the names of pipelines in the text of a file that Camel can't read. */
    private static final List<Pattern> PIPELINE_NAMES =
            List.of(
                    Pattern.compile(
                            "from:\\s*\\{?\\s*(?:uri:\\s*)?[\"']?pipeline:(?://)?([^\\s\"'?,}]+)"),
                    Pattern.compile("pipeline:(?://)?([^\\s\"'?,}]+)"));

    private final Path path;
    private final @Nullable String model;
    private final CamelContext context;
    private final Resource resource;
    private final Loader loader = new Loader();
    private final List<String> beans = new ArrayList<>();
    private final List<RouteDefinition> routes = new ArrayList<>();
    private final List<String> unsupported = new ArrayList<>();
    private int errorHandlers;
    private @Nullable RouteBuilder builder;
    private @Nullable String problem;

    /**
     * Creates a file that has not been read.
     *
     * @param model the model whose code folder the file is in, or null
     */
    RouteFile(Path path, @Nullable String model, CamelContext context) {
        this.path = path;
        this.model = model;
        this.context = context;
        this.resource = new FileResource(path);
    }

    Path path() {
        return path;
    }

    /** {@return the model whose code folder the file is in, or null} */
    @Nullable String model() {
        return model;
    }

    /** {@return the routes read so far} */
    List<RouteDefinition> routes() {
        return routes;
    }

    /** {@return the names of the beans, once they are created} */
    List<String> beans() {
        return beans;
    }

    /** {@return messages about definitions in the file that are not supported} */
    List<String> unsupported() {
        return unsupported;
    }

    /** {@return the reason why the file can't be used, or null} */
    @Nullable String problem() {
        return problem;
    }

    /** Creates the file's beans, which the routes of all files of the scope can use. */
    void readBeans() {
        try {
            loader.setCamelContext(context);
            loader.start();
            parseBeans();
            findNames();
        } catch (Exception | LinkageError | AssertionError | StackOverflowError e) {
            fail(e);
        }
    }

    private void parseBeans() throws Exception {
        try {
            loader.preParseRoute(resource);
        } catch (RuntimeCamelException e) {
            // The outer exception only says that the file could not be parsed.
            throw e.getCause() instanceof Exception cause ? cause : e;
        }
    }

    /**
     * Collects the names of beans and counts error handlers. It parses the text, since of several
     * beans of one name Camel keeps only the last.
     */
    private void findNames() throws IOException {
        try (InputStream in = loader.resourceInputStream(resource)) {
            Object root = new Load(LoadSettings.builder().build()).loadFromInputStream(in);
            for (Object entry : root instanceof List<?> entries ? entries : List.of()) {
                if (!(entry instanceof Map<?, ?> map)) {
                    continue;
                }
                if (map.get("beans") instanceof List<?> list) {
                    for (Object bean : list) {
                        beans.add(String.valueOf(((Map<?, ?>) bean).get("name")));
                    }
                }
                if (map.containsKey("errorHandler") || map.containsKey("error-handler")) {
                    errorHandlers++;
                }
            }
        }
    }

    /** Reads the route configurations, which apply to routes of the scope that are read later. */
    void readConfigurations() {
        if (problem != null) {
            return;
        }
        try {
            builder = (RouteBuilder) loader.loadRoutesBuilder(resource);
            if (builder instanceof RouteConfigurationBuilder configurations) {
                context.addRoutesConfigurations(configurations);
            }
        } catch (Exception | LinkageError | AssertionError | StackOverflowError e) {
            fail(e);
        }
    }

    /** Reads all other definitions, without adding routes or templates to the context. */
    void readDefinitions() {
        if (problem != null) {
            return;
        }
        try {
            builder().configureRoutes(context);
            if (!builder().getRestCollection().getRests().isEmpty()) {
                unsupported.add(
                        path
                                + ": rest is not served here: write a route from pipeline:<name>,"
                                + " which answers at /models/<name>/invoke");
            }
        } catch (Exception | LinkageError | AssertionError | StackOverflowError e) {
            fail(e);
        }
    }

    /**
     * {@return the names of the file's beans, route configurations and templates, and the error
     * handler, which applies to all files of the scope; one entry per definition, so that
     * duplicates can be found}
     */
    List<String> definedNames() {
        List<String> names = new ArrayList<>();
        beans.forEach(bean -> names.add("bean \"" + bean + "\""));
        names.addAll(
                Collections.nCopies(errorHandlers, "the error handler of the folder's routes"));
        if (builder instanceof RouteConfigurationBuilder configurations) {
            for (RouteConfigurationDefinition each :
                    configurations.getRouteConfigurationCollection().getRouteConfigurations()) {
                if (each.getId() != null) {
                    names.add("route configuration \"" + each.getId() + "\"");
                }
            }
        }
        if (builder != null) {
            for (RouteTemplateDefinition each :
                    builder().getRouteTemplateCollection().getRouteTemplates()) {
                names.add("route template \"" + each.getId() + "\"");
            }
        }
        return names;
    }

    /** Creates the file's routes, and adds its templates to the context. */
    void readRoutes() {
        if (problem != null) {
            return;
        }
        try {
            builder().getRestCollection().getRests().clear();
            builder().prepareModel(context);
            routes.addAll(builder().getRouteCollection().getRoutes());
            if (routes.isEmpty()
                    && beans.isEmpty()
                    && unsupported.isEmpty()
                    && !hasOtherDefinitions()) {
                problem = path + ": it has no route";
            }
        } catch (Exception | LinkageError | AssertionError | StackOverflowError e) {
            fail(e);
        }
    }

    /** Creates the file's routes from templates, which may be defined in any file of the scope. */
    void readTemplatedRoutes() {
        if (problem != null) {
            return;
        }
        Model model = definitions();
        Function<RouteDefinition, Boolean> filter = model.getRouteFilter();
        // Camel would add the created route to the context at once; the filter collects it instead.
        model.setRouteFilter(
                route -> {
                    routes.add(route);
                    return false;
                });
        try {
            for (TemplatedRouteDefinition each :
                    builder().getTemplatedRouteCollection().getTemplatedRoutes()) {
                model.addRouteFromTemplatedRoute(each);
            }
        } catch (Exception | LinkageError | AssertionError | StackOverflowError e) {
            fail(e);
        } finally {
            model.setRouteFilter(filter);
        }
    }

    private RouteBuilder builder() {
        return Objects.requireNonNull(builder, "readConfigurations comes first");
    }

    private boolean hasOtherDefinitions() {
        return !builder().getRouteTemplateCollection().getRouteTemplates().isEmpty()
                || !builder().getTemplatedRouteCollection().getTemplatedRoutes().isEmpty()
                || (builder instanceof RouteConfigurationBuilder configurations
                        && !configurations
                                .getRouteConfigurationCollection()
                                .getRouteConfigurations()
                                .isEmpty());
    }

    private Model definitions() {
        return context.getCamelContextExtension().getContextPlugin(Model.class);
    }

    /**
     * {@return the pipelines that a file which can't be read probably defines: those whose names
     * are found in its text, else one of the file's own name}
     */
    Set<String> intendedPipelines() {
        return intendedPipelines(path);
    }

    static Set<String> intendedPipelines(Path path) {
        Set<String> names = new LinkedHashSet<>();
        String text;
        try {
            text = new String(Files.readAllBytes(path), StandardCharsets.UTF_8);
        } catch (IOException e) {
            text = "";
        }
        for (Pattern pattern : PIPELINE_NAMES) {
            Matcher matcher = pattern.matcher(text);
            while (names.isEmpty() && matcher.find()) {
                do {
                    names.add(matcher.group(1));
                } while (matcher.find());
            }
        }
        if (names.isEmpty()) {
            String file = path.getFileName().toString();
            names.add(file.substring(0, file.length() - SUFFIX.length()));
        }
        return names;
    }

    private void fail(Throwable e) {
        fail(FailureReason.of(e));
    }

    /** Marks the file as broken, and removes its routes and beans. */
    void fail(String reason) {
        problem = path + ": " + reason.replace(path.toString(), path.getFileName().toString());
        routes.clear();
        beans.forEach(context.getRegistry()::unbind);
    }

    @Override
    public String toString() {
        return path.toString();
    }

    /** A loader that accepts only UTF-8, independent of the system's encoding. */
    private static final class Loader extends YamlRoutesBuilderLoader {

        @Override
        protected InputStream resourceInputStream(Resource resource) throws IOException {
            byte[] bytes;
            try (InputStream in = resource.getInputStream()) {
                bytes = in.readAllBytes();
            }
            try {
                CharSequence text =
                        StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes));
                if (text.toString().isBlank()) {
                    throw new IOException("the file is empty");
                }
            } catch (CharacterCodingException e) {
                throw new IOException("the file is not UTF-8", e);
            }
            return new ByteArrayInputStream(bytes);
        }
    }

    /** A file resource that does not decode {@code %20} in file names, as Camel's own would. */
    private static final class FileResource extends ResourceSupport {

        private final Path path;

        FileResource(Path path) {
            super("file", path.toString());
            this.path = path;
        }

        @Override
        public URI getURI() {
            return path.toUri();
        }

        @Override
        public boolean exists() {
            return true;
        }

        @Override
        public InputStream getInputStream() throws IOException {
            try {
                return Files.newInputStream(path);
            } catch (IOException e) {
                throw new IOException(FileErrorMessage.of(e), e);
            }
        }
    }
}
