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
 * A YAML file of routes. Reading it makes its beans and gives its routes, of which none is started:
 * see {@link RouteScope} for the order.
 *
 * <p>Each file has a loader of its own: Camel's shared one remembers the beans of a file that it
 * failed to read, and would not make another file's beans of the same names.
 */
public final class RouteFile {

    public static final String SUFFIX = ".camel.yaml";

    /** What names a pipeline in a file that Camel can't read. */
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
    private final List<String> remarks = new ArrayList<>();
    private int errorHandlers;
    private @Nullable RouteBuilder builder;
    private @Nullable String problem;

    /**
     * @param model the model that the file came with, or null
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

    /** {@return the model that the file came with, or null} */
    @Nullable String model() {
        return model;
    }

    /** {@return the routes, once they are read} */
    List<RouteDefinition> routes() {
        return routes;
    }

    /** {@return what is in the file and not served, in sentences} */
    List<String> remarks() {
        return remarks;
    }

    /** {@return why the file can't be read, or null} */
    @Nullable String problem() {
        return problem;
    }

    /** Makes the file's beans, which the routes of the scope's other files may use as well. */
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
            // It says no more than that the file could not be parsed.
            throw e.getCause() instanceof Exception cause ? cause : e;
        }
    }

    /** From the text, since Camel knows the last of several beans of one name only. */
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

    /** Reads the route configurations, which apply to the scope's routes that are read after. */
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

    /** Reads the rest, of which no route and no template is known to Camel yet. */
    void readDefinitions() {
        if (problem != null) {
            return;
        }
        try {
            builder().configureRoutes(context);
            if (!builder().getRestCollection().getRests().isEmpty()) {
                remarks.add(
                        path
                                + ": rest is not served here: write a route from pipeline:<name>,"
                                + " which answers at /models/<name>/invoke");
            }
        } catch (Exception | LinkageError | AssertionError | StackOverflowError e) {
            fail(e);
        }
    }

    /**
     * {@return the names that the file gives to beans, route configurations and templates, each as
     * often as it does, and the error handler, which is that of all the scope's files}
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

    /** Makes the file's routes of what was read, and its templates known. */
    void readRoutes() {
        if (problem != null) {
            return;
        }
        try {
            builder().getRestCollection().getRests().clear();
            builder().prepareModel(context);
            routes.addAll(builder().getRouteCollection().getRoutes());
            if (routes.isEmpty() && beans.isEmpty() && remarks.isEmpty() && !hasMore()) {
                problem = path + ": there is no route in it";
            }
        } catch (Exception | LinkageError | AssertionError | StackOverflowError e) {
            fail(e);
        }
    }

    /** Makes the routes of those templates, of any file of the scope, that this file names. */
    void readTemplatedRoutes() {
        if (problem != null) {
            return;
        }
        Model model = definitions();
        Function<RouteDefinition, Boolean> filter = model.getRouteFilter();
        // Camel adds the route that it makes of a template at once: it is only wanted.
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

    private boolean hasMore() {
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
     * {@return the names of the pipelines that a file which can't be read was meant to hold: those
     * it seems to name, else the file's own}
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

    /** Keeps the file from being served, with all that it defines. */
    void fail(String reason) {
        problem = path + ": " + reason.replace(path.toString(), path.getFileName().toString());
        routes.clear();
        beans.forEach(context.getRegistry()::unbind);
    }

    @Override
    public String toString() {
        return path.toString();
    }

    /** Reads UTF-8 whatever the system's encoding is, and nothing else. */
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

    /** A file by its path: Camel's own would take the {@code %20} in a name for a blank. */
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
