package io.bactrian.routes;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.bactrian.test.BactrianTest;
import io.bactrian.test.Pipelines;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicNode;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.function.Executable;

/** The shipped pipelines on the bundled models. */
@BactrianTest(routes = "routes", models = "src/examples/models")
class ShippedPipelinesTest {

    private static final Path CASES = Path.of("src/examples/cases");

    Pipelines pipelines;

    /** The expected answers are those of the three {@code inference.py}. */
    @TestFactory
    Stream<? extends DynamicNode> goldenCases() {
        return pipelines.goldenCases(CASES);
    }

    @TestFactory
    Stream<? extends DynamicNode> contract() {
        return pipelines.contract(CASES);
    }

    @TestFactory
    Stream<? extends DynamicNode> serverContract() {
        return pipelines.serverContract(CASES);
    }

    @Test
    void goldenCasesCoverEveryStep() {
        pipelines.goldenCases(CASES).forEach(each -> run(each.getExecutable()));
        assertEquals(13, pipelines.coverage().steps().size());
        assertEquals(List.of(), pipelines.coverage().missed());
    }

    private static void run(Executable test) {
        try {
            test.execute();
        } catch (Throwable e) {
            throw new AssertionError(e);
        }
    }
}
