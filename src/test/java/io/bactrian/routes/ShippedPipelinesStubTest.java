package io.bactrian.routes;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.bactrian.limit.OverloadedException;
import io.bactrian.test.BactrianTest;
import io.bactrian.test.Named;
import io.bactrian.test.Pipeline;
import io.bactrian.test.PipelineAnswer;
import io.bactrian.test.StubModel;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The pre- and post-processing of the shipped pipelines, with substitutes for the models. */
@BactrianTest(routes = "routes")
class ShippedPipelinesStubTest {

    private static final Path MODELS = Path.of("src/examples/models");

    static final StubModel TEXT =
            StubModel.like("text-classification", MODELS.resolve("text-classification"))
                    .answer("output_0", new float[][] {{0.1f, 0.9f}});

    static final StubModel IMAGE =
            StubModel.like("image-classification", MODELS.resolve("image-classification"))
                    .answer("output_0", new float[][] {{0, 0, 0, 1, 0, 0, 0, 0, 0, 0}});

    static final StubModel DETECTION =
            StubModel.named("object-detection")
                    .input("image_data", "float32", -1, -1, -1, 1)
                    .output("output_0", "float32", -1, -1, 6);

    @Named("text-classification")
    Pipeline text;

    @Named("image-classification")
    Pipeline image;

    @Named("object-detection")
    Pipeline detection;

    @ParameterizedTest
    @ValueSource(strings = {"FREE ÉTÉ", "free été"})
    void textIsInLowerCase(String sent) {
        text.send("{\"text\": \"" + sent + "\"}", "application/json")
                .expectStatus(200)
                .expectContentType("application/json")
                .expectText("{\"predicted_class\":1}");
        TEXT.verify().input("text").hasDtype("string").hasShape(1).hasValues(List.of("free été"));
    }

    @Test
    void pixelsAreScaledTo0To1() throws IOException {
        image.send(png(0xff8000), "application/octet-stream")
                .expectStatus(200)
                .expectText("{\"predicted_class\":3}");
        List<?> batch =
                (List<?>)
                        IMAGE.verify()
                                .input("image")
                                .hasShape(1, 224, 224, 3)
                                .hasDtype("float32")
                                .values();
        List<?> pixel = (List<?>) ((List<?>) ((List<?>) batch.get(0)).get(17)).get(100);
        assertClose(pixel, 1, 128 / 255f, 0);
    }

    private static void assertClose(List<?> values, float... expected) {
        for (int i = 0; i < expected.length; i++) {
            assertEquals(expected[i], (Float) values.get(i), 1e-6f);
        }
    }

    private static byte[] png(int rgb) throws IOException {
        BufferedImage image = new BufferedImage(30, 20, BufferedImage.TYPE_INT_RGB);
        for (int y = 0; y < image.getHeight(); y++) {
            for (int x = 0; x < image.getWidth(); x++) {
                image.setRGB(x, y, rgb);
            }
        }
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        ImageIO.write(image, "png", out);
        return out.toByteArray();
    }

    @Test
    void boxesBelowTheThresholdAreDropped() {
        DETECTION.answer(
                "output_0",
                new float[][][] {{{2, 0.75f, 0, 0.125f, 0.5f, 1}, {3, 0.25f, 0, 0, 1, 1}}});
        detection
                .send(
                        "{\"image_data\": [[[0.5], [1]], [[0], [2.5e-1]], [[1], [1]]]}",
                        "application/json")
                .expectStatus(200)
                .expectJson(
                        "{\"detections\": [{\"class_id\": 2, \"confidence\": 0.75, \"xmin\": 0,"
                                + " \"ymin\": 0.125, \"xmax\": 0.5, \"ymax\": 1}]}");
        DETECTION
                .verify()
                .input("image_data")
                .hasDtype("float32")
                .hasShape(1, 3, 2, 1)
                .hasValues(new double[][][][] {{{{0.5}, {1}}, {{0}, {0.25}}, {{1}, {1}}}});
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"", "[", "{}", "{\"image_data\": \"x\"}", "{\"image_data\": [[1], [1, 2]]}"})
    void detectionRejectsInvalidArrays(String body) {
        detection.send(body, "application/json").expectStatus(400);
        DETECTION.verifyNotCalled();
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "{", "{}", "{\"text\": 1}"})
    void textRejectsInvalidText(String body) {
        text.send(body, "application/json").expectStatus(400);
        TEXT.verifyNotCalled();
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "<html>"})
    void imageRejectsInvalidImages(String body) {
        image.send(body, "image/png").expectStatus(400);
        IMAGE.verifyNotCalled();
    }

    @Test
    void overloadedModelIs503() {
        TEXT.fail(new OverloadedException("the queue of model \"text\" is full", 7));
        PipelineAnswer answer = text.send("{\"text\": \"a\"}", "application/json");
        answer.expectError(503, "the queue of model \"text\" is full")
                .expectHeader("Retry-After", "7");
    }
}
