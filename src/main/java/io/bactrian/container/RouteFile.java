package io.bactrian.container;

import io.bactrian.model.FileErrors;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.camel.CamelContext;
import org.apache.camel.RouteConfigurationsBuilder;
import org.apache.camel.RuntimeCamelException;
import org.apache.camel.builder.RouteBuilder;
import org.apache.camel.builder.RouteConfigurationBuilder;
import org.apache.camel.dsl.yaml.YamlRoutesBuilderLoader;
import org.apache.camel.model.BeanFactoryDefinition;
import org.apache.camel.model.Model;
import org.apache.camel.model.RouteDefinition;
import org.apache.camel.spi.Resource;
import org.apache.camel.support.ResourceSupport;

/**
 * A YAML file of routes. Reading it makes its beans and gives its routes, of which none is started.
 *
 * <p>Each file has a loader of its own: Camel's shared one remembers the beans of a file that it
 * failed to read, and would not make another file's beans of the same names.
 */
final class RouteFile {

    static final String SUFFIX = ".camel.yaml";

    /** What names a pipeline in a file that Camel can't read. */
    private static final List<Pattern> PIPELINE_NAMES =
            List.of(
                    Pattern.compile(
                            "from:\\s*\\{?\\s*(?:uri:\\s*)?[\"']?pipeline:(?://)?([^\\s\"'?,}]+)"),
                    Pattern.compile("pipeline:(?://)?([^\\s\"'?,}]+)"));

    private final Path path;
    private final String model;
    private final CamelContext context;
    private final Resource resource;
    private final Loader loader = new Loader();
    private final Map<BeanFactoryDefinition<?>, Object> beans = new LinkedHashMap<>();
    private List<RouteDefinition> routes = List.of();
    private String problem;

    /**
     * @param model the model that the file came with, or null
     */
    RouteFile(Path path, String model, CamelContext context) {
        this.path = path;
        this.model = model;
        this.context = context;
        this.resource = new FileResource(path);
    }

    Path path() {
        return path;
    }

    /** {@return the model that the file came with, or null} */
    String model() {
        return model;
    }

    /** {@return the routes, once they are read} */
    List<RouteDefinition> routes() {
        return routes;
    }

    /** {@return why the file can't be read, or null} */
    String problem() {
        return problem;
    }

    /** Makes the file's beans, which the routes of other files may use as well. */
    void readBeans() {
        try {
            loader.setCamelContext(context);
            loader.start();
            parseBeans();
            for (BeanFactoryDefinition<?> bean : definitions().getCustomBeans()) {
                if (bean.getResource() == resource) {
                    beans.put(bean, context.getRegistry().lookupByName(bean.getName()));
                }
            }
        } catch (Exception e) {
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

    /** Reads the routes, unless the beans could not be made. */
    void readRoutes() {
        if (problem != null) {
            return;
        }
        try {
            RouteBuilder builder = (RouteBuilder) loader.loadRoutesBuilder(resource);
            if (builder instanceof RouteConfigurationsBuilder configurations) {
                context.addRoutesConfigurations(configurations);
            }
            builder.prepareModel(context);
            routes = List.copyOf(builder.getRouteCollection().getRoutes());
            if (routes.isEmpty() && beans.isEmpty() && !hasMore(builder)) {
                problem = path + ": there is no route in it";
            }
        } catch (Exception e) {
            fail(e);
        }
    }

    private static boolean hasMore(RouteBuilder builder) {
        return !builder.getRouteTemplateCollection().getRouteTemplates().isEmpty()
                || !builder.getTemplatedRouteCollection().getTemplatedRoutes().isEmpty()
                || builder instanceof RouteConfigurationBuilder configurations
                        && !configurations
                                .getRouteConfigurationCollection()
                                .getRouteConfigurations()
                                .isEmpty();
    }

    /** Makes this file's beans those that go by their names, before its routes look them up. */
    void bindBeans() {
        beans.forEach(
                (definition, bean) -> {
                    if (context.getRegistry().lookupByName(definition.getName()) != bean) {
                        context.getRegistry().bind(definition.getName(), bean);
                    }
                    definitions().addCustomBean(definition);
                });
    }

    private Model definitions() {
        return context.getCamelContextExtension().getContextPlugin(Model.class);
    }

    /**
     * @return the names of the pipelines that a file which can't be read was meant to hold: those
     *     it seems to name, else the file's own
     */
    Set<String> intendedPipelines() {
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

    private void fail(Exception e) {
        String reason = FailureReason.of(e);
        problem = path + ": " + reason.replace(path.toString(), path.getFileName().toString());
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
                throw new IOException(FileErrors.describe(e), e);
            }
        }
    }
}
