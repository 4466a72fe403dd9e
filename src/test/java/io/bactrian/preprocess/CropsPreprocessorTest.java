package io.bactrian.preprocess;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.bactrian.limit.MemoryBudget;
import io.bactrian.pipeline.ExchangeMemory;
import io.bactrian.pipeline.ExchangeTensors;
import io.bactrian.pipeline.ImageGeometry;
import io.bactrian.pipeline.PipelineFaultException;
import io.bactrian.pipeline.RequestItems;
import io.bactrian.preprocess.image.ImageFit;
import io.bactrian.tensor.BadInputException;
import io.bactrian.tensor.DType;
import io.bactrian.tensor.NamedTensors;
import io.bactrian.tensor.NativeMemory;
import io.bactrian.testing.Exchanges;
import java.awt.image.BufferedImage;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Base64;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import javax.imageio.ImageIO;
import org.apache.camel.Exchange;
import org.apache.camel.impl.DefaultCamelContext;
import org.apache.camel.support.DefaultExchange;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.tensorflow.types.family.TType;

class CropsPreprocessorTest {

    /** An image of 96x72 pixels. */
    private static final byte[] IMAGE = ImageOracle.bytes("png-rgb.png");

    private final long open = NamedTensors.open();
    private final DefaultCamelContext context = new DefaultCamelContext();
    private final MemoryBudget budget = new MemoryBudget(100_000_000);
    private final ImagePreprocessor first = new ImagePreprocessor();
    private final CropsPreprocessor crops = new CropsPreprocessor();

    CropsPreprocessorTest() {
        context.getRegistry().bind(ExchangeMemory.BUDGET, budget);
        first.setKeepImages(true);
        set(crops);
    }

    private static void set(PixelsPreprocessor pixels) {
        pixels.setWidth(8);
        pixels.setHeight(6);
        pixels.setDtype(DType.UINT8);
    }

    @AfterEach
    void nothingIsLeftOpen() {
        context.stop();
        assertEquals(open, NamedTensors.open());
        assertEquals(0, budget.reserved());
    }

    private static Map<String, Object> box(Object... edges) {
        return Map.of(
                "xmin", edges[0], "ymin", edges[1], "xmax", edges[2], "ymax", edges[3], "class", 1);
    }

    private Exchange detected(Object image, Object detections) {
        Exchange exchange = new DefaultExchange(context);
        exchange.getMessage().setBody(image);
        first.process(exchange);
        exchange.getMessage().setBody(detections);
        return exchange;
    }

    private static byte[] pixels(Exchange exchange) {
        try (NamedTensors.Reference tensors = ExchangeTensors.read(exchange)) {
            TType tensor = tensors.select(null);
            ByteBuffer memory = NativeMemory.of(tensor);
            byte[] bytes = new byte[memory.remaining()];
            memory.get(bytes);
            return bytes;
        }
    }

    /** The pixels of a part that another program has cut out. */
    private byte[] alone(int x, int y, int width, int height) throws IOException {
        BufferedImage image = ImageIO.read(new ByteArrayInputStream(IMAGE));
        ByteArrayOutputStream png = new ByteArrayOutputStream();
        ImageIO.write(image.getSubimage(x, y, width, height), "png", png);
        ImagePreprocessor preprocessor = new ImagePreprocessor();
        set(preprocessor);
        preprocessor.setRotateTall(crops.isRotateTall());
        Exchange exchange = new DefaultExchange(context);
        exchange.getMessage().setBody(png.toByteArray());
        preprocessor.process(exchange);
        byte[] pixels = pixels(exchange);
        Exchanges.done(exchange);
        return pixels;
    }

    private static byte[] joined(byte[]... parts) {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        for (byte[] part : parts) {
            all.writeBytes(part);
        }
        return all.toByteArray();
    }

    @Test
    void cropsAreResizedAsImagesOfTheirOwn() throws IOException {
        for (boolean rotated : new boolean[] {false, true}) {
            crops.stop();
            crops.setRotateTall(rotated);
            List<Object> detections =
                    List.of(
                            box(10, 20, 50, 60),
                            box(30.9f, 5.9f, 42.9f, 70.9f),
                            box(-7.5, -3, 9, 200),
                            box(90, 70, 1000, 1000),
                            box(0, 0, 96, 72));
            Exchange exchange = detected(IMAGE, detections);
            crops.process(exchange);
            byte[] expected =
                    joined(
                            alone(10, 20, 40, 40),
                            alone(30, 5, 12, 65),
                            alone(0, 0, 9, 72),
                            alone(90, 70, 6, 2),
                            alone(0, 0, 96, 72));
            assertArrayEquals(expected, pixels(exchange));
            assertTrue(RequestItems.isList(exchange));
            assertEquals(detections, exchange.getProperty("CamelPipelineRequest"));
            Exchanges.done(exchange);
        }
    }

    /** Boxes with no pixel inside get the nearest one. */
    @Test
    void emptyBoxIsOnePixel() throws IOException {
        Exchange exchange =
                detected(
                        IMAGE,
                        List.of(
                                box(10, 20, 10, 20),
                                box(50, 60, 40, 10),
                                box(500, 20, 600, 30),
                                box(-9, -9, -3, -3)));
        crops.process(exchange);
        assertArrayEquals(
                joined(
                        alone(10, 20, 1, 1),
                        alone(50, 60, 1, 1),
                        alone(95, 20, 1, 10),
                        alone(0, 0, 1, 1)),
                pixels(exchange));
        Exchanges.done(exchange);
    }

    @Test
    void geometryLeadsBackToTheWholeImage() {
        Exchange exchange = detected(IMAGE, List.of(box(10, 20, 50, 60)));
        crops.process(exchange);
        ImageGeometry geometry = ImageGeometry.of(exchange).get(0);
        assertEquals(96, geometry.originalWidth());
        assertEquals(72, geometry.originalHeight());
        assertEquals(10, geometry.originalX(0), 1e-9);
        assertEquals(50, geometry.originalX(8), 1e-9);
        assertEquals(20, geometry.originalY(0), 1e-9);
        assertEquals(60, geometry.originalY(6), 1e-9);
        Exchanges.done(exchange);
    }

    @Test
    void fieldsOfTheBoxesAreNamed() throws IOException {
        crops.setBoxFields("x1, y1, x2, y2");
        Exchange exchange =
                detected(IMAGE, List.of(Map.of("x1", 10L, "y1", 20L, "x2", 50L, "y2", 60L)));
        crops.process(exchange);
        assertArrayEquals(alone(10, 20, 40, 40), pixels(exchange));
        Exchanges.done(exchange);
    }

    private String fault(Object image, Object detections) {
        Exchange exchange = detected(image, detections);
        try {
            return assertThrows(PipelineFaultException.class, () -> crops.process(exchange))
                    .getMessage()
                    .replaceFirst("^CropsPreprocessor: ", "");
        } finally {
            Exchanges.done(exchange);
        }
    }

    @Test
    void mistakesOfTheRouteAreNamed() {
        assertEquals(
                "expected a list of detections, got an object: set field: \"\" on the postprocessor of"
                        + " the boxes",
                fault(IMAGE, Map.of("predictions", List.of())));
        assertEquals(
                "there are no detections: put this step and those of its model into a filter, simple:"
                        + " \"${body.size} > 0\"",
                fault(IMAGE, List.of()));
        String noEdge =
                "detection 1 has no ymin in pixels of the image: set boxFields, or answerCoordinates:"
                        + " original on the postprocessor of the boxes";
        assertEquals(noEdge, fault(IMAGE, List.of(box(1, 2, 3, 4), Map.of("xmin", 3))));
        assertEquals(noEdge, fault(IMAGE, List.of(box(1, 2, 3, 4), box(1, Double.NaN, 3, 4))));
        assertEquals(noEdge, fault(IMAGE, List.of(box(1, 2, 3, 4), box(1, 1e30, 3, 4))));
        crops.setMaxCrops(1);
        assertEquals(
                "there are 2 detections, the most are 1: set maxCrops, or limit on the postprocessor"
                        + " of the boxes",
                fault(IMAGE, List.of(box(1, 2, 3, 4), box(1, 2, 3, 4))));
        first.setKeepImages(false);
        assertEquals(
                "no step before kept the image: set keepImages: true on the ImagePreprocessor before"
                        + " the detector",
                fault(IMAGE, List.of(box(1, 2, 3, 4))));
        crops.stop();
        crops.setFit(ImageFit.NONE);
        assertEquals(
                "fit is none, but all crops must have one size: set another",
                fault(IMAGE, List.of(box(1, 2, 3, 4))));
    }

    @Test
    void listOfImagesIsRefused() {
        String base64 = Base64.getEncoder().encodeToString(IMAGE);
        Exchange exchange = detected(List.of(base64), List.of(box(1, 2, 3, 4)));
        assertEquals(
                "the request must be one image, not a list, since boxes are cut out of it",
                assertThrows(BadInputException.class, () -> crops.process(exchange)).getMessage());
        Exchanges.done(exchange);
    }

    @Test
    void memoryOfAllCropsIsReserved() {
        crops.setMaxCrops(1_000_000);
        crops.setDtype(DType.FLOAT64);
        crops.setWidth(500);
        crops.setHeight(500);
        Exchange exchange = detected(IMAGE, Collections.nCopies(20, box(1, 2, 30, 40)));
        String message =
                assertThrows(RuntimeException.class, () -> crops.process(exchange)).getMessage();
        assertTrue(
                message.startsWith(
                        "cutting 20 boxes out of the PNG image of 96x72 pixels takes 12"),
                message);
        Exchanges.done(exchange);
    }
}
