package io.bactrian.container;

import static org.junit.jupiter.api.Assertions.assertEquals;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import io.bactrian.tensor.NamedTensors;
import io.bactrian.testing.TestModels;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.LoggerFactory;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.TString;

/** What an operator got wrong, as the callers of the real server see it. */
class PipelineFaultTest {

    private static final String SPAM =
            """
            - beans:
                - name: verdict
                  type: io.bactrian.postprocess.ArgMaxPostprocessor
                  properties: {threshold: 0.5, labelsFile: labels.txt}
                - name: scores
                  type: io.bactrian.postprocess.TopKPostprocessor
                  properties: {binary: true, labelsFile: labels.txt}
            - route:
                id: verdict
                from:
                  uri: pipeline:verdict
                  parameters: {consumes: application/json, produces: application/json}
                  steps:
                    - unmarshal: {json: {}}
                    - process: {ref: "#class:io.bactrian.preprocess.TextPreprocessor"}
                    - to: {uri: "tensorflow:self"}
                    - process: {ref: "#verdict"}
                    - marshal: {json: {}}
            - route:
                id: scores
                from:
                  uri: pipeline:scores
                  parameters: {consumes: application/json, produces: application/json}
                  steps:
                    - unmarshal: {json: {}}
                    - process: {ref: "#class:io.bactrian.preprocess.TextPreprocessor"}
                    - to: {uri: "tensorflow:self"}
                    - process: {ref: "#scores"}
                    - marshal: {json: {}}
            """;

    private static final String COLUMNS =
            """
            - beans:
                - name: three
                  type: io.bactrian.postprocess.TopKPostprocessor
                  properties: {k: 1, labels: "cat, dog, camel"}
                - name: numbers
                  type: io.bactrian.preprocess.JsonArrayPreprocessor
            - route:
                id: three
                from:
                  uri: pipeline:three
                  parameters: {consumes: application/json, produces: application/json}
                  steps:
                    - process: {ref: "#numbers"}
                    - to: {uri: "tensorflow:self"}
                    - process: {ref: "#three"}
                    - marshal: {json: {}}
            - route:
                id: unprepared
                from:
                  uri: pipeline:unprepared
                  steps:
                    - to: {uri: "tensorflow:self"}
            """;

    @TempDir static Path folder;

    private static Container container;
    private static HttpClientFor http;

    @BeforeAll
    static void start() throws Exception {
        TestModels.model(
                folder.resolve("spam/1"),
                TString.class,
                Shape.of(Shape.UNKNOWN_SIZE),
                (tf, x) ->
                        tf.math.sigmoid(
                                tf.expandDims(
                                        tf.math.sub(
                                                tf.dtypes.cast(
                                                        tf.strings.stringLength(x), TFloat32.class),
                                                tf.constant(5f)),
                                        tf.constant(1))));
        TestModels.identity(
                folder.resolve("columns/1"),
                TFloat32.class,
                Shape.of(Shape.UNKNOWN_SIZE, Shape.UNKNOWN_SIZE));
        code("spam", SPAM);
        code("columns", COLUMNS);
        Files.writeString(folder.resolve("spam/code/labels.txt"), "\ufeffham\r\nspam\r\n\r\n");
        container =
                Container.start(
                        ContainerConfig.of(
                                Map.of(
                                        "BACTRIAN_HOST", "127.0.0.1",
                                        "SAGEMAKER_BIND_TO_PORT", "0",
                                        "BACTRIAN_MODEL_DIR", folder.toString())));
        http = new HttpClientFor(container);
    }

    private static void code(String model, String yaml) throws Exception {
        Path code = Files.createDirectories(folder.resolve(model).resolve("code"));
        Files.writeString(code.resolve(model + ".camel.yaml"), yaml);
    }

    @AfterAll
    static void stop() {
        container.close();
    }

    private static void answers(String pipeline, String body, int status, String answer) {
        HttpResponse<String> response = http.post("/models/" + pipeline + "/invoke", body);
        assertEquals(answer, response.body());
        assertEquals(status, response.statusCode());
        assertEquals(
                "application/json", response.headers().firstValue("content-type").orElse(null));
    }

    @Test
    void aSigmoidWithLabelsFromItsCodeFolder() {
        answers(
                "verdict",
                "{\"text\": \"you won\"}",
                200,
                "{\"predicted_class\":1,\"label\":\"spam\"}");
        answers("verdict", "{\"text\": \"hi\"}", 200, "{\"predicted_class\":0,\"label\":\"ham\"}");
        answers(
                "scores",
                "{\"text\": \"12345\"}",
                200,
                "{\"predictions\":[{\"class_id\":0,\"label\":\"ham\",\"score\":0.5},"
                        + "{\"class_id\":1,\"label\":\"spam\",\"score\":0.5}]}");
    }

    @Test
    void labelsForAnotherNumberOfClassesAreNamedAndLoggedOnce() {
        long open = NamedTensors.open();
        String fault =
                "three (TopKPostprocessor): labels has 3 names for 4 classes: output \"y\" is"
                        + " float32 [1, 4]";
        Logger logger = (Logger) LoggerFactory.getLogger(ErrorAnswer.class);
        ListAppender<ILoggingEvent> log = new ListAppender<>();
        log.start();
        logger.addAppender(log);
        try {
            for (int i = 0; i < 3; i++) {
                answers(
                        "three",
                        "[1, 2, 3, 4]",
                        500,
                        "{\"error\": \"" + fault.replace("\"", "\\\"") + "\"}");
            }
        } finally {
            logger.detachAppender(log);
        }
        assertEquals(
                List.of("pipeline fault: " + fault),
                log.list.stream().map(ILoggingEvent::getFormattedMessage).toList());
        answers(
                "three",
                "[1, 3, 2]",
                200,
                "{\"predictions\":[{\"class_id\":1,\"label\":\"dog\",\"score\":3.0}]}");
        assertEquals(open, NamedTensors.open());
    }

    @Test
    void aPipelineThatMakesNoTensors() {
        answers(
                "unprepared",
                "[1]",
                500,
                "{\"error\": \"expected tensors as the message body, got byte[]: a step before must"
                        + " make them\"}");
    }
}
