package io.bactrian.postprocess;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.bactrian.pipeline.PipelineFaultException;
import io.bactrian.test.BactrianTest;
import io.bactrian.test.Named;
import io.bactrian.test.Pipeline;
import io.bactrian.test.PipelineAnswer;
import io.bactrian.test.StubModel;
import io.bactrian.testing.Signatures;
import java.awt.image.BufferedImage;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.Base64;
import java.util.List;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Answers that are drawn on the image that was sent. */
@BactrianTest(routes = "src/test/resources/image-answers/drawn.camel.yaml")
class DrawnAnswersTest {

    private static final int GRAY = 0xff505050;
    private static final int WIDTH = 100;
    private static final int HEIGHT = 50;

    /** Its input is twice as wide as the image: each pixel is two, with 50 rows above it. */
    static final StubModel DETECTOR =
            StubModel.named("detector")
                    .input("image", "float32", -1, 200, 200, 3)
                    .output("boxes", "float32", -1, -1, 6)
                    .output("points", "float32", -1, -1, 3, 3)
                    .answer("boxes", new float[][][] {{{1, 0.9f, 0.2f, 0.45f, 0.6f, 0.65f}}})
                    .answer(
                            "points",
                            new float[][][][] {
                                {
                                    {{0.35f, 0.1f, 0.9f}, {9, 9, 0}, {0.65f, 0.1f, 0.7f}},
                                    {{0.5f, 0.5f, 0.2f}, {9, 9, 1}, {0.6f, 0.6f, 0.3f}},
                                    {{0.5f, 0.8f, 0.4f}, {9, 9, 1}, {0.5f, 0.9f, 0.9f}}
                                }
                            });

    @Named("boxes")
    Pipeline boxes;

    @Named("unkept")
    Pipeline unkept;

    @Named("unitless")
    Pipeline unitless;

    @Named("keypoints")
    Pipeline keypoints;

    private static byte[] image() throws IOException {
        BufferedImage image = new BufferedImage(WIDTH, HEIGHT, BufferedImage.TYPE_INT_RGB);
        for (int y = 0; y < HEIGHT; y++) {
            for (int x = 0; x < WIDTH; x++) {
                image.setRGB(x, y, GRAY);
            }
        }
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        ImageIO.write(image, "png", out);
        return out.toByteArray();
    }

    private static PipelineAnswer send(Pipeline pipeline) throws IOException {
        return pipeline.request().contentType("image/png").accept("image/png").body(image()).send();
    }

    private static BufferedImage drawn(Pipeline pipeline) throws IOException {
        byte[] body = send(pipeline).expectStatus(200).expectContentType("image/png").body();
        BufferedImage drawn = ImageIO.read(new ByteArrayInputStream(body));
        assertEquals(WIDTH, drawn.getWidth());
        assertEquals(HEIGHT, drawn.getHeight());
        return drawn;
    }

    @Test
    void boxIsDrawnInTheOriginalsPixels() throws IOException {
        boxes.request()
                .contentType("image/png")
                .body(image())
                .send()
                .expectJson("$.detections[0].label", "dog")
                .expectJson("$.detections[0].xmin", 20)
                .expectJson("$.detections[0].ymin", 20)
                .expectJson("$.detections[0].xmax", 60)
                .expectJson("$.detections[0].ymax", 40);
        BufferedImage drawn = drawn(boxes);
        int color = drawn.getRGB(20, 30);
        assertEquals(0xff3cb44b, color);
        assertEquals(color, drawn.getRGB(21, 39));
        assertEquals(color, drawn.getRGB(59, 20));
        assertEquals(GRAY, drawn.getRGB(22, 30));
        assertEquals(GRAY, drawn.getRGB(19, 30));
        assertEquals(GRAY, drawn.getRGB(60, 30));
        // "dog 90%" above it: seven characters of six pixels.
        assertEquals(color, drawn.getRGB(20, 11));
        assertEquals(color, drawn.getRGB(62, 11));
        assertEquals(GRAY, drawn.getRGB(63, 11));
        assertEquals(GRAY, drawn.getRGB(20, 10));
        // The stem of the d.
        assertEquals(0xffffffff, drawn.getRGB(25, 12));
    }

    @ParameterizedTest
    @ValueSource(
            floats = {Float.NaN, Float.POSITIVE_INFINITY, Float.NEGATIVE_INFINITY, 1e30f, -1e30f})
    void boxOutsideOfTheImageIsCut(float corner) throws IOException {
        DETECTOR.answer(
                "boxes",
                new float[][][] {
                    {{0, 0.9f, corner, corner, corner, corner}, {0, 0.9f, -corner, 0, corner, 1}}
                });
        drawn(boxes);
    }

    @Test
    void severalImagesAreNotDrawn() throws IOException {
        DETECTOR.answer("boxes", new float[2][1][6]);
        String base64 = Base64.getEncoder().encodeToString(image());
        boxes.request()
                .contentType("application/json")
                .accept("image/png")
                .body("[\"" + base64 + "\", \"" + base64 + "\"]")
                .send()
                .expectError(
                        406,
                        "a list of images has a list of answers: only application/json can be"
                                + " answered");
    }

    @Test
    void imageThatIsNotKeptIsAnError() throws IOException {
        send(unkept)
                .expectError(
                        500,
                        "boxes (BoxesPostprocessor): the request accepts an image, but none was kept"
                                + " to draw on: set keepImages: true on the ImagePreprocessor");
    }

    @Test
    void boxesOfUnknownUnitsAreNotDrawn() throws IOException {
        send(unitless)
                .expectError(
                        500,
                        "unitless (BoxesPostprocessor): the request accepts an image: set coordinates"
                                + " to the units of the model's boxes, normalized or pixels, to"
                                + " draw them");
    }

    @Test
    void keypointsAreNamedAndDrawn() throws IOException {
        keypoints
                .request()
                .contentType("image/png")
                .body(image())
                .send()
                .expectJson("$.poses[0].score", 0.8)
                .expectJson("$.poses[0].xmin", 10)
                .expectJson("$.poses[0].ymax", 40)
                .expectJson("$.poses[0].keypoints[0].name", "left_hip")
                .expectJson("$.poses[0].keypoints[0].x", 10)
                .expectJson("$.poses[0].keypoints[0].y", 10)
                .expectJson("$.poses[0].keypoints[1].name", "left_knee")
                .expectJson("$.poses[0].keypoints[1].y", 40)
                .expectJson("$.poses[1].keypoints[0].name", "left_knee");
        BufferedImage drawn = drawn(keypoints);
        int color = drawn.getRGB(10, 10);
        assertTrue(color != GRAY);
        assertEquals(color, drawn.getRGB(10, 25));
        assertEquals(GRAY, drawn.getRGB(12, 25));
        assertEquals(color, drawn.getRGB(12, 40));
        // Of the last pose only the knee is sure enough; of the second nothing.
        assertTrue(drawn.getRGB(90, 25) != GRAY);
        assertEquals(GRAY, drawn.getRGB(80, 25));
        assertEquals(GRAY, drawn.getRGB(50, 25));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "a, a", "_, _", "a,, b"})
    void keypointsHaveNamesOfTheirOwn(String names) {
        KeypointsPostprocessor step = new KeypointsPostprocessor();
        assertThrows(PipelineFaultException.class, () -> step.setKeypoints(names));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {"1,1,17,3", "1,17,3", "1,6,56", "2,6,51"})
    void shapesOfMoveNetAreRead(String shape) {
        assertEquals("", refusal(shape));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {"17,3", "1,6,50", "1,1,16,3", "1,1,17,2", "1,2,3,4,5"})
    void outputOfAnotherNumberOfKeypointsIsAnError(String shape) {
        assertTrue(refusal(shape).startsWith("expected keypoints of shape"), refusal(shape));
    }

    private static String refusal(String shape) {
        String output = "out float32 " + shape.replace(',', ' ');
        try {
            new KeypointsPostprocessor().bindOutputs(List.of(Signatures.outputs(output)));
            return "";
        } catch (PipelineFaultException e) {
            return e.getMessage();
        }
    }
}
