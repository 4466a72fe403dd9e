package io.bactrian.preprocess;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.bactrian.limit.MemoryBudget;
import io.bactrian.pipeline.ExchangeMemory;
import io.bactrian.pipeline.ExchangeTensors;
import io.bactrian.pipeline.ImageGeometry;
import io.bactrian.pipeline.ItemErrors;
import io.bactrian.pipeline.PipelineFaultException;
import io.bactrian.pipeline.RejectedItems;
import io.bactrian.preprocess.image.ImageFit;
import io.bactrian.preprocess.image.ImageLibrary;
import io.bactrian.preprocess.image.PadPosition;
import io.bactrian.preprocess.image.Resampling;
import io.bactrian.preprocess.image.SizeRounding;
import io.bactrian.tensor.BadInputException;
import io.bactrian.tensor.DType;
import io.bactrian.tensor.NamedTensors;
import io.bactrian.tensor.NativeMemory;
import io.bactrian.testing.Exchanges;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.FloatBuffer;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import javax.imageio.ImageIO;
import org.apache.camel.Exchange;
import org.apache.camel.impl.DefaultCamelContext;
import org.apache.camel.support.DefaultExchange;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.types.family.TType;

/** Images of one pixel, and of one row or column, by each way to resize them. */
class ImageExtremesTest {

    private static final int GRAY = 200;

    private final long open = NamedTensors.open();
    private final DefaultCamelContext context = new DefaultCamelContext();
    private final MemoryBudget budget = new MemoryBudget(300_000_000);
    private final ImagePreprocessor preprocessor = new ImagePreprocessor();

    ImageExtremesTest() {
        context.getRegistry().bind(ExchangeMemory.BUDGET, budget);
        preprocessor.setWidth(8);
        preprocessor.setHeight(6);
        preprocessor.setDtype(DType.FLOAT32);
        preprocessor.setScale(1.0);
        preprocessor.setPadColor("" + GRAY);
    }

    @AfterEach
    void nothingIsLeftOpen() {
        context.stop();
        assertEquals(open, NamedTensors.open());
        assertEquals(0, budget.reserved());
    }

    private static byte[] gray(int width, int height) throws IOException {
        BufferedImage image = new BufferedImage(width, height, BufferedImage.TYPE_BYTE_GRAY);
        for (int y = 0; y < height; y++) {
            for (int x = 0; x < width; x++) {
                image.getRaster().setSample(x, y, 0, GRAY);
            }
        }
        ByteArrayOutputStream png = new ByteArrayOutputStream();
        ImageIO.write(image, "png", png);
        return png.toByteArray();
    }

    private Exchange exchange(Object body) {
        Exchange exchange = new DefaultExchange(context);
        exchange.getMessage().setBody(body);
        return exchange;
    }

    private static List<Resampling> filters(ImageLibrary library) {
        return Arrays.stream(Resampling.values()).filter(library::has).toList();
    }

    /** A gray image on gray is gray, whatever becomes of its sides. */
    @ParameterizedTest
    @CsvSource({"1,1", "2,1", "1,2", "60000,1", "1,60000", "65535,2", "7,6"})
    void grayStaysGray(int width, int height) throws IOException {
        byte[] image = gray(width, height);
        for (ImageFit fit : List.of(ImageFit.STRETCH, ImageFit.PAD, ImageFit.CROP)) {
            for (ImageLibrary library : ImageLibrary.values()) {
                for (Resampling filter : filters(library)) {
                    preprocessor.setPadColor(fit == ImageFit.PAD ? "" + GRAY : "0");
                    preprocessor.setFit(fit);
                    preprocessor.setLibrary(library);
                    preprocessor.setResampling(filter);
                    check(image, fit + " " + library + " " + filter);
                }
            }
        }
    }

    private void check(byte[] image, String what) {
        preprocessor.stop();
        Exchange exchange = exchange(image);
        preprocessor.process(exchange);
        ImageGeometry geometry = ImageGeometry.of(exchange).get(0);
        assertTrue(geometry.scaleX() > 0 && geometry.scaleY() > 0, () -> what + geometry);
        try (NamedTensors.Reference tensors = ExchangeTensors.read(exchange)) {
            TType tensor = tensors.select(null);
            assertEquals(Shape.of(1, 6, 8, 3), tensor.shape(), what);
            FloatBuffer pixels = NativeMemory.of(tensor).asFloatBuffer();
            while (pixels.hasRemaining()) {
                // As the sum of 7500 floats in TensorFlow is.
                assertEquals(GRAY, pixels.get(), 0.1, what);
            }
        }
        Exchanges.done(exchange);
    }

    /** A file of some hundred bytes would be 15 million columns before they are cut off. */
    @Test
    void lineWhoseShorterSideIsResizedIsRefused() throws IOException {
        preprocessor.setPadColor("0");
        preprocessor.setFit(ImageFit.CROP);
        preprocessor.setShortestSide(256);
        byte[] line = gray(60000, 1);
        String message =
                "60000x1 pixels are 15360000x256 once the shorter side is resized: a side may have"
                        + " 65535 at most";
        assertEquals(
                message,
                assertThrows(BadInputException.class, () -> preprocessor.process(exchange(line)))
                        .getMessage());
        preprocessor.stop();
        preprocessor.setItemErrors(ItemErrors.ANSWER);
        Exchange exchange = exchange(List.of(base64(line), base64(gray(9, 7))));
        preprocessor.process(exchange);
        assertEquals(
                List.of(Map.of("error", "body[0]: " + message), "a"),
                RejectedItems.of(exchange).complete(List.of("a")));
        Exchanges.done(exchange);
    }

    private static String base64(byte[] bytes) {
        return Base64.getEncoder().encodeToString(bytes);
    }

    /** What has no effect is a mistake. */
    @Test
    void paddingWithoutPadIsRefusedAtStart() {
        assertEquals("padColor is 200, but fit is stretch: set it to pad", fault());
        preprocessor.setPadColor("0");
        preprocessor.setPadPosition(PadPosition.TOP_LEFT);
        assertEquals("padPosition is top_left, but fit is stretch: set it to pad", fault());
        preprocessor.setPadPosition(PadPosition.CENTER);
        preprocessor.setSizeRounding(SizeRounding.NEAREST);
        assertEquals(
                "sizeRounding is nearest, but fit is stretch: set it to pad or inside", fault());
    }

    private String fault() {
        String message =
                assertThrows(PipelineFaultException.class, () -> preprocessor.process(exchange("")))
                        .getMessage();
        return message.substring(message.indexOf(": ") + 2);
    }
}
