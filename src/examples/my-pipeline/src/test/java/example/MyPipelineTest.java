package example;

import io.bactrian.test.BactrianTest;
import io.bactrian.test.Pipeline;
import io.bactrian.test.Pipelines;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicNode;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/** The pipeline in model/code with the SavedModel beside it. */
@BactrianTest(models = "model")
class MyPipelineTest {

    static final Path CASES = Path.of("model/code/cases");

    Pipelines pipelines;
    Pipeline pipeline;

    @TestFactory
    Stream<? extends DynamicNode> goldenCases() {
        return pipelines.goldenCases(CASES);
    }

    /** What holds for any pipeline: statuses, damaged bodies, headers, native memory. */
    @TestFactory
    Stream<? extends DynamicNode> contract() {
        return pipelines.contract(CASES);
    }

    @Test
    void capitalsMakeNoDifference() {
        String spam = "{\"text\": \"You have won a prize, call now to claim\"}";
        double score =
                pipeline.send(spam, "application/json")
                        .expectStatus(200)
                        .expectJson("$.predictions[0].label", "spam")
                        .json()
                        .at("/predictions/0/score")
                        .doubleValue();
        pipeline.send(spam.replace("won", "WON"), "application/json")
                .expectJson("$.predictions[0].score", score);
    }
}
