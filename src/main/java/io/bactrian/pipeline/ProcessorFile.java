package io.bactrian.pipeline;

import com.fasterxml.jackson.core.JsonParseException;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.MissingNode;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import org.apache.camel.CamelContext;
import org.apache.camel.spi.Resource;
import org.apache.camel.support.ResourceHelper;
import org.jspecify.annotations.Nullable;

/**
 * A file that a property of a processor names: an absolute path, a Camel resource such as {@code
 * classpath:names.txt}, or a relative path.
 *
 * <p>A relative path is looked up beside the file of the processor's route, then in the model's
 * folders, so that a model's artifact works wherever it is unpacked. The working directory counts
 * only for a route that comes from no file, as in Java code.
 */
public final class ProcessorFile {

    private static final Pattern RESOURCE = Pattern.compile("[a-zA-Z][a-zA-Z0-9+-]+:.*");

    private static final ObjectMapper JSON =
            new ObjectMapper().enable(JsonParser.Feature.STRICT_DUPLICATE_DETECTION);

    private final @Nullable CamelContext context;
    private final String property;
    private final String location;

    /**
     * @param context resolves resources; null in Java code without Camel
     * @param property the property that names the file, for errors
     * @param location the property's value
     */
    public ProcessorFile(@Nullable CamelContext context, String property, String location) {
        this.context = context;
        this.property = property;
        this.location = location;
    }

    /**
     * {@return the file's content}
     *
     * @param routeFile the file of the processor's route, or null
     * @param modelFolders the folders to search after the route file's
     * @throws PipelineFaultException if it can't be found or read
     */
    public byte[] read(@Nullable Resource routeFile, List<Path> modelFolders) {
        try {
            return bytes(routeFile, modelFolders);
        } catch (AccessDeniedException e) {
            throw new PipelineFaultException(
                    this + " can't be read: permission denied for " + e.getFile());
        } catch (IOException e) {
            throw new PipelineFaultException(this + " can't be read: " + e.getMessage());
        }
    }

    private byte[] bytes(@Nullable Resource routeFile, List<Path> modelFolders) throws IOException {
        if (Path.of(location).isAbsolute()) {
            return Files.readAllBytes(existing(List.of(Path.of(location))));
        }
        if (RESOURCE.matcher(location).matches()) {
            return bytes(ResourceHelper.resolveMandatoryResource(context, location));
        }
        List<Path> places = new ArrayList<>();
        String scheme = routeFile == null ? "" : routeFile.getScheme();
        if (routeFile != null && scheme.equals("file")) {
            places.add(Path.of(routeFile.getURI()).resolveSibling(location));
        } else if (routeFile != null && scheme.equals("classpath")) {
            String file = routeFile.getLocation();
            Resource beside =
                    ResourceHelper.resolveMandatoryResource(
                            context, file.substring(0, parentEnd(file)) + location);
            if (beside.exists()) {
                return bytes(beside);
            }
        } else {
            places.add(Path.of(location));
        }
        modelFolders.forEach(folder -> places.add(folder.resolve(location)));
        return Files.readAllBytes(existing(places));
    }

    private static byte[] bytes(Resource resource) throws IOException {
        if (!resource.exists()) {
            throw new FileNotFoundException("there is no such resource");
        }
        try (InputStream in = resource.getInputStream()) {
            return in.readAllBytes();
        }
    }

    private static Path existing(List<Path> places) throws FileNotFoundException {
        for (Path place : places) {
            if (Files.isRegularFile(place)) {
                return place;
            }
        }
        throw new FileNotFoundException(
                "there is no file "
                        + String.join(
                                " or ",
                                places.stream().map(Path::normalize).map(Path::toString).toList()));
    }

    /**
     * {@return the JSON in the file}
     *
     * @param bytes the file's bytes
     * @throws PipelineFaultException if they are not one JSON value, or an object has two members
     *     of one name, naming the line
     */
    public JsonNode json(byte[] bytes) {
        try (JsonParser parser = JSON.createParser(bytes)) {
            JsonNode json = JSON.readTree(parser);
            if (json != null && parser.nextToken() != null) {
                throw new JsonParseException(parser, "expected the end after the first value");
            }
            return json == null ? MissingNode.getInstance() : json;
        } catch (JsonProcessingException e) {
            throw new PipelineFaultException(
                    this
                            + " is not JSON: line "
                            + e.getLocation().getLineNr()
                            + ", column "
                            + e.getLocation().getColumnNr()
                            + ": "
                            + e.getOriginalMessage());
        } catch (IOException e) {
            throw new PipelineFaultException(this + " is not JSON: " + e.getMessage());
        }
    }

    private static int parentEnd(String classpathLocation) {
        return 1 + Math.max(classpathLocation.indexOf(':'), classpathLocation.lastIndexOf('/'));
    }

    /** {@return for messages, such as {@code labelsFile "labels.txt"}} */
    @Override
    public String toString() {
        return property + " \"" + location + '"';
    }
}
