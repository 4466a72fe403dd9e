package io.bactrian.container;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import io.bactrian.invocation.ErrorAnswers;
import io.bactrian.tensor.NamedTensors;
import io.bactrian.testing.TestModels;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.util.List;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.slf4j.LoggerFactory;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.TString;

/** Mistakes in routes, and how clients and the startup report see them. */
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
            - route:
                id: unanswered
                from:
                  uri: pipeline:unanswered
                  parameters: {produces: application/json}
                  steps:
                    - process: {ref: "#numbers"}
                    - to: {uri: "tensorflow:self"}
                    - marshal: {json: {}}
            """;

    /** A bean and a labels file with the same names as those of another model. */
    private static final String COLORS =
            """
            - beans:
                - name: verdict
                  type: io.bactrian.postprocess.ArgMaxPostprocessor
                  properties: {labelsFile: labels.txt}
                - name: image
                  type: io.bactrian.preprocess.ImagePreprocessor
                  properties: {width: 9, height: 8}
                - name: large
                  type: io.bactrian.preprocess.ImagePreprocessor
                  properties: {width: 224, height: 224}
            - route:
                id: colors
                from:
                  uri: pipeline:colors
                  parameters: {consumes: "image/*", produces: application/json}
                  steps:
                    - process: {ref: "#image"}
                    - to: {uri: "tensorflow:self"}
                    - process: {ref: "#verdict"}
                    - marshal: {json: {}}
            - route:
                id: misfit
                from:
                  uri: pipeline:misfit
                  steps:
                    - process: {ref: "#large"}
                    - to: {uri: "tensorflow:self"}
            """;

    private static final String OPEN_SIZE =
            """
            - beans:
                - name: small
                  type: io.bactrian.preprocess.ImagePreprocessor
                  properties: {width: 9, height: 8}
            - route:
                id: open-size
                from:
                  uri: pipeline:open-size
                  steps:
                    - process: {ref: "#small"}
                    - to: {uri: "tensorflow:self"}
                    - process: {ref: "#class:io.bactrian.postprocess.ArgMaxPostprocessor"}
                    - marshal: {json: {}}
            """;

    private static final String TYPO =
            """
            - beans:
                - name: best
                  type: io.bactrian.postprocess.TopKPostprocessor
                  properties: {labels: "a, b", output_: y}
            - route:
                from:
                  uri: pipeline:typo
                  steps:
                    - process: {ref: "#best"}
            """;

    @RegisterExtension static TestServer server = TestServer.notStarted();

    @BeforeAll
    static void start() throws Exception {
        long any = Shape.UNKNOWN_SIZE;
        TestModels.model(
                model("spam"),
                TString.class,
                Shape.of(any),
                (tf, x) ->
                        tf.math.sigmoid(
                                tf.expandDims(
                                        tf.math.sub(
                                                tf.dtypes.cast(
                                                        tf.strings.stringLength(x), TFloat32.class),
                                                tf.constant(5f)),
                                        tf.constant(1))));
        TestModels.identity(model("columns"), TFloat32.class, Shape.of(any, any));
        TestModels.model(
                model("colors"),
                TFloat32.class,
                Shape.of(any, 8, 9, 3),
                (tf, x) -> tf.math.mean(x, tf.constant(new int[] {1, 2})));
        TestModels.model(
                model("open-size"),
                TFloat32.class,
                Shape.of(any, any, any, 3),
                (tf, x) ->
                        tf.linalg.matMul(
                                tf.reshape(x, tf.constant(new int[] {-1, 8 * 8 * 3})),
                                tf.ones(tf.constant(new int[] {8 * 8 * 3, 2}), TFloat32.class)));
        TestModels.identity(model("typo"), TFloat32.class, Shape.of(any, any));
        code("spam", SPAM);
        code("columns", COLUMNS);
        code("colors", COLORS);
        code("open-size", OPEN_SIZE);
        code("typo", TYPO);
        server.file(server.models.resolve("spam/code/labels.txt"), "\ufeffham\r\nspam\r\n\r\n");
        server.file(server.models.resolve("colors/labels.txt"), "red\ngreen\nblue\n");
        server.start();
    }

    private static Path model(String name) {
        return server.models.resolve(name).resolve("1");
    }

    private static void code(String model, String yaml) throws Exception {
        server.file(
                server.models.resolve(model).resolve("code").resolve(model + ".camel.yaml"), yaml);
    }

    private static void assertAnswer(String pipeline, String body, int status, String answer) {
        HttpResponse<String> response = server.http().post("/models/" + pipeline + "/invoke", body);
        assertEquals(answer, response.body());
        assertEquals(status, response.statusCode());
        assertEquals(
                "application/json", response.headers().firstValue("content-type").orElse(null));
    }

    @Test
    void labelsAreReadFromTheCodeFolder() {
        assertAnswer(
                "verdict",
                "{\"text\": \"you won\"}",
                200,
                "{\"predicted_class\":1,\"label\":\"spam\"}");
        assertAnswer(
                "verdict", "{\"text\": \"hi\"}", 200, "{\"predicted_class\":0,\"label\":\"ham\"}");
        assertAnswer(
                "scores",
                "{\"text\": \"12345\"}",
                200,
                "{\"predictions\":[{\"class_id\":0,\"label\":\"ham\",\"score\":0.5},"
                        + "{\"class_id\":1,\"label\":\"spam\",\"score\":0.5}]}");
    }

    @Test
    void wrongNumberOfLabelsIsReportedAndLoggedOnce() {
        long open = NamedTensors.open();
        String fault =
                "three (TopKPostprocessor): labels has 3 names for 4 classes: output \"y\" is"
                        + " float32 [1, 4]";
        Logger logger = (Logger) LoggerFactory.getLogger(ErrorAnswers.class);
        ListAppender<ILoggingEvent> log = new ListAppender<>();
        log.start();
        logger.addAppender(log);
        try {
            for (int i = 0; i < 3; i++) {
                assertAnswer(
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
        assertAnswer(
                "three",
                "[1, 3, 2]",
                200,
                "{\"predictions\":[{\"class_id\":1,\"label\":\"dog\",\"score\":3.0}]}");
        assertTrue(NamedTensors.open() <= open);
    }

    @Test
    void missingPostprocessorIsReported() {
        assertAnswer(
                "unanswered",
                "[1, 2]",
                500,
                "{\"error\": \"marshal: the body is tensors{y: float32 [1, 2]}, of which a"
                        + " postprocessor must make an answer first\"}");
    }

    @Test
    void missingPreprocessorIsReported() {
        assertAnswer(
                "unprepared",
                "[1]",
                500,
                "{\"error\": \"expected tensors as the message body, got byte[]: a step before must"
                        + " make them\"}");
    }

    /** Routes of different models do not share labels, although their beans have the same name. */
    @Test
    void labelsAreNotSharedByBeansOfTheSameName() throws IOException {
        HttpResponse<String> response =
                server.http().post("/models/colors/invoke", image(), "Content-Type", "image/png");
        assertEquals("{\"predicted_class\":1,\"label\":\"green\"}", response.body());
    }

    private static byte[] image() throws IOException {
        BufferedImage green = new BufferedImage(9, 8, BufferedImage.TYPE_INT_RGB);
        green.setRGB(4, 4, 0x00ff00);
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        ImageIO.write(green, "png", out);
        return out.toByteArray();
    }

    @Test
    void contradictionOfRouteAndSignatureIsReportedAtStart() throws IOException {
        String fault =
                "large (ImagePreprocessor): width is 224 and height is 224, but input \"x\" of"
                        + " signature \"serving_default\" of model \"colors\" is float32 [-1, 8, 9,"
                        + " 3]";
        assertTrue(server.report().contains("  misfit: can't be served: "), server.report());
        assertTrue(server.report().contains(fault), server.report());
        HttpResponse<String> response = server.http().post("/models/misfit/invoke", image());
        assertEquals(503, response.statusCode());
        assertTrue(response.body().contains(fault.replace("\"", "\\\"")), response.body());
    }

    @Test
    void shapeThatOnlyTheGraphRejectsIsReportedAtStart() throws IOException {
        String fault =
                "small (ImagePreprocessor) makes a tensor of shape [1, 8, 9, 3], which signature"
                        + " \"serving_default\" of model \"open-size\" refuses: Input to reshape is"
                        + " a tensor with 216 values, but the requested shape requires a multiple"
                        + " of 192";
        assertTrue(
                server.report().contains("\n  pipeline \"open-size\": " + fault), server.report());
        HttpResponse<String> response = server.http().post("/models/open-size/invoke", image());
        assertEquals(500, response.statusCode());
        assertTrue(response.body().contains(fault.replace("\"", "\\\"")), response.body());
    }

    @Test
    void unknownPropertyIsReportedWithTheValidOnes() {
        assertTrue(
                server.report()
                        .contains(
                                "TopKPostprocessor has no property output_, it has"
                                        + " activation, binary, classField, field, k, labelField,"
                                        + " labels, labelsFile, labelsOutput, minScore, output, scoreField"),
                server.report());
    }
}
