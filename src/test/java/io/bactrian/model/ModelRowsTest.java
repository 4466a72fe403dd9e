package io.bactrian.model;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.bactrian.model.graph.RowIndependence.Verdict;
import io.bactrian.testing.Fixtures;
import java.nio.file.Path;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Row independence of the signatures of complete SavedModels. */
class ModelRowsTest {

    private static final TensorFlowConfig CONFIG = new TensorFlowConfig(1, 1, false);

    private static void check(Path path, String signature, String reason) {
        try (LoadedModel model = ModelLoader.load("model", 1, path, CONFIG)) {
            Verdict verdict = model.rowIndependence(model.signature(signature));
            assertEquals(reason, verdict.reason());
            assertEquals(reason == null, verdict.isProven());
        }
    }

    @ParameterizedTest
    @CsvSource({"image-classification", "object-detection", "text-classification"})
    void rowsOfExamplesAreIndependent(String name) {
        check(Path.of("src", "examples", "models", name, "1"), "serving_default", null);
        check(Path.of("src", "examples", "models", name, "1"), "serve", null);
    }

    @ParameterizedTest
    @CsvSource(
            nullValues = "-",
            value = {
                "half-plus-two/1, serving_default, -",
                "imagenet-mobilenet-v1-025-128/1, serving_default, -",
                "imagenet-mobilenet-v2/2, serving_default, -",
                "imagenet-mobilenet-v2/2, serving_bytes, operation Less (node \"map/while/Less_1\")"
                        + " is not known to keep rows apart",
                "sms-spam/2, serving_default, -",
                "model-kinds/rows-free-lstm/1, serving_default, -",
                "model-kinds/keras3-saved/1, serving_default, -",
                "model-kinds/rows-sorted/1, serving_default, operation TopKV2 (node"
                        + " \"argsort/TopKV2\") is not known to keep rows apart",
                "model-kinds/rows-min-max/1, serving_default, operation Min (node"
                        + " \"functional_1_1/lambda_1/Min\") is not known to keep rows apart",
                "model-kinds/call-counter/1, serving_default, operation AssignAddVariableOp changes"
                        + " state"
            })
    void rowsOfFixturesAreIndependentOrTheReasonIsGiven(
            String path, String signature, String reason) {
        check(Fixtures.path(path), signature, reason);
    }
}
