package io.bactrian.container;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.bactrian.tensor.NamedTensors;
import io.bactrian.testing.Fixtures;
import io.bactrian.testing.TestModels;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Models with state, with side effects, with loops that do not end, and with what needs Python:
 * what starting a server does is seen by no request, and one request's fault by no other.
 */
class ModelKindsTest {

    private static final Path MODELS = Path.of("src/test/resources/models");

    @TempDir Path folder;

    private static List<Path> workingDirectory() throws IOException {
        try (var files = Files.list(Path.of(""))) {
            return files.sorted().toList();
        }
    }

    private Container start(Path models, String timeoutSeconds) throws Exception {
        return Container.start(
                ContainerConfig.of(
                        Map.of(
                                "BACTRIAN_HOST",
                                "127.0.0.1",
                                "SAGEMAKER_BIND_TO_PORT",
                                "0",
                                "SAGEMAKER_MODEL_SERVER_TIMEOUT",
                                timeoutSeconds,
                                "BACTRIAN_ROUTES_DIR",
                                Files.createDirectories(folder.resolve("routes")).toString(),
                                "BACTRIAN_MODEL_DIR",
                                models.toString())));
    }

    /** The models are made by {@code src/test/python/make_run_models.py}. */
    @Test
    void requestsInOrderAreAnsweredAsByPython() throws Exception {
        Path models = folder.resolve("models");
        for (String name : List.of("side-effects", "endless", "reference-variables")) {
            TestModels.copy(MODELS.resolve(name), models.resolve(name));
        }
        long open = NamedTensors.open();
        List<Path> before = workingDirectory();
        try (Container container = start(models, "1")) {
            HttpClientFor http = new HttpClientFor(container);
            assertEquals(200, http.get("/ping").statusCode());
            ExpectedAnswers.check(MODELS.resolve("runs.json"), http);
            assertEquals(200, http.get("/ping").statusCode());
            assertEquals(before, workingDirectory());
            String report = StartupReport.of(container, 0);
            assertTrue(
                    report.contains("\"write_file\" was not run: WriteFile has a side effect"),
                    report);
        }
        assertTrue(NamedTensors.open() <= open);
    }

    @Test
    void theFixturesAreAnsweredAsByPython() throws Exception {
        Path kinds = Fixtures.path("model-kinds");
        List<Path> before = workingDirectory();
        try (Container container = start(kinds, "60")) {
            HttpClientFor http = new HttpClientFor(container);
            assertEquals(200, http.get("/ping").statusCode());
            ExpectedAnswers.check(kinds.resolve("expected.json"), http);
            assertEquals(before, workingDirectory());
            String python =
                    http.post(
                                    "/models/python-function/invoke",
                                    "{\"signature_name\": \"python\", \"inputs\": {\"x\": [1.0]}}")
                            .body();
            assertEquals(
                    "{\"error\": \"signature \\\"python\\\" can't be run here: operation EagerPyFunc"
                            + " needs Python\"}",
                    python);
        }
    }
}
