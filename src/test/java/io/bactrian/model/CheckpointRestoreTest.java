package io.bactrian.model;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.bactrian.format.Dialect;
import io.bactrian.format.PredictRequest;
import io.bactrian.format.PredictRequestReader;
import io.bactrian.format.PredictResponseWriter;
import io.bactrian.tensor.BadInputException;
import io.bactrian.tensor.NamedTensors;
import io.bactrian.testing.Fixtures;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.tensorflow.proto.MetaGraphDef;
import org.tensorflow.proto.SavedModel;

/** The models and Python's answers are made by {@code src/test/python/make_models.py}. */
class CheckpointRestoreTest {

    private static final Path MODELS = Path.of("src/test/resources/models");
    private static final TensorFlowConfig PLAIN = new TensorFlowConfig(1, 1, false);
    private static final TensorFlowConfig OPTIMIZED = new TensorFlowConfig(1, 1, true);
    private static final ObjectMapper JSON = new ObjectMapper();

    @TempDir Path folder;

    @ParameterizedTest
    @CsvSource({
        "keras3-saved, false",
        "keras3-saved, true",
        "keras3-module, false",
        "keras3-module, true"
    })
    void answersEqualPythons(String name, boolean optimize) throws IOException {
        assertAnswersEqualPythons(MODELS, name, optimize ? OPTIMIZED : PLAIN);
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void answersOfTheFixtureEqualPythons(boolean optimize) throws IOException {
        assertAnswersEqualPythons(
                Fixtures.path("model-kinds"), "keras3-saved", optimize ? OPTIMIZED : PLAIN);
    }

    private static void assertAnswersEqualPythons(Path models, String name, TensorFlowConfig config)
            throws IOException {
        JsonNode steps = JSON.readTree(models.resolve("expected.json").toFile()).get(name);
        assertTrue(steps.size() > 0);
        try (LoadedModel model =
                ModelLoader.load(name, 1, models.resolve(name).resolve("1"), config)) {
            for (JsonNode step : steps) {
                byte[] body = JSON.writeValueAsBytes(step.get("request"));
                PredictRequest request =
                        PredictRequestReader.read(
                                body, Dialect.BACTRIAN, each -> model.signature(each).inputs());
                Signature signature = model.signature(request.signatureName());
                try (NamedTensors inputs = request.inputs();
                        NamedTensors outputs = model.predict(signature, inputs)) {
                    JsonNode answer =
                            JSON.readTree(
                                    PredictResponseWriter.write(outputs.asMap(), request.layout()));
                    assertAgree(step.get("answer"), answer);
                }
            }
        }
    }

    private static void assertAgree(JsonNode expected, JsonNode actual) {
        assertEquals(expected.getNodeType(), actual.getNodeType());
        assertEquals(expected.size(), actual.size());
        if (expected.isNumber()) {
            assertEquals(expected.asDouble(), actual.asDouble(), 1e-5);
        } else if (expected.isObject()) {
            expected.fieldNames()
                    .forEachRemaining(name -> assertAgree(expected.get(name), actual.get(name)));
        } else if (expected.isArray()) {
            for (int i = 0; i < expected.size(); i++) {
                assertAgree(expected.get(i), actual.get(i));
            }
        } else {
            assertEquals(expected, actual);
        }
    }

    @Test
    void errorNamesAVariableThatCannotBeRestored() throws IOException {
        change("keras3-saved", MetaGraphDef.Builder::clearObjectGraphDef);
        ModelLoadException e =
                assertThrows(
                        ModelLoadException.class, () -> ModelLoader.load("m", 1, folder, PLAIN));
        assertTrue(
                e.getMessage()
                        .endsWith(
                                "\" has no value: neither the SavedModel's restore operation nor"
                                        + " its object graph leads to one in the checkpoint"),
                e.getMessage());
    }

    /** It is unknown which signature has to be called first to initialize the variable. */
    @Test
    void assignableVariableMayBeUninitialized() throws IOException {
        change("keras3-module", MetaGraphDef.Builder::clearObjectGraphDef);
        try (LoadedModel model = ModelLoader.load("m", 1, folder, PLAIN)) {
            assertEquals(null, model.signature("set_bias").problem());
        }
    }

    @Test
    void onlySignaturesThatUseTheVariableAreDisabled() throws IOException {
        change(
                "keras3-saved",
                graph -> {
                    graph.clearObjectGraphDef();
                    var signature = graph.getSignatureDefOrThrow("serving_default").toBuilder();
                    String input = signature.getInputsMap().keySet().iterator().next();
                    signature.clearOutputs().putOutputs("y", signature.getInputsOrThrow(input));
                    graph.putSignatureDef("echo", signature.build());
                });
        try (LoadedModel model = ModelLoader.load("m", 1, folder, PLAIN)) {
            assertEquals(null, model.signature("echo").problem());
            assertThrows(BadInputException.class, () -> model.signature("serving_default"));
        }
    }

    /** Copies a model and changes its graph. */
    private void change(String name, Consumer<MetaGraphDef.Builder> change) throws IOException {
        Path source = MODELS.resolve(name).resolve("1");
        SavedModel.Builder model;
        try (InputStream in = Files.newInputStream(source.resolve("saved_model.pb"))) {
            model = SavedModel.parseFrom(in).toBuilder();
        }
        change.accept(model.getMetaGraphsBuilder(0));
        try (OutputStream out = Files.newOutputStream(folder.resolve("saved_model.pb"))) {
            model.build().writeTo(out);
        }
        Path variables = Files.createDirectory(folder.resolve("variables"));
        try (var files = Files.list(source.resolve("variables"))) {
            for (Path file : (Iterable<Path>) files::iterator) {
                Files.copy(file, variables.resolve(file.getFileName()));
            }
        }
    }
}
