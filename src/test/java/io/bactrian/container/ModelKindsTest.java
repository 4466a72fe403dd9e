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
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/**
 * Models with state, side effects, endless loops, and operations that need Python: requests must
 * not observe effects of the start, nor failures of other requests.
 */
class ModelKindsTest {

    private static final Path MODELS = Path.of("src/test/resources/models");

    @RegisterExtension final TestServer server = TestServer.notStarted();

    private static List<Path> workingDirectory() throws IOException {
        try (var files = Files.list(Path.of(""))) {
            return files.sorted().toList();
        }
    }

    /** The models are made by {@code src/test/python/make_run_models.py}. */
    @Test
    void answersEqualPythons() throws Exception {
        for (String name : List.of("side-effects", "endless", "reference-variables")) {
            TestModels.copy(MODELS.resolve(name), server.models.resolve(name));
        }
        long open = NamedTensors.open();
        List<Path> before = workingDirectory();
        server.start("SAGEMAKER_MODEL_SERVER_TIMEOUT", "1");
        HttpClientFor http = server.http();
        assertEquals(200, http.get("/ping").statusCode());
        ExpectedAnswers.check(MODELS.resolve("runs.json"), http);
        assertEquals(200, http.get("/ping").statusCode());
        assertEquals(before, workingDirectory());
        String report = server.report();
        assertTrue(
                report.contains("\"write_file\" was not run: WriteFile has a side effect"), report);
        server.stop();
        assertTrue(NamedTensors.open() <= open);
    }

    @Test
    void answersOfTheFixturesEqualPythons() throws Exception {
        Path kinds = Fixtures.path("model-kinds");
        List<Path> before = workingDirectory();
        server.start("BACTRIAN_MODEL_DIR", kinds.toString());
        HttpClientFor http = server.http();
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
