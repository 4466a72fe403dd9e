package io.bactrian.serving;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.bactrian.container.ContainerConfig;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.camel.Exchange;
import org.apache.camel.Processor;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Warm-up cases that do not end; see also {@code GoldenCaseWarmUpTest}. */
class CaseWarmUpTest {

    private static final String ROUTE =
            """
            - route:
                from:
                  uri: pipeline:wait
                  parameters: {consumes: text/plain, produces: text/plain}
                  steps:
                    - process: {ref: "#class:%s"}
            """;

    @TempDir private Path folder;

    /** A step that waits for another system, which does not answer, and can't be interrupted. */
    public static final class Waiting implements Processor {

        private static final AtomicInteger RUNS = new AtomicInteger();
        private static final CountDownLatch END = new CountDownLatch(1);

        @Override
        public void process(Exchange exchange) {
            RUNS.incrementAndGet();
            while (END.getCount() > 0) {
                Thread.onSpinWait();
            }
        }
    }

    private void file(String name, String content) throws IOException {
        Path file = folder.resolve(name);
        Files.createDirectories(file.getParent());
        Files.writeString(file, content);
    }

    @Test
    void caseThatDoesNotEndIsAbandoned() throws IOException {
        file("routes/wait.camel.yaml", ROUTE.formatted(Waiting.class.getName()));
        for (String name : List.of("a", "b")) {
            file("routes/cases/wait/" + name + ".request.txt", "x");
            file("routes/cases/wait/" + name + ".expected.txt", "x");
        }
        Files.createDirectory(folder.resolve("models"));
        ServingConfig config =
                ContainerConfig.of(
                                Map.of(
                                        "BACTRIAN_MODEL_DIR",
                                        folder.resolve("models").toString(),
                                        "BACTRIAN_ROUTES_DIR",
                                        folder.resolve("routes").toString()))
                        .serving();
        try (LocalPipelines pipelines = new LocalPipelines(config)) {
            pipelines.load();
            pipelines.warmUp(Duration.ofSeconds(2));
            assertEquals(
                    List.of("warm-up was ended after 2 s, in golden case wait/a"),
                    pipelines.warmUpProblems());
            assertTrue(pipelines.isWarmingUp());
            Waiting.END.countDown();
            while (pipelines.isWarmingUp()) {
                Thread.onSpinWait();
            }
            assertEquals(1, Waiting.RUNS.get());
            assertEquals(1, pipelines.warmUpProblems().size());
        }
    }
}
