package io.bactrian.postprocess;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.bactrian.limit.Deadline;
import io.bactrian.limit.DeadlineExceededException;
import io.bactrian.pipeline.ExchangeDeadline;
import io.bactrian.pipeline.PipelineConstants;
import io.bactrian.pipeline.PipelineFaultException;
import io.bactrian.postprocess.image.ImageEncoder;
import io.bactrian.postprocess.image.ImageType;
import io.bactrian.postprocess.image.PixelRounding;
import io.bactrian.postprocess.image.RasterImage;
import io.bactrian.preprocess.image.ChannelOrder;
import io.bactrian.preprocess.image.DecodedImage;
import io.bactrian.preprocess.image.ImageDecoder;
import io.bactrian.preprocess.image.ImageLayout;
import io.bactrian.tensor.NamedTensors;
import io.bactrian.test.BactrianTest;
import io.bactrian.test.Pipeline;
import io.bactrian.test.StubModel;
import io.bactrian.testing.Exchanges;
import java.io.IOException;
import java.time.Duration;
import java.util.Base64;
import java.util.Map;
import org.apache.camel.Exchange;
import org.apache.camel.impl.DefaultCamelContext;
import org.apache.camel.support.DefaultExchange;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.ndarray.buffer.DataBuffers;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.TFloat64;
import org.tensorflow.types.TUint8;
import org.tensorflow.types.family.TType;

@BactrianTest(routes = "src/test/resources/image-answers/made.camel.yaml")
class ImagePostprocessorTest {

    static final StubModel MAKER =
            StubModel.named("maker")
                    .input("x", "float32", -1)
                    .output("image", "float32", -1, -1, -1, 3)
                    .answer("image", new float[][][][] {{{{0, 0.5f, 1}, {1, 0, 0}}}});

    private static final byte[] TWO_PIXELS = {0, (byte) 128, (byte) 255, (byte) 255, 0, 0};

    private final DefaultCamelContext context = new DefaultCamelContext();
    private long open;

    @BeforeEach
    void count() {
        open = NamedTensors.open();
    }

    @AfterEach
    void everyTensorIsClosed() throws IOException {
        context.close();
        assertTrue(NamedTensors.open() <= open);
    }

    private static byte[] pixels(byte[] file, int channels) {
        try (DecodedImage image = ImageDecoder.decode(file, 1000, false)) {
            assertEquals(channels, image.channels());
            int length = image.width() * image.channels();
            byte[] pixels = new byte[image.height() * length];
            byte[] row = new byte[length];
            for (int y = 0; y < image.height(); y++) {
                image.row(y, row);
                System.arraycopy(row, 0, pixels, y * length, length);
            }
            return pixels;
        }
    }

    private Exchange exchange(TType tensor) {
        Exchange exchange = new DefaultExchange(context);
        exchange.getMessage().setBody(NamedTensors.of("image", tensor));
        return exchange;
    }

    private Object answer(ImagePostprocessor step, Exchange exchange) {
        step.setCamelContext(context);
        step.start();
        NamedTensors tensors = exchange.getMessage().getBody(NamedTensors.class);
        try (tensors) {
            step.process(exchange);
            return exchange.getMessage().getBody();
        } finally {
            step.stop();
            Exchanges.done(exchange);
        }
    }

    /** The samples of the image that is made of numbers, as PNG. */
    private int[] samples(ImagePostprocessor step, int channels, TType tensor) {
        step.setField("");
        Object png = answer(step, exchange(tensor));
        byte[] pixels = pixels(Base64.getDecoder().decode((String) png), channels);
        int[] samples = new int[pixels.length];
        for (int i = 0; i < samples.length; i++) {
            samples[i] = pixels[i] & 0xff;
        }
        return samples;
    }

    private static TFloat32 floats(Shape shape, float... values) {
        return TFloat32.tensorOf(shape, DataBuffers.of(values));
    }

    @Test
    void onePipelineAnswersJsonOrAnImage(Pipeline made) {
        String json =
                made.send("{\"features\": [1]}", "application/json")
                        .expectContentType("application/json")
                        .json()
                        .get("image")
                        .asText();
        assertArrayEquals(TWO_PIXELS, pixels(Base64.getDecoder().decode(json), 3));
        byte[] png =
                made.request()
                        .contentType("application/json")
                        .accept("image/png")
                        .body("{\"features\": [1]}")
                        .send()
                        .expectStatus(200)
                        .expectContentType("image/png")
                        .body();
        assertArrayEquals(TWO_PIXELS, pixels(png, 3));
        for (String type : new String[] {"image/jpeg", "image/webp"}) {
            byte[] file =
                    made.request()
                            .contentType("application/json")
                            .accept(type)
                            .body("{\"features\": [1]}")
                            .send()
                            .expectStatus(200)
                            .expectContentType(type)
                            .body();
            assertEquals(6, pixels(file, 3).length);
        }
    }

    @Test
    void severalImagesAreAListInJsonAndNoImage(Pipeline made) {
        MAKER.answer("image", new float[][][][] {{{{0, 0, 0}}}, {{{1, 1, 1}}}});
        assertEquals(2, made.send("{\"features\": [1, 2]}", "application/json").json().size());
        made.request()
                .contentType("application/json")
                .accept("image/png")
                .body("{\"features\": [1, 2]}")
                .send()
                .expectError(
                        406,
                        "a list of images has a list of answers: only application/json can be"
                                + " answered");
    }

    @Test
    void typeThatIsDeclaredButNotMadeIsNamed(Pipeline made) {
        made.request()
                .contentType("application/json")
                .accept("image/gif")
                .body("{\"features\": [1]}")
                .send()
                .expectError(
                        500,
                        "made (ImagePostprocessor): the pipeline declares that it produces"
                                + " image/gif, but images are made as image/png, image/jpeg or"
                                + " image/webp");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "        |         | 0, 0.3, 0.5, 1, 1.2, -0.2 | 0, 76, 128, 255, 255, 0",
                "        | DOWN    | 0, 0.3, 0.5, 0.999, 1, 1  | 0, 76, 127, 254, 255, 255",
                "-1, 1   |         | -1, 0, 1, -3, 3, 0.5      | 0, 128, 255, 0, 255, 191",
                "0, 255  |         | 0, 0.4, 0.6, 254.6, 300, -1 | 0, 0, 1, 255, 255, 0",
                "1, 0    |         | 0, 1, 0.5, 0, 1, 0        | 255, 0, 128, 255, 0, 255"
            })
    void numbersBecomeSamples(
            String range, PixelRounding rounding, String values, String expected) {
        String[] parts = values.split(",");
        float[] numbers = new float[parts.length];
        int[] wanted = new int[parts.length];
        for (int i = 0; i < parts.length; i++) {
            numbers[i] = Float.parseFloat(parts[i]);
            wanted[i] = Integer.parseInt(expected.split(",")[i].strip());
        }
        ImagePostprocessor step = new ImagePostprocessor();
        step.setRange(range);
        if (rounding != null) {
            step.setRounding(rounding);
        }
        assertArrayEquals(wanted, samples(step, 3, floats(Shape.of(1, 1, 2, 3), numbers)));
        double[] doubles = new double[numbers.length];
        for (int i = 0; i < doubles.length; i++) {
            doubles[i] = Double.parseDouble(parts[i]);
        }
        assertArrayEquals(
                wanted,
                samples(step, 3, TFloat64.tensorOf(Shape.of(1, 2, 3), DataBuffers.of(doubles))));
    }

    @Test
    void layoutOrderAndGrayAreRead() {
        ImagePostprocessor planar = new ImagePostprocessor();
        planar.setLayout(ImageLayout.NCHW);
        planar.setChannelOrder(ChannelOrder.BGR);
        TUint8 planes =
                TUint8.tensorOf(
                        Shape.of(1, 3, 1, 2), DataBuffers.of(new byte[] {1, 2, 3, 4, 5, 6}));
        assertArrayEquals(new int[] {5, 3, 1, 6, 4, 2}, samples(planar, 3, planes));
        TUint8 gray =
                TUint8.tensorOf(Shape.of(2, 2, 1), DataBuffers.of(new byte[] {0, 1, -1, 100}));
        assertArrayEquals(new int[] {0, 1, 255, 100}, samples(new ImagePostprocessor(), 1, gray));
    }

    @ParameterizedTest
    @ValueSource(floats = {2, -1, Float.NaN, Float.POSITIVE_INFINITY})
    void numberOfAnotherRangeIsAnError(float number) {
        Exchange exchange = exchange(floats(Shape.of(1, 1, 1, 1), number));
        PipelineFaultException fault =
                assertThrows(
                        PipelineFaultException.class,
                        () -> answer(new ImagePostprocessor(), exchange));
        assertTrue(
                fault.getMessage().startsWith("ImagePostprocessor: the model gave " + number),
                fault.getMessage());
    }

    @Test
    void outputThatIsNoImageIsDescribed() {
        for (Shape shape :
                new Shape[] {Shape.of(2, 2), Shape.of(1, 2, 2, 4), Shape.of(1, 0, 2, 3)}) {
            PipelineFaultException fault =
                    assertThrows(
                            PipelineFaultException.class,
                            () ->
                                    answer(
                                            new ImagePostprocessor(),
                                            exchange(TFloat32.tensorOf(shape))));
            assertTrue(fault.getMessage().contains("expected images"), fault.getMessage());
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "1", "0, 0", "0, x", "0, NaN", "0, 1, 2"})
    void rangeIsTwoNumbers(String range) {
        ImagePostprocessor step = new ImagePostprocessor();
        assertThrows(PipelineFaultException.class, () -> step.setRange(range));
    }

    @Test
    void dataUriNamesTheType() {
        ImagePostprocessor step = new ImagePostprocessor();
        step.setDataUri(true);
        step.setType(ImageType.JPEG);
        Object answer = answer(step, exchange(floats(Shape.of(1, 1, 1, 1), 0.5f)));
        String uri = ((Map<?, ?>) answer).get("image").toString();
        assertTrue(uri.startsWith("data:image/jpeg;base64,/9j/"), uri);
    }

    @Test
    void deadlineHoldsWhileAnImageIsMade() {
        Exchange exchange = exchange(floats(Shape.of(1, 1, 1, 1), 0.5f));
        ExchangeDeadline.set(exchange, Deadline.after(Duration.ZERO));
        exchange.getMessage().setHeader(PipelineConstants.ACCEPT, "image/png");
        assertThrows(
                DeadlineExceededException.class, () -> answer(new ImagePostprocessor(), exchange));
    }

    @ParameterizedTest
    @EnumSource
    void encodedImageIsReadAgain(ImageType type) {
        RasterImage image = new RasterImage(40, 30, 3);
        for (int i = 0; i < image.samples().length; i++) {
            image.samples()[i] = (byte) (i / 15);
        }
        byte[] file = new ImageEncoder(type, 90).encode(image, Deadline.none());
        try (DecodedImage decoded = ImageDecoder.decode(file, 10_000, false)) {
            assertEquals(40, decoded.width());
            assertEquals(30, decoded.height());
            byte[] row = new byte[120];
            decoded.row(29, row);
            int difference = 0;
            for (int i = 0; i < row.length; i++) {
                int expected = image.samples()[29 * 120 + i] & 0xff;
                difference = Math.max(difference, Math.abs(expected - (row[i] & 0xff)));
            }
            assertTrue(difference <= (type == ImageType.PNG ? 0 : 20), type + " " + difference);
        }
    }

    @Test
    void sideBeyondTheFormatsIsAnError() {
        RasterImage wide = new RasterImage(16_384, 1, 1);
        PipelineFaultException fault =
                assertThrows(
                        PipelineFaultException.class,
                        () -> new ImageEncoder(ImageType.WEBP, 75).encode(wide, Deadline.none()));
        assertEquals(
                "the answer's image is 16384x1 pixels: a side of image/webp may have 16383 at most",
                fault.getMessage());
    }
}
