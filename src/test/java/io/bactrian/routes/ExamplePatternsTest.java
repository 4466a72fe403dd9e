package io.bactrian.routes;

import io.bactrian.test.BactrianTest;
import io.bactrian.test.Pipelines;
import io.bactrian.test.Prediction;
import io.bactrian.test.StubModel;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicNode;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.TestFactory;

/**
 * The pipelines of src/examples/patterns, unchanged. The first model returns its input, the others
 * the scores shifted by some classes.
 */
class ExamplePatternsTest {

    private static final Path CASES = Path.of("src/examples/patterns/cases");

    private static StubModel model(String name, int shift) {
        return StubModel.named(name)
                .input("x", "float32", -1, 3)
                .output("y", "float32", -1, 3)
                .answer(prediction -> Map.of("y", shifted(prediction, shift)));
    }

    private static List<?> shifted(Prediction prediction, int shift) {
        List<?> rows = (List<?>) prediction.input("x").values();
        return rows.stream()
                .map(
                        row -> {
                            List<?> scores = (List<?>) row;
                            return Stream.of(0, 1, 2)
                                    .map(i -> scores.get((i - shift + 3) % 3))
                                    .toList();
                        })
                .toList();
    }

    /** The golden cases of one file, and what holds for any pipeline. */
    abstract static class OfOneFile {

        Pipelines pipelines;

        @TestFactory
        Stream<? extends DynamicNode> goldenCases() {
            return pipelines.goldenCases(folder());
        }

        @TestFactory
        Stream<? extends DynamicNode> contract() {
            return pipelines.contract(folder());
        }

        private Path folder() {
            return CASES.resolve(pipelines.names().get(0));
        }
    }

    abstract static class OfTwoModels extends OfOneFile {
        static final StubModel FIRST = model("first", 0);
        static final StubModel SECOND = model("second", 1);
    }

    @Nested
    @BactrianTest(routes = "src/examples/patterns/ensemble.camel.yaml")
    class Ensemble extends OfTwoModels {}

    @Nested
    @BactrianTest(routes = "src/examples/patterns/shadow.camel.yaml")
    class Shadow extends OfTwoModels {}

    @Nested
    @BactrianTest(routes = "src/examples/patterns/cascade.camel.yaml")
    class Cascade extends OfTwoModels {}

    @Nested
    @BactrianTest(routes = "src/examples/patterns/multi-head.camel.yaml")
    class MultiHead extends OfOneFile {
        static final StubModel TWO_HEADS =
                StubModel.named("two-heads")
                        .input("x", "float32", -1, 3)
                        .output("kind", "float32", -1, 3)
                        .output("mood", "float32", -1, 3)
                        .answer(
                                prediction ->
                                        Map.of(
                                                "kind", shifted(prediction, 0),
                                                "mood", shifted(prediction, 2)));
    }

    @Nested
    @BactrianTest(routes = "src/examples/patterns/aggregate.camel.yaml")
    class Aggregate extends OfOneFile {
        static final StubModel FIRST = model("first", 0);
    }
}
