package io.bactrian.container;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.bactrian.tensor.NamedTensors;
import java.net.http.HttpResponse;
import org.apache.camel.Exchange;
import org.apache.camel.Processor;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Requests whose threads are interrupted, as at shutdown. */
@Timeout(60)
class InterruptedPredictionTest {

    /** A step that interrupts its own thread. */
    public static final class Interruption implements Processor {
        @Override
        public void process(Exchange exchange) {
            Thread.currentThread().interrupt();
        }
    }

    /** A step that waits forever. */
    public static final class Wait implements Processor {
        @Override
        public synchronized void process(Exchange exchange) throws InterruptedException {
            wait();
        }
    }

    private static final String ROUTE =
            """
            - route:
                id: %1$s
                from:
                  uri: pipeline:%1$s
                  steps:
                    - unmarshal: {json: {}}
                    - process: {ref: "#class:io.bactrian.preprocess.TextPreprocessor"}
                    - process: {ref: "#class:io.bactrian.container.InterruptedPredictionTest$Interruption"}
                    - %2$s
                    - setBody: {constant: "not interrupted"}
            """;

    @RegisterExtension final TestServer server = TestServer.notStarted();

    private long open;

    @BeforeEach
    void count() {
        open = NamedTensors.open();
    }

    /** With a batch timeout, a prediction waits for others before it runs. */
    private void serve(String step) throws Exception {
        server.model("echo/1")
                .routes("interrupted", ROUTE.formatted("interrupted", step))
                .set("SAGEMAKER_TFS_ENABLE_BATCHING", "true")
                .set("SAGEMAKER_TFS_BATCH_TIMEOUT_MICROS", "60000000")
                .start();
    }

    private void isAnsweredWith503(String step) throws Exception {
        serve(step);
        try (LogLines log = new LogLines()) {
            HttpResponse<String> answer = server.post("/models/interrupted/invoke");
            assertEquals("{\"error\": \"shutting down\"}", answer.body());
            assertEquals(503, answer.statusCode());
            assertEquals("1", answer.headers().firstValue("Retry-After").orElse("none"));
            assertEquals(0, log.count("internal error"));
            assertEquals(0, log.stackTraces());
        }
        server.stop();
        assertEquals(open, NamedTensors.open());
    }

    @Test
    void interruptedPredictionIsAnsweredWith503() throws Exception {
        isAnsweredWith503("to: {uri: \"tensorflow:echo\"}");
    }

    @Test
    void interruptedStepIsAnsweredWith503() throws Exception {
        isAnsweredWith503(
                "process: {ref: \"#class:io.bactrian.container.InterruptedPredictionTest$Wait\"}");
    }
}
