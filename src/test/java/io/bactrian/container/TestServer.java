package io.bactrian.container;

import static io.bactrian.testing.Await.await;

import io.bactrian.container.http.ServerLimits;
import io.bactrian.testing.TestModels;
import java.io.IOException;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.BeforeEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.types.TString;

/**
 * A JUnit extension with a folder of models and routes, a server that serves it on a free port, and
 * a client of that server. Registered in a static field, it is shared by all tests of the class,
 * else it is for one test. Afterwards the server is stopped and the folder is deleted.
 */
final class TestServer
        implements BeforeAllCallback, BeforeEachCallback, AfterEachCallback, AfterAllCallback {

    /** Prepares the folder and the settings before the server starts. */
    interface Preparation {
        void prepare(TestServer server) throws Exception;
    }

    /** A pipeline that answers with the text of the request in lower case. */
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

    /** The temporary folder, with subfolders for models and routes. */
    Path folder;

    Path models;
    Path routes;

    private final Preparation preparation;
    private final Map<String, String> settings = new HashMap<>();
    private ServerLimits limits = ServerLimits.defaults();
    private boolean ofClass;
    private Container container;
    private HttpClientFor http;

    private TestServer(Preparation preparation) {
        this.preparation = preparation;
    }

    /** {@return a server that the tests start} */
    static TestServer notStarted() {
        return new TestServer(server -> {});
    }

    /** {@return a server that is started before the tests} */
    static TestServer started(Preparation preparation) {
        return new TestServer(
                server -> {
                    preparation.prepare(server);
                    server.start();
                });
    }

    @Override
    public void beforeAll(ExtensionContext context) throws Exception {
        ofClass = true;
        open();
    }

    @Override
    public void beforeEach(ExtensionContext context) throws Exception {
        if (!ofClass) {
            open();
        }
    }

    @Override
    public void afterEach(ExtensionContext context) throws IOException {
        if (!ofClass) {
            close();
        }
    }

    @Override
    public void afterAll(ExtensionContext context) throws IOException {
        close();
    }

    private void open() throws Exception {
        folder = Files.createTempDirectory("bactrian");
        models = Files.createDirectory(folder.resolve("model"));
        routes = Files.createDirectory(folder.resolve("routes"));
        settings.put("BACTRIAN_HOST", "127.0.0.1");
        settings.put("SAGEMAKER_BIND_TO_PORT", "0");
        settings.put("BACTRIAN_MODEL_DIR", models.toString());
        settings.put("BACTRIAN_ROUTES_DIR", routes.toString());
        preparation.prepare(this);
    }

    private void close() throws IOException {
        stop();
        try (var files = Files.walk(folder)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(file);
            }
        }
    }

    // Models and routes.

    /** Adds a model that answers with its input, a text. */
    TestServer model(String path) throws IOException {
        TestModels.identity(models.resolve(path), TString.class, Shape.of(Shape.UNKNOWN_SIZE));
        return this;
    }

    /** Adds a model that can't be loaded. */
    TestServer brokenModel(String path) throws IOException {
        return file(models.resolve(path).resolve("saved_model.pb"), "this is no protocol buffer");
    }

    /** Adds a pipeline to the routes directory that answers with the text in lower case. */
    TestServer route(String pipeline, String model) throws IOException {
        return routes(pipeline, ROUTE.formatted(pipeline, model));
    }

    /** Adds a file to the routes directory. */
    TestServer routes(String name, String yaml) throws IOException {
        return file(routes.resolve(name + ".camel.yaml"), yaml);
    }

    /** Adds a pipeline as {@link #route} does, but to a model's code folder. */
    TestServer code(String model, String pipeline) throws IOException {
        return file(
                models.resolve(model).resolve("code").resolve(pipeline + ".camel.yaml"),
                ROUTE.formatted(pipeline, "self"));
    }

    TestServer file(Path file, String text) throws IOException {
        Files.createDirectories(file.getParent());
        Files.writeString(file, text);
        return this;
    }

    TestServer set(String setting, String value) {
        settings.put(setting, value);
        return this;
    }

    TestServer unset(String setting) {
        settings.remove(setting);
        return this;
    }

    TestServer limits(ServerLimits other) {
        limits = other;
        return this;
    }

    // The server.

    /**
     * Starts the server, after stopping a running one.
     *
     * @param more names and values of further settings, for this start only
     */
    TestServer start(String... more) throws Exception {
        stop();
        Map<String, String> environment = new HashMap<>(settings);
        for (int i = 0; i < more.length; i += 2) {
            environment.put(more[i], more[i + 1]);
        }
        container = Container.start(ContainerConfig.of(environment), limits);
        http = new HttpClientFor(container);
        return this;
    }

    void stop() {
        if (container != null) {
            container.close();
            container = null;
        }
    }

    Container container() {
        return container;
    }

    int port() {
        return container.port();
    }

    String report() {
        return StartupReport.of(container, 1234);
    }

    /** Waits until no request is open or running, and no memory is reserved. */
    void awaitIdle() {
        await("open requests", () -> container.openRequests() == 0);
        await("running", () -> container.dispatcher().running() == 0);
        await("memory", () -> container.budget().reserved() == 0);
    }

    // The client.

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
}
