package io.bactrian.routes;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.bactrian.tensorflow.TensorFlowComponent;
import io.bactrian.testing.TestModels;
import java.io.IOException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import org.apache.camel.CamelContext;
import org.apache.camel.support.PluginHelper;
import org.apache.camel.support.ResourceHelper;
import org.apache.camel.test.junit5.CamelTestSupport;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.types.TFloat32;

/** The locations where a labels file is searched. */
class LabelsFileTest extends CamelTestSupport {

    @TempDir Path folder;

    @Override
    protected CamelContext createCamelContext() throws Exception {
        CamelContext context = super.createCamelContext();
        TestModels.identity(
                folder.resolve("models/m/2"), TFloat32.class, Shape.of(Shape.UNKNOWN_SIZE, 2));
        Files.createDirectories(folder.resolve("models/m/code"));
        Files.createDirectories(folder.resolve("routes"));
        TensorFlowComponent component = new TensorFlowComponent();
        component.setModelDirectory(folder.resolve("models").toString());
        context.addComponent("tensorflow", component);
        return context;
    }

    @BeforeEach
    void noFileInTheWorkingDirectory() {
        assertEquals(false, Files.exists(Path.of("labels.txt")));
    }

    private static String yaml(String labelsFile) {
        return """
               - beans:
                   - name: best
                     type: io.bactrian.postprocess.ArgMaxPostprocessor
                     properties: {labelsFile: "%s"}
                   - name: array
                     type: io.bactrian.preprocess.JsonArrayPreprocessor
               - route:
                   id: it
                   from:
                     uri: direct:it
                     steps:
                       - process: {ref: "#array"}
                       - to: {uri: "tensorflow:m"}
                       - process: {ref: "#best"}
                       - marshal: {json: {}}
               """
                .formatted(labelsFile);
    }

    private void load(String labelsFile) throws Exception {
        Path file = Files.writeString(folder.resolve("routes/it.camel.yaml"), yaml(labelsFile));
        PluginHelper.getRoutesLoader(context)
                .loadRoutes(ResourceHelper.resolveMandatoryResource(context, "file:" + file));
    }

    private void write(String place, String first) throws IOException {
        Path file = folder.resolve(place);
        Files.createDirectories(file.getParent());
        Files.writeString(
                file,
                place.endsWith(".json")
                        ? "{\"" + first + "\": 0, \"spam\": 1}"
                        : first + "\nspam\n");
    }

    private String label() {
        String answer = template.requestBody("direct:it", "[1, 0]", String.class);
        return answer.replaceAll(".*\"label\":\"|\".*", "");
    }

    /** Each location is searched before the one after it. */
    @ParameterizedTest
    @CsvSource({
        "labels.txt, routes/labels.txt, models/m/2/labels.txt",
        "labels.txt, models/m/2/labels.txt, models/m/labels.txt",
        "labels.txt, models/m/labels.txt, models/m/code/labels.txt",
        "labels.txt, models/m/code/labels.txt, elsewhere/labels.txt",
        "names/en.txt, routes/names/en.txt, routes/en.txt",
        "classes.json, models/m/2/classes.json, models/m/classes.json",
        "../models/m/en.txt, models/m/en.txt, en.txt"
    })
    void relativePathIsFoundBesideTheRouteOrInTheModel(
            String labelsFile, String place, String later) throws Exception {
        write(place, "found");
        write(later, "later");
        load(labelsFile);
        assertEquals("found", label());
    }

    @Test
    void absolutePathsAndResourcesAreRead() throws Exception {
        write("elsewhere/labels.txt", "found");
        Path file = folder.resolve("elsewhere/labels.txt");
        load(file.toString());
        assertEquals("found", label());
        context.getRouteController().stopRoute("it");
        context.removeRoute("it");
        load("file:" + file);
        assertEquals("found", label());
    }

    @Test
    void relativePathIsFoundBesideARouteOnTheClassPath() throws Exception {
        write("jar/routes/labels.txt", "found");
        Files.writeString(folder.resolve("jar/routes/it.camel.yaml"), yaml("labels.txt"));
        URL jar = folder.resolve("jar").toUri().toURL();
        try (URLClassLoader classes = new URLClassLoader(new URL[] {jar})) {
            context.setApplicationContextClassLoader(classes);
            PluginHelper.getRoutesLoader(context)
                    .loadRoutes(
                            ResourceHelper.resolveMandatoryResource(
                                    context, "classpath:routes/it.camel.yaml"));
            assertEquals("found", label());
        }
    }

    private String failure(String labelsFile) {
        Throwable failure = assertThrows(Exception.class, () -> load(labelsFile));
        while (failure.getCause() != null) {
            failure = failure.getCause();
        }
        return failure.getMessage();
    }

    @Test
    void missingFileNamesThePlacesSearched() {
        assertEquals(
                "best (ArgMaxPostprocessor): labelsFile \"labels.txt\" can't be read: there is no"
                        + " file "
                        + folder.resolve("routes/labels.txt")
                        + " or "
                        + folder.resolve("models/m/2/labels.txt")
                        + " or "
                        + folder.resolve("models/m/labels.txt")
                        + " or "
                        + folder.resolve("models/m/code/labels.txt"),
                failure("labels.txt"));
        assertEquals(
                "best (ArgMaxPostprocessor): labelsFile \"/opt/ml/model/labels.txt\" can't be read:"
                        + " there is no file /opt/ml/model/labels.txt",
                failure("/opt/ml/model/labels.txt"));
        assertEquals(
                "best (ArgMaxPostprocessor): labelsFile \"classpath:labels.txt\" can't be read:"
                        + " there is no such resource",
                failure("classpath:labels.txt"));
    }

    @Test
    void wrongNumberOfLabelsIsReportedAtStart() throws Exception {
        Files.writeString(folder.resolve("routes/labels.txt"), "a\nb\nc\n");
        assertEquals(
                "best (ArgMaxPostprocessor): labelsFile \"labels.txt\" has 3 names for 2 classes:"
                        + " output \"y\" of signature \"serving_default\" of model \"m\" is float32"
                        + " [-1, 2]",
                failure("labels.txt"));
    }
}
