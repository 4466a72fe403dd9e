package io.bactrian.preprocess;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.bactrian.pipeline.ExchangeTensors;
import io.bactrian.pipeline.ImageGeometry;
import io.bactrian.preprocess.image.ChannelOrder;
import io.bactrian.preprocess.image.ImageFit;
import io.bactrian.preprocess.image.ImageLayout;
import io.bactrian.preprocess.image.ImageLibrary;
import io.bactrian.preprocess.image.KerasMode;
import io.bactrian.preprocess.image.PadPosition;
import io.bactrian.preprocess.image.Resampling;
import io.bactrian.preprocess.image.SizeRounding;
import io.bactrian.tensor.DType;
import io.bactrian.tensor.NamedTensors;
import io.bactrian.tensor.NativeMemory;
import io.bactrian.testing.Exchanges;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.IntBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import java.util.Locale;
import java.util.Map;
import java.util.function.Consumer;
import java.util.zip.InflaterInputStream;
import org.apache.camel.Exchange;
import org.apache.camel.impl.DefaultCamelContext;
import org.apache.camel.support.DefaultExchange;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.types.family.TType;

/** How images are resized and placed, as Python recorded it by make_resizing.py. */
class ImageResizingTest {

    private static final Path FOLDER = Path.of("src/test/resources/resizing");
    private static final DefaultCamelContext CONTEXT = new DefaultCamelContext();

    @AfterAll
    static void stop() {
        CONTEXT.stop();
    }

    private static byte[] image(String name) throws IOException {
        Path here = FOLDER.resolve(name);
        return Files.exists(here) ? Files.readAllBytes(here) : ImageOracle.bytes(name);
    }

    private static ImageGeometry run(
            ImagePreprocessor preprocessor, byte[] body, Consumer<TType> check) {
        Exchange exchange = new DefaultExchange(CONTEXT);
        exchange.getMessage().setBody(body);
        try {
            preprocessor.process(exchange);
            try (NamedTensors.Reference tensors = ExchangeTensors.read(exchange)) {
                check.accept(tensors.select(null));
            }
            return ImageGeometry.of(exchange).get(0);
        } finally {
            Exchanges.done(exchange);
        }
    }

    private static <E extends Enum<E>> E constant(Class<E> type, JsonNode name) {
        return Enum.valueOf(type, name.asText().toUpperCase(Locale.ROOT));
    }

    private static ImagePreprocessor of(JsonNode properties) {
        ImagePreprocessor preprocessor = unscaled();
        for (Map.Entry<String, JsonNode> each : properties.properties()) {
            JsonNode value = each.getValue();
            switch (each.getKey()) {
                case "width" -> preprocessor.setWidth(value.intValue());
                case "height" -> preprocessor.setHeight(value.intValue());
                case "fit" -> preprocessor.setFit(constant(ImageFit.class, value));
                case "library" -> preprocessor.setLibrary(constant(ImageLibrary.class, value));
                case "resampling" -> preprocessor.setResampling(constant(Resampling.class, value));
                case "antialias" -> preprocessor.setAntialias(value.booleanValue());
                case "padColor" -> preprocessor.setPadColor(value.asText());
                case "sizeRounding" ->
                        preprocessor.setSizeRounding(constant(SizeRounding.class, value));
                case "shortestSide" -> preprocessor.setShortestSide(value.intValue());
                default -> throw new IllegalArgumentException(each.getKey());
            }
        }
        return preprocessor;
    }

    private static ImagePreprocessor unscaled() {
        ImagePreprocessor preprocessor = new ImagePreprocessor();
        preprocessor.setScale(1.0);
        return preprocessor;
    }

    private static float[] expected(JsonNode recorded) throws IOException {
        byte[] deflated = Base64.getDecoder().decode(recorded.get("pixels").asText());
        byte[] bytes;
        try (InflaterInputStream in = new InflaterInputStream(new ByteArrayInputStream(deflated))) {
            bytes = in.readAllBytes();
        }
        boolean whole = recorded.get("dtype").asText().equals("uint8");
        float[] pixels = new float[whole ? bytes.length : bytes.length / Float.BYTES];
        ByteBuffer buffer = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
        for (int i = 0; i < pixels.length; i++) {
            pixels[i] = whole ? bytes[i] & 0xFF : buffer.getFloat();
        }
        return pixels;
    }

    /** The most that a library's pixels may differ, of 255. */
    private static double tolerance(JsonNode properties) {
        return switch (properties.get("library").asText()) {
            case "pillow" -> 0;
            // Sums of float32 in another order.
            case "tensorflow" -> 0.0015;
            // OpenCV computes in fixed point of 11 bits.
            default -> properties.path("resampling").asText().equals("nearest") ? 0 : 1;
        };
    }

    @Test
    void pixelsAreThoseOfPython() throws IOException {
        for (JsonNode recorded :
                new ObjectMapper().readTree(FOLDER.resolve("expected.json").toFile())) {
            JsonNode properties = recorded.get("properties");
            String name = recorded.get("image").asText() + " " + properties;
            float[] expected = expected(recorded);
            JsonNode shape = recorded.get("shape");
            run(
                    of(properties),
                    image(recorded.get("image").asText()),
                    tensor -> {
                        assertEquals(
                                Shape.of(1, shape.get(0).asLong(), shape.get(1).asLong(), 3),
                                tensor.shape(),
                                name);
                        assertPixels(expected, floats(tensor), tolerance(properties), name);
                    });
        }
    }

    private static float[] floats(TType tensor) {
        float[] floats = new float[(int) tensor.size()];
        NativeMemory.of(tensor).asFloatBuffer().get(floats);
        return floats;
    }

    private static void assertPixels(
            float[] expected, float[] pixels, double tolerance, String name) {
        for (int i = 0; i < expected.length; i++) {
            assertEquals(expected[i], pixels[i], tolerance, name);
        }
    }

    @Test
    void positionsInTheTensorAreFoundInTheImage() throws IOException {
        ImagePreprocessor padded = sized(60, 60);
        padded.setFit(ImageFit.PAD);
        // 30x20 pixels become 60x40, 10 rows below the upper edge.
        ImageGeometry geometry = run(padded, image("png-small.png"), tensor -> {});
        assertEquals(new ImageGeometry(30, 20, 60, 60, 2, 2, 0, 10), geometry);
        assertEquals(15, geometry.originalX(30));
        assertEquals(10, geometry.originalY(30));

        ImagePreprocessor cropped = sized(10, 10);
        cropped.setFit(ImageFit.CROP);
        // The middle 20x20 pixels become 10x10.
        geometry = run(cropped, image("png-small.png"), tensor -> {});
        assertEquals(new ImageGeometry(30, 20, 10, 10, 0.5, 0.5, -2.5, 0), geometry);
        assertEquals(5, geometry.originalX(0));

        cropped.setShortestSide(40);
        // 60x40 pixels, of which the middle 10x10.
        geometry = restarted(cropped, image("png-small.png"));
        assertEquals(new ImageGeometry(30, 20, 10, 10, 2, 2, -25, -15), geometry);
    }

    private static ImageGeometry restarted(ImagePreprocessor preprocessor, byte[] image) {
        preprocessor.stop();
        return run(preprocessor, image, tensor -> {});
    }

    @Test
    void anImageInTheCornerIsPaddedOnTheRightAndBelow() throws IOException {
        ImagePreprocessor preprocessor = sized(60, 60);
        preprocessor.setFit(ImageFit.PAD);
        preprocessor.setPadPosition(PadPosition.TOP_LEFT);
        preprocessor.setPadColor("1, 2, 3");
        preprocessor.setChannelOrder(ChannelOrder.BGR);
        preprocessor.setLayout(ImageLayout.NCHW);
        ImageGeometry geometry =
                run(
                        preprocessor,
                        image("png-small.png"),
                        tensor -> {
                            float[] pixels = floats(tensor);
                            assertEquals(3, pixels[59 * 60]);
                            assertEquals(2, pixels[3600 + 40 * 60 + 59]);
                            assertEquals(1, pixels[2 * 3600 + 3599]);
                        });
        assertEquals(new ImageGeometry(30, 20, 60, 60, 2, 2, 0, 0), geometry);
    }

    @Test
    void aTallImageIsTurnedClockwise() throws IOException {
        ImagePreprocessor preprocessor = unscaled();
        preprocessor.setFit(ImageFit.NONE);
        float[][] tall = new float[1][];
        run(preprocessor, image("png-tall.png"), tensor -> tall[0] = floats(tensor));
        preprocessor.setRotateTall(true);
        preprocessor.stop();
        ImageGeometry geometry =
                run(
                        preprocessor,
                        image("png-tall.png"),
                        tensor -> {
                            assertEquals(Shape.of(1, 11, 40, 3), tensor.shape());
                            // The lower left pixel is the upper left one now.
                            assertEquals(tall[0][39 * 11 * 3], floats(tensor)[0]);
                        });
        assertEquals(40, geometry.originalWidth());
        assertEquals(Shape.of(1, 20, 30, 3), shape(preprocessor, image("png-small.png")));
    }

    private static Shape shape(ImagePreprocessor preprocessor, byte[] image) {
        Shape[] shape = new Shape[1];
        run(preprocessor, image, tensor -> shape[0] = tensor.shape());
        return shape[0];
    }

    /** As {@code keras.applications.imagenet_utils.preprocess_input}. */
    @Test
    void kerasModesAreScaleMeanAndStd() throws IOException {
        float[] pixels = normalized(null);
        float[] tf = normalized(KerasMode.TF);
        float[] caffe = normalized(KerasMode.CAFFE);
        float[] torch = normalized(KerasMode.TORCH);
        double[] means = {103.939, 116.779, 123.68};
        double[] mean = {0.485, 0.456, 0.406};
        double[] std = {0.229, 0.224, 0.225};
        for (int i = 0; i < pixels.length; i++) {
            int channel = i % 3;
            assertEquals(pixels[i] / 127.5 - 1, tf[i], 1e-6);
            assertEquals(pixels[i - channel + 2 - channel] - means[channel], caffe[i], 1e-4);
            assertEquals((pixels[i] / 255 - mean[channel]) / std[channel], torch[i], 1e-6);
        }
    }

    private static float[] normalized(@Nullable KerasMode mode) throws IOException {
        ImagePreprocessor preprocessor = sized(6, 6);
        if (mode != null) {
            preprocessor.setScale(null);
        }
        preprocessor.setNormalization(mode);
        float[][] made = new float[1][];
        run(preprocessor, image("png-rgb.png"), tensor -> made[0] = floats(tensor));
        return made[0];
    }

    /** Of -1 to 1 in steps of 1/100 around 128, of which the ends are beyond uint8. */
    @Test
    void aQuantizedModelIsGivenIntegers() throws IOException {
        float[] tf = normalized(KerasMode.TF);
        ImagePreprocessor preprocessor = sized(6, 6);
        preprocessor.setScale(null);
        preprocessor.setNormalization(KerasMode.TF);
        preprocessor.setDtype(DType.UINT8);
        preprocessor.setQuantizationScale(0.0075);
        preprocessor.setZeroPoint(128);
        run(
                preprocessor,
                image("png-rgb.png"),
                tensor -> {
                    ByteBuffer bytes = NativeMemory.of(tensor);
                    for (int i = 0; i < tf.length; i++) {
                        double exact = tf[i] / 0.0075 + 128;
                        assertEquals(Math.min(Math.max(exact, 0), 255), bytes.get(i) & 0xFF, 0.501);
                    }
                });
    }

    /** As {@code tf.cast(tf.image.resize(image, …), tf.int32)}. */
    @Test
    void integersOfTensorFlowsResizingAreTruncated() throws IOException {
        ImagePreprocessor preprocessor = sized(9, 7);
        preprocessor.setLibrary(ImageLibrary.TENSORFLOW);
        float[][] exact = new float[1][];
        run(preprocessor, image("png-rgb.png"), tensor -> exact[0] = floats(tensor));
        preprocessor.setDtype(DType.INT32);
        preprocessor.stop();
        run(
                preprocessor,
                image("png-rgb.png"),
                tensor -> {
                    IntBuffer integers = NativeMemory.of(tensor).asIntBuffer();
                    for (int i = 0; i < exact[0].length; i++) {
                        assertEquals((int) exact[0][i], integers.get(i));
                    }
                });
    }

    private static ImagePreprocessor sized(int width, int height) {
        ImagePreprocessor preprocessor = unscaled();
        preprocessor.setWidth(width);
        preprocessor.setHeight(height);
        return preprocessor;
    }

    private static void assertWrong(String message, Consumer<ImagePreprocessor> properties) {
        ImagePreprocessor preprocessor = new ImagePreprocessor();
        properties.accept(preprocessor);
        assertEquals(
                "ImagePreprocessor: " + message,
                assertThrows(RuntimeException.class, preprocessor::start)
                        .getMessage()
                        .replaceFirst("^.*?ImagePreprocessor", "ImagePreprocessor"));
    }

    @Test
    void propertiesThatContradictEachOtherAreNamed() {
        assertWrong(
                "resampling must be one that pillow has, got area",
                p -> p.setResampling(Resampling.AREA));
        assertWrong(
                "antialias is true, but library is pillow: it is for tensorflow only",
                p -> p.setAntialias(true));
        assertWrong(
                "padColor must be whole numbers from 0 to 255, got 300",
                p -> {
                    p.setFit(ImageFit.PAD);
                    p.setPadColor("300");
                });
        assertWrong(
                "shortestSide is set, but fit is stretch: set it to crop",
                p -> p.setShortestSide(300));
        assertWrong(
                "shortestSide must be from 224, the longer of width and height, to 65535, got 100",
                p -> {
                    p.setFit(ImageFit.CROP);
                    p.setShortestSide(100);
                });
        assertWrong(
                "normalization is tf, but scale, mean, std or channelOrder is set too",
                p -> {
                    p.setNormalization(KerasMode.TF);
                    p.setScale(1.0);
                });
        assertWrong(
                "normalization is torch, for 3 channels, but channels is 1",
                p -> {
                    p.setNormalization(KerasMode.TORCH);
                    p.setChannels(1);
                });
        assertWrong("zeroPoint is 3, but quantizationScale is not set", p -> p.setZeroPoint(3));
        assertWrong(
                "quantizationScale is set, but dtype is float32: set an integer one",
                p -> p.setQuantizationScale(0.1));
        assertWrong(
                "quantizationScale must be greater than 0, got -1.0",
                p -> {
                    p.setDtype(DType.UINT8);
                    p.setQuantizationScale(-1.0);
                });
    }
}
