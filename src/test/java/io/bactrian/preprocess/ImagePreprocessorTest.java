package io.bactrian.preprocess;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.bactrian.pipeline.ExchangeTensors;
import io.bactrian.pipeline.ImageGeometry;
import io.bactrian.pipeline.PipelineFaultException;
import io.bactrian.preprocess.image.ChannelOrder;
import io.bactrian.preprocess.image.DecodedImage;
import io.bactrian.preprocess.image.ImageFit;
import io.bactrian.preprocess.image.ImageLayout;
import io.bactrian.preprocess.image.Resampling;
import io.bactrian.tensor.BadInputException;
import io.bactrian.tensor.DType;
import io.bactrian.tensor.NamedTensors;
import io.bactrian.tensor.NativeMemory;
import io.bactrian.testing.Exchanges;
import java.io.ByteArrayInputStream;
import java.nio.ByteBuffer;
import java.nio.FloatBuffer;
import java.nio.ShortBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.Consumer;
import org.apache.camel.Exchange;
import org.apache.camel.impl.DefaultCamelContext;
import org.apache.camel.spi.Resource;
import org.apache.camel.support.DefaultExchange;
import org.apache.camel.support.PluginHelper;
import org.apache.camel.support.ResourceHelper;
import org.bytedeco.javacpp.Pointer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.types.family.TType;

class ImagePreprocessorTest {

    private static final DefaultCamelContext CONTEXT = new DefaultCamelContext();

    private long openBefore;

    @AfterAll
    static void stop() {
        CONTEXT.stop();
    }

    @BeforeEach
    void count() {
        openBefore = NamedTensors.open();
    }

    @AfterEach
    void nothingIsLeftOpen() {
        Exchanges.awaitOpenTensors(openBefore);
    }

    /** Runs a preprocessor, shows its tensor to {@code check}, and ends the exchange. */
    private static void run(ImagePreprocessor preprocessor, Object body, Consumer<TType> check) {
        Exchange exchange = new DefaultExchange(CONTEXT);
        exchange.getMessage().setBody(body);
        try {
            preprocessor.process(exchange);
            try (NamedTensors.Reference tensors = ExchangeTensors.read(exchange)) {
                assertEquals(1, tensors.size());
                check.accept(tensors.select(null));
            }
        } finally {
            Exchanges.done(exchange);
        }
    }

    private static byte[] pixels(String file, int width, int height) {
        try (DecodedImage image = ImageOracle.decode(ImageOracle.bytes(file))) {
            return ImageOracle.resized(image, width, height, Resampling.BICUBIC);
        }
    }

    private static String refusal(ImagePreprocessor preprocessor, Object body) {
        return assertThrows(BadInputException.class, () -> run(preprocessor, body, tensor -> {}))
                .getMessage();
    }

    @Test
    void makesTheTensorOfPythonByDefault() {
        byte[] expected = pixels("jpeg-420.jpg", 224, 224);
        run(
                new ImagePreprocessor(),
                ImageOracle.bytes("jpeg-420.jpg"),
                tensor -> {
                    assertEquals(DType.FLOAT32, DType.of(tensor));
                    assertEquals(Shape.of(1, 224, 224, 3), tensor.shape());
                    FloatBuffer floats = NativeMemory.of(tensor).asFloatBuffer();
                    for (int i = 0; i < expected.length; i++) {
                        assertEquals((expected[i] & 0xFF) / 255f, floats.get(i));
                    }
                });
    }

    @Test
    void laysOutPlanesAndOrdersChannels() {
        byte[] rgb = pixels("png-rgb.png", 20, 10);
        for (boolean planar : new boolean[] {false, true}) {
            for (boolean bgr : new boolean[] {false, true}) {
                ImagePreprocessor preprocessor = uint8(20, 10);
                preprocessor.setLayout(planar ? ImageLayout.NCHW : ImageLayout.NHWC);
                preprocessor.setChannelOrder(bgr ? ChannelOrder.BGR : ChannelOrder.RGB);
                byte[] expected = new byte[rgb.length];
                for (int i = 0; i < rgb.length; i++) {
                    int channel = bgr ? 2 - i % 3 : i % 3;
                    expected[planar ? channel * 200 + i / 3 : i / 3 * 3 + channel] = rgb[i];
                }
                run(
                        preprocessor,
                        ImageOracle.bytes("png-rgb.png"),
                        tensor -> {
                            assertEquals(
                                    planar ? Shape.of(1, 3, 10, 20) : Shape.of(1, 10, 20, 3),
                                    tensor.shape());
                            assertArrayEquals(expected, bytes(tensor));
                        });
            }
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "float16",
                "bfloat16",
                "float32",
                "float64",
                "uint8",
                "uint16",
                "int32",
                "int64"
            })
    void makesEveryNumericDtype(String dtype) {
        byte[] rgb = pixels("png-rgb.png", 8, 8);
        ImagePreprocessor preprocessor = uint8(8, 8);
        preprocessor.setDtype(DType.named(dtype));
        preprocessor.setScale(1.0);
        run(
                preprocessor,
                ImageOracle.bytes("png-rgb.png"),
                tensor -> {
                    assertEquals(DType.named(dtype), DType.of(tensor));
                    for (int i = 0; i < rgb.length; i++) {
                        assertEquals(rgb[i] & 0xFF, number(tensor, i), dtype + " " + i);
                    }
                });
    }

    private static double number(TType tensor, int index) {
        ByteBuffer memory = NativeMemory.of(tensor);
        return switch (DType.of(tensor)) {
            case FLOAT16 -> half(memory.asShortBuffer().get(index));
            case BFLOAT16 -> Float.intBitsToFloat(memory.asShortBuffer().get(index) << 16);
            case FLOAT32 -> memory.asFloatBuffer().get(index);
            case FLOAT64 -> memory.asDoubleBuffer().get(index);
            case UINT8 -> memory.get(index) & 0xFF;
            case UINT16 -> memory.asShortBuffer().get(index) & 0xFFFF;
            case INT32 -> memory.asIntBuffer().get(index);
            case INT64 -> memory.asLongBuffer().get(index);
            default -> throw new IllegalArgumentException();
        };
    }

    private static double half(short bits) {
        int exponent = bits >> 10 & 31;
        int fraction = bits & 1023;
        double size =
                exponent == 0
                        ? Math.scalb((double) fraction, -24)
                        : Math.scalb(1024.0 + fraction, exponent - 25);
        return bits < 0 ? -size : size;
    }

    @Test
    void roundsHalvesToTheNearest() {
        byte[] rgb = pixels("png-rgb.png", 8, 8);
        ImagePreprocessor preprocessor = uint8(8, 8);
        preprocessor.setDtype(DType.FLOAT16);
        preprocessor.setScale(1 / 255.0);
        preprocessor.setMean("0.485,0.456,0.406");
        preprocessor.setStd("0.229, 0.224, 0.225");
        double[] mean = {0.485, 0.456, 0.406};
        double[] std = {0.229, 0.224, 0.225};
        run(
                preprocessor,
                ImageOracle.bytes("png-rgb.png"),
                tensor -> {
                    ShortBuffer halves = NativeMemory.of(tensor).asShortBuffer();
                    for (int i = 0; i < rgb.length; i++) {
                        double exact = ((rgb[i] & 0xFF) / 255.0 - mean[i % 3]) / std[i % 3];
                        double step = Math.scalb(1.0, Math.max(Math.getExponent(exact), -14) - 10);
                        assertEquals(exact, half(halves.get(i)), step / 2 * 1.001);
                    }
                });
    }

    @Test
    void normalizesEachChannelWhateverTheOrder() {
        byte[] rgb = pixels("jpeg-420.jpg", 16, 12);
        double[] mean = {0.485, 0.456, 0.406};
        double[] std = {0.229, 0.224, 0.225};
        ImagePreprocessor preprocessor = new ImagePreprocessor();
        preprocessor.setWidth(16);
        preprocessor.setHeight(12);
        preprocessor.setMean(" 0.485 , 0.456,0.406 ");
        preprocessor.setStd("0.229, 0.224, 0.225");
        preprocessor.setChannelOrder(ChannelOrder.BGR);
        run(
                preprocessor,
                ImageOracle.bytes("jpeg-420.jpg"),
                tensor -> {
                    FloatBuffer floats = NativeMemory.of(tensor).asFloatBuffer();
                    for (int i = 0; i < rgb.length; i++) {
                        assertEquals(
                                ((rgb[i] & 0xFF) / 255.0 - mean[i % 3]) / std[i % 3],
                                floats.get(i / 3 * 3 + 2 - i % 3),
                                1e-6);
                    }
                });
    }

    @ParameterizedTest
    @CsvSource({"png-gray.png, 96, 72", "jpeg-gray.jpg, 96, 72"})
    void repeatsGrayInEveryChannel(String file, int width, int height) {
        ImagePreprocessor preprocessor = uint8(width, height);
        run(
                preprocessor,
                ImageOracle.bytes(file),
                tensor -> assertArrayEquals(pixels(file, width, height), bytes(tensor)));
    }

    @Test
    void makesGrayBeforeItResizes() {
        byte[] rgb = pixels("png-rgb.png", 96, 72);
        ImagePreprocessor preprocessor = uint8(96, 72);
        preprocessor.setChannels(1);
        run(
                preprocessor,
                ImageOracle.bytes("png-rgb.png"),
                tensor -> {
                    assertEquals(Shape.of(1, 72, 96, 1), tensor.shape());
                    byte[] gray = bytes(tensor);
                    for (int i = 0; i < gray.length; i++) {
                        int luma =
                                19595 * (rgb[3 * i] & 0xFF)
                                        + 38470 * (rgb[3 * i + 1] & 0xFF)
                                        + 7471 * (rgb[3 * i + 2] & 0xFF);
                        assertEquals(luma + 0x8000 >> 16, gray[i] & 0xFF);
                    }
                });
    }

    @Test
    void keepsWhereTheImageIsInTheInput() {
        ImagePreprocessor preprocessor = uint8(20, 10);
        Exchange exchange = new DefaultExchange(CONTEXT);
        exchange.getMessage().setBody(ImageOracle.bytes("jpeg-2000x3.jpg"));
        preprocessor.process(exchange);
        ImageGeometry image = ImageGeometry.of(exchange).get(0);
        assertEquals(new ImageGeometry(2000, 3, 20, 10, 0.01, 10 / 3.0, 0, 0), image);
        assertEquals(500, image.originalX(5), 1e-9);
        assertEquals(1.5, image.originalY(5), 1e-9);
        Exchanges.done(exchange);
    }

    @Test
    void keepsTheSizeOfTheImageIfTold() {
        ImagePreprocessor preprocessor = uint8(224, 224);
        preprocessor.setFit(ImageFit.NONE);
        run(
                preprocessor,
                ImageOracle.bytes("jpeg-2000x3.jpg"),
                tensor -> assertEquals(Shape.of(1, 3, 2000, 3), tensor.shape()));
    }

    @Test
    void turnsTheImageUprightIfTold() {
        ImagePreprocessor preprocessor = uint8(224, 224);
        preprocessor.setFit(ImageFit.NONE);
        byte[] body = ImageOracle.bytes("jpeg-orientation-6.jpg");
        int[] size = new int[2];
        byte[][] lying = new byte[1][];
        run(
                preprocessor,
                body,
                tensor -> {
                    size[0] = (int) tensor.shape().get(2);
                    size[1] = (int) tensor.shape().get(1);
                    lying[0] = bytes(tensor);
                });
        preprocessor.setExifOrientation(true);
        preprocessor.stop();
        run(
                preprocessor,
                body,
                tensor -> {
                    assertEquals(Shape.of(1, size[0], size[1], 3), tensor.shape());
                    byte[] upright = bytes(tensor);
                    // a quarter turn clockwise: the first row was the first column, upwards
                    for (int x = 0; x < size[1]; x++) {
                        assertEquals(lying[0][(size[1] - 1 - x) * size[0] * 3], upright[x * 3]);
                    }
                });
    }

    @Test
    void namesTheTensor() throws Exception {
        ImagePreprocessor preprocessor = uint8(4, 4);
        preprocessor.setInput("images");
        Exchange exchange = new DefaultExchange(CONTEXT);
        exchange.getMessage().setBody(ImageOracle.bytes("png-1x1.png"));
        preprocessor.process(exchange);
        assertEquals(
                "[images]", exchange.getMessage().getBody(NamedTensors.class).names().toString());
        Exchanges.done(exchange);
    }

    @Test
    void takesWhateverHoldsBytes() {
        byte[] body = ImageOracle.bytes("png-rgb.png");
        byte[] expected = pixels("png-rgb.png", 5, 5);
        ByteBuffer direct = ByteBuffer.allocateDirect(body.length + 3).position(3);
        direct.put(body).position(3);
        for (Object form :
                List.of(body, ByteBuffer.wrap(body), direct, new ByteArrayInputStream(body))) {
            run(uint8(5, 5), form, tensor -> assertArrayEquals(expected, bytes(tensor)));
        }
        assertEquals(3, direct.position());
    }

    @Test
    void refusesABodyThatIsNoBytes() {
        PipelineFaultException e =
                assertThrows(
                        PipelineFaultException.class,
                        () -> run(uint8(5, 5), new Object(), tensor -> {}));
        assertTrue(e.getMessage().contains("expected bytes"), e.getMessage());
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "empty.jpg | the body is empty: expected an image",
                "html.jpg | the body is not an image, it looks like HTML",
                "text.png | the body is not an image, it looks like text",
                "zeros.jpg | the body is not an image, it looks like unknown binary data",
                "avif.avif | the image is of an unsupported format, AVIF",
                "jpeg-truncated.jpg | the JPEG image is truncated",
                "jpeg-truncated-header.jpg | the JPEG image is truncated",
                "jpeg-no-end.jpg | the JPEG image is truncated",
                "png-truncated.png | the PNG image is truncated",
                "png-no-end.png | the PNG image is truncated",
                "png-bad-crc.png | the PNG image is corrupt: a chunk's checksum is wrong",
                "gif-truncated.gif | the GIF image is truncated",
                "png-bomb-30000x30000.png | the PNG image is 30000x30000, 900000000 pixels: more"
                        + " than the limit of 89478485"
            })
    void saysWhatIsWrongWithABody(String file, String start) {
        String message = refusal(new ImagePreprocessor(), ImageOracle.bytes(file));
        assertTrue(message.startsWith(start), message);
        assertFalse(message.contains("org.tensorflow"), message);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "{\"a\": 1} | JSON",
                "<svg xmlns='http://www.w3.org/2000/svg'/> | SVG",
                "<?xml version='1.0'?><a/> | XML",
                "data:image/png;base64,iVBORw0KGgo= | a data URL",
                "%PDF-1.7 | PDF"
            })
    void namesWhatABodyLooksLike(String body, String what) {
        String message = refusal(new ImagePreprocessor(), body.getBytes(StandardCharsets.UTF_8));
        assertTrue(message.contains("it looks like " + what), message);
    }

    @Test
    void refusesNoBody() {
        assertEquals(
                "the body is empty: expected an image", refusal(new ImagePreprocessor(), null));
    }

    @Test
    void checksTheSizeByTheHeader() {
        ImagePreprocessor preprocessor = uint8(5, 5);
        preprocessor.setMaxPixels(96 * 72 - 1);
        assertEquals(
                "the PNG image is 96x72, 6912 pixels: more than the limit of 6911",
                refusal(preprocessor, ImageOracle.bytes("png-rgb.png")));
        preprocessor.setMaxPixels(96 * 72);
        run(preprocessor, ImageOracle.bytes("png-rgb.png"), tensor -> {});
    }

    @Test
    void refusesEveryTruncation() {
        ImagePreprocessor preprocessor = uint8(5, 5);
        for (String file :
                List.of(
                        "jpeg-420.jpg",
                        "png-rgb.png",
                        "gif-still.gif",
                        "bmp-24bit.bmp",
                        "tiff-none.tiff",
                        "webp-lossy.webp",
                        "webp-lossless.webp",
                        "webp-animated.webp")) {
            byte[] whole = ImageOracle.bytes(file);
            for (int eighths = 0; eighths < 8; eighths++) {
                byte[] part = Arrays.copyOf(whole, whole.length * eighths / 8);
                String message = refusal(preprocessor, part);
                assertTrue(message.matches("the (body|\\w+ image) is .*"), file + ": " + message);
            }
        }
    }

    @Test
    void survivesCorruption() {
        ImagePreprocessor preprocessor = uint8(5, 5);
        preprocessor.setMaxPixels(1_000_000);
        Random random = new Random(42);
        for (var image : ImageOracle.images()) {
            byte[] body = ImageOracle.bytes(image.get("file").asText());
            for (int round = 0; round < 20 && body.length > 0; round++) {
                byte[] broken = body.clone();
                for (int i = 0; i < 3; i++) {
                    broken[random.nextInt(broken.length)] = (byte) random.nextInt(256);
                }
                try {
                    run(preprocessor, broken, tensor -> {});
                } catch (BadInputException refused) {
                    assertFalse(refused.getMessage().isBlank());
                }
            }
        }
    }

    @Test
    void servesManyThreadsAtOnce() throws Exception {
        ImagePreprocessor preprocessor = uint8(31, 17);
        List<String> files =
                List.of("jpeg-420.jpg", "png-rgb.png", "gif-still.gif", "webp-lossy.webp");
        List<byte[]> bodies = files.stream().map(ImageOracle::bytes).toList();
        List<byte[]> expected = files.stream().map(file -> pixels(file, 31, 17)).toList();
        ExecutorService threads = Executors.newFixedThreadPool(4);
        try {
            List<Future<?>> runs = new ArrayList<>();
            for (int i = 0; i < 200; i++) {
                int which = i % files.size();
                runs.add(
                        threads.submit(
                                () ->
                                        run(
                                                preprocessor,
                                                bodies.get(which),
                                                tensor ->
                                                        assertArrayEquals(
                                                                expected.get(which),
                                                                bytes(tensor)))));
            }
            for (Future<?> finished : runs) {
                finished.get();
            }
        } finally {
            threads.shutdownNow();
        }
    }

    @Test
    void freesNativeMemoryOfGoodAndBadImages() {
        ImagePreprocessor preprocessor = new ImagePreprocessor();
        List<byte[]> bodies =
                ImageOracle.images().stream()
                        .map(image -> ImageOracle.bytes(image.get("file").asText()))
                        .toList();
        long pointers = 0;
        for (int round = 0; round < 6; round++) {
            for (byte[] body : bodies) {
                try {
                    run(preprocessor, body, tensor -> {});
                } catch (BadInputException refused) {
                    assertFalse(refused.getMessage().isBlank());
                }
            }
            if (round == 1) {
                pointers = Pointer.totalCount();
            }
        }
        assertTrue(
                Pointer.totalCount() <= pointers,
                pointers + " native pointers grew to " + Pointer.totalCount());
        Exchanges.awaitOpenTensors(openBefore);
    }

    private interface Setting {
        void set(ImagePreprocessor preprocessor);
    }

    private static void assertWrong(String message, Setting setting) {
        ImagePreprocessor preprocessor = new ImagePreprocessor();
        setting.set(preprocessor);
        PipelineFaultException e = assertThrows(PipelineFaultException.class, preprocessor::init);
        assertTrue(e.getMessage().contains(message), e.getMessage());
        assertThrows(
                PipelineFaultException.class,
                () -> run(preprocessor, ImageOracle.bytes("png-1x1.png"), tensor -> {}));
    }

    @Test
    void namesThePropertyThatIsWrong() {
        assertWrong("width must be from 1 to 65535, got 0", p -> p.setWidth(0));
        assertWrong("height must be from 1 to 65535, got -5", p -> p.setHeight(-5));
        assertWrong("channels must be 1 or 3, got 4", p -> p.setChannels(4));
        assertWrong("dtype must be a numeric one, got string", p -> p.setDtype(DType.STRING));
        assertWrong("scale must be a finite number", p -> p.setScale(Double.NaN));
        assertWrong("mean must be one number or 3", p -> p.setMean("1, 2"));
        assertWrong("mean must be numbers, got \"x\"", p -> p.setMean("x"));
        assertWrong("std must be other than 0", p -> p.setStd("0"));
        assertWrong("std must be numbers, got \"\"", p -> p.setStd(""));
        assertWrong("maxPixels must be from 1", p -> p.setMaxPixels(0));
        assertWrong(
                "dtype uint8 can't hold",
                p -> {
                    p.setDtype(DType.UINT8);
                    p.setScale(1 / 255.0);
                });
        assertWrong(
                "dtype uint8 can't hold -128",
                p -> {
                    p.setDtype(DType.UINT8);
                    p.setMean("128");
                });
    }

    @Test
    void isSetUpByYaml() throws Exception {
        try (DefaultCamelContext context = new DefaultCamelContext()) {
            Resource yaml =
                    ResourceHelper.fromString(
                            "image.camel.yaml",
                            """
                            - beans:
                                - name: image
                                  type: io.bactrian.preprocess.ImagePreprocessor
                                  properties:
                                    width: 12
                                    height: 10
                                    resampling: bilinear
                                    scale: 0.5
                                    mean: "1, 2.5, 3"
                                    std: 2
                                    channelOrder: BGR
                                    dtype: float64
                                    input: images
                                    maxPixels: 100000
                            - route:
                                id: image
                                from:
                                  uri: direct:image
                                  steps:
                                    - process:
                                        ref: "#image"
                                    - setBody:
                                        simple: "${body}"
                            """);
            PluginHelper.getRoutesLoader(context).loadRoutes(yaml);
            context.start();
            NamedTensors made =
                    context.createProducerTemplate()
                            .requestBody(
                                    "direct:image",
                                    ImageOracle.bytes("png-rgb.png"),
                                    NamedTensors.class);
            assertEquals("tensors{images: float64 [1, 10, 12, 3]}", made.toString());
            made.close();
            assertEquals(
                    "1, 2.5, 3",
                    context.getRegistry()
                            .lookupByNameAndType("image", ImagePreprocessor.class)
                            .getMean());
        }
    }

    @Test
    void stopsARouteWithAWrongPropertyFromStarting() throws Exception {
        try (DefaultCamelContext context = new DefaultCamelContext()) {
            Resource yaml =
                    ResourceHelper.fromString(
                            "image.camel.yaml",
                            """
                            - beans:
                                - name: image
                                  type: io.bactrian.preprocess.ImagePreprocessor
                                  properties: {resampling: cubic}
                            - route:
                                from:
                                  uri: direct:image
                                  steps:
                                    - process: {ref: "#image"}
                            """);
            Exception e =
                    assertThrows(
                            Exception.class,
                            () -> {
                                PluginHelper.getRoutesLoader(context).loadRoutes(yaml);
                                context.start();
                            });
            StringBuilder causes = new StringBuilder();
            for (Throwable cause = e; cause != null; cause = cause.getCause()) {
                causes.append(cause.getMessage()).append('\n');
            }
            assertTrue(
                    causes.toString().contains("must be one of nearest, box"), causes.toString());
        }
    }

    private static ImagePreprocessor uint8(int width, int height) {
        ImagePreprocessor preprocessor = new ImagePreprocessor();
        preprocessor.setWidth(width);
        preprocessor.setHeight(height);
        preprocessor.setDtype(DType.UINT8);
        return preprocessor;
    }

    private static byte[] bytes(TType tensor) {
        ByteBuffer memory = NativeMemory.of(tensor);
        byte[] bytes = new byte[memory.remaining()];
        memory.get(bytes);
        return bytes;
    }
}
