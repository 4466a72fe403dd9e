package io.bactrian.container;

import io.bactrian.testing.TestModels;
import java.io.IOException;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.types.TString;

/** A folder with a model directory and routes as a user has them, and the server that serves it. */
final class ServedFolder implements AutoCloseable {

    /** A pipeline that answers with the text it gets, in lower case. */
    private static final String ROUTE =
            """
            - route:
                id: %1$s
                from:
                  uri: "pipeline:%1$s"
                  parameters: {consumes: application/json, produces: application/json}
                  steps:
                    - unmarshal: {json: {}}
                    - process: {ref: "#class:io.bactrian.preprocess.TextPreprocessor"}
                    - to: {uri: "tensorflow:%2$s"}
                    - process: {ref: "#class:io.bactrian.container.TextAnswer"}
                    - marshal: {json: {}}
            """;

    final Path models;
    final Path routes;
    private final Map<String, String> settings = new HashMap<>();
    private Container container;
    private HttpClientFor http;

    ServedFolder(Path folder) throws IOException {
        models = Files.createDirectories(folder.resolve("model"));
        routes = Files.createDirectories(folder.resolve("routes"));
        settings.put("BACTRIAN_HOST", "127.0.0.1");
        settings.put("SAGEMAKER_BIND_TO_PORT", "0");
        settings.put("BACTRIAN_MODEL_DIR", models.toString());
        settings.put("BACTRIAN_ROUTES_DIR", routes.toString());
    }

    /** Adds a model that answers with the text it gets. */
    ServedFolder model(String path) throws IOException {
        TestModels.identity(models.resolve(path), TString.class, Shape.of(Shape.UNKNOWN_SIZE));
        return this;
    }

    /** Adds a model that can't be loaded. */
    ServedFolder brokenModel(String path) throws IOException {
        return file(models.resolve(path).resolve("saved_model.pb"), "this is no protocol buffer");
    }

    /** Adds a pipeline to the routes directory. */
    ServedFolder route(String pipeline, String model) throws IOException {
        return file(routes.resolve(pipeline + ".camel.yaml"), ROUTE.formatted(pipeline, model));
    }

    /** Adds a pipeline that a model brings, for itself. */
    ServedFolder code(String model, String pipeline) throws IOException {
        return file(
                models.resolve(model).resolve("code").resolve(pipeline + ".camel.yaml"),
                ROUTE.formatted(pipeline, "self"));
    }

    ServedFolder file(Path file, String text) throws IOException {
        Files.createDirectories(file.getParent());
        Files.writeString(file, text);
        return this;
    }

    ServedFolder set(String setting, String value) {
        settings.put(setting, value);
        return this;
    }

    ServedFolder unset(String setting) {
        settings.remove(setting);
        return this;
    }

    ServedFolder start() throws Exception {
        container = Container.start(ContainerConfig.of(settings));
        http = new HttpClientFor(container);
        return this;
    }

    Container container() {
        return container;
    }

    HttpClientFor http() {
        return http;
    }

    int ping() {
        return http.get("/ping").statusCode();
    }

    /** Posts a text for a pipeline of {@link #route} or {@link #code}. */
    HttpResponse<String> post(String path) {
        return http.post(path, "{\"text\": \"Hi\"}");
    }

    /** Posts a text in TensorFlow Serving's JSON. */
    HttpResponse<String> predict(String path) {
        return http.post(path, "{\"instances\": [\"Hi\"]}");
    }

    String report() {
        return StartupReport.of(container, 1234);
    }

    @Override
    public void close() {
        if (container != null) {
            container.close();
        }
    }
}
