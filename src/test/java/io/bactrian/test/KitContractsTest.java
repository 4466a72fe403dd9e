package io.bactrian.test;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DynamicNode;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.platform.testkit.engine.EngineExecutionResults;

/** The contract checks of a pipeline whose requests need headers, in one of several files. */
class KitContractsTest {

    private static final Path WORK = Path.of("target", "kit-contracts");

    @BeforeAll
    static void write() throws IOException {
        write(
                "routes/tenant.camel.yaml",
                """
                - route:
                    from:
                      uri: pipeline:tenant
                      parameters:
                        consumes: text/plain
                        produces: text/plain
                        requestHeaders: X-Tenant
                      steps:
                        - validate: {simple: "${header.X-Tenant} == 'a'"}
                        - setBody: {constant: "of a"}
                """);
        write("routes/other.camel.yaml", "- route: {from: {uri: \"pipeline:broken\"}, steps: []}");
        write("cases/x.case.yaml", "request: {headers: {X-Tenant: a}}");
        write("cases/x.request.txt", "x");
        write("cases/x.expected.txt", "of a");
    }

    private static void write(String name, String content) throws IOException {
        Path file = WORK.resolve(name);
        Files.createDirectories(file.getParent());
        Files.writeString(file, content);
    }

    /** One of two files, of which the other is broken, and requests that need a header. */
    @BactrianTest(
            routes = "target/kit-contracts/routes/tenant.camel.yaml",
            settings = "BACTRIAN_STRICT=true")
    static class Tenant {

        // There must be a model.
        static final StubModel MODEL =
                StubModel.named("unused").input("x", "float32", -1).output("y", "float32", -1);

        Pipelines pipelines;

        @TestFactory
        Stream<? extends DynamicNode> contract() {
            return pipelines.contract(WORK.resolve("cases"));
        }

        @TestFactory
        Stream<? extends DynamicNode> serverContract() {
            return pipelines.serverContract(WORK.resolve("cases"));
        }
    }

    @Test
    void contractsSendHeadersOfTheCase() {
        EngineExecutionResults results = EngineRuns.run(Tenant.class);
        assertEquals(List.of(), EngineRuns.messages(results));
        assertEquals(11, results.testEvents().succeeded().count());
    }
}
