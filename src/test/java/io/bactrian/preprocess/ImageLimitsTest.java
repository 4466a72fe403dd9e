package io.bactrian.preprocess;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import io.bactrian.limit.Deadline;
import io.bactrian.limit.DeadlineExceededException;
import io.bactrian.limit.InsufficientMemoryException;
import io.bactrian.limit.MemoryBudget;
import io.bactrian.limit.OverloadedException;
import io.bactrian.pipeline.PipelineConstants;
import io.bactrian.preprocess.image.EncodedImage;
import io.bactrian.preprocess.image.ImageDecoder;
import io.bactrian.preprocess.image.ImageFit;
import io.bactrian.tensor.BadInputException;
import io.bactrian.tensor.DType;
import io.bactrian.tensor.NamedTensors;
import io.bactrian.testing.Exchanges;
import java.time.Duration;
import org.apache.camel.Exchange;
import org.apache.camel.impl.DefaultCamelContext;
import org.apache.camel.support.DefaultExchange;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What an image may take: memory, reserved before it is taken and given back, and time. */
class ImageLimitsTest {

    /** Of the 224x224 float32 tensor that the preprocessor makes by default. */
    private static final long TENSOR_BYTES = 224 * 224 * 3 * 4;

    private final DefaultCamelContext context = new DefaultCamelContext();
    private long openBefore;

    @BeforeEach
    void count() {
        openBefore = NamedTensors.open();
    }

    @AfterEach
    void nothingIsLeftOpen() {
        context.stop();
        assertTrue(NamedTensors.open() <= openBefore);
    }

    private MemoryBudget budget(long limit) {
        MemoryBudget budget = new MemoryBudget(limit);
        context.getRegistry().bind("memoryBudget", budget);
        return budget;
    }

    private Exchange exchange(byte[] body) {
        Exchange exchange = new DefaultExchange(context);
        exchange.getMessage().setBody(body);
        return exchange;
    }

    @Test
    void theTensorIsReservedUntilTheExchangeIsDone() {
        MemoryBudget budget = budget(100_000_000);
        ImagePreprocessor preprocessor = new ImagePreprocessor();
        Exchange first = exchange(ImageOracle.bytes("jpeg-420.jpg"));
        Exchange second = exchange(ImageOracle.bytes("png-rgb.png"));
        preprocessor.process(first);
        assertEquals(TENSOR_BYTES, budget.reserved());
        preprocessor.process(second);
        assertEquals(2 * TENSOR_BYTES, budget.reserved());
        Exchanges.done(first);
        assertEquals(TENSOR_BYTES, budget.reserved());
        Exchanges.done(second);
        assertEquals(0, budget.reserved());
    }

    @Test
    void everyImageGivesBackWhatItReserved() {
        MemoryBudget budget = budget(1_000_000_000);
        ImagePreprocessor preprocessor = new ImagePreprocessor();
        preprocessor.setExifOrientation(true);
        for (JsonNode image : ImageOracle.images()) {
            String file = image.get("file").asText();
            Exchange exchange = exchange(ImageOracle.bytes(file));
            try {
                preprocessor.process(exchange);
                assertEquals(TENSOR_BYTES, budget.reserved(), file);
            } catch (BadInputException refused) {
                assertEquals(0, budget.reserved(), file);
            }
            Exchanges.done(exchange);
            assertEquals(0, budget.reserved(), file);
        }
    }

    /** Before it is decoded: the file has a header and nothing that could be. */
    @Test
    void anImageThatCanNeverFitIsRefusedByItsHeader() {
        MemoryBudget budget = budget(50_000_000);
        ImagePreprocessor preprocessor = new ImagePreprocessor();
        preprocessor.setMaxPixels(ImageDecoder.MAX_PIXELS);
        byte[] jpeg = ImageOracle.bytes("jpeg-large.jpg").clone();
        // 65535 rows by the frame header
        int frame = new String(jpeg, java.nio.charset.StandardCharsets.ISO_8859_1).indexOf("ÿÀ");
        jpeg[frame + 5] = (byte) 0xFF;
        jpeg[frame + 6] = (byte) 0xFF;
        InsufficientMemoryException e =
                assertThrows(
                        InsufficientMemoryException.class,
                        () -> preprocessor.process(exchange(jpeg)));
        assertTrue(
                e.getMessage()
                        .matches(
                                "decoding the JPEG image of 1600x65535 pixels takes 32\\d{7} bytes of"
                                        + " memory, more than the 50000000 bytes .*"),
                e.getMessage());
        assertEquals(0, budget.reserved());
    }

    @Test
    void anImageThatDoesNotFitNowIsRefusedAndFitsLater() {
        MemoryBudget budget = budget(50_000_000);
        ImagePreprocessor preprocessor = new ImagePreprocessor();
        byte[] jpeg = ImageOracle.bytes("jpeg-large.jpg");
        try (MemoryBudget.Reservation others = budget.reserve("others", 49_000_000)) {
            OverloadedException e =
                    assertThrows(
                            OverloadedException.class, () -> preprocessor.process(exchange(jpeg)));
            assertTrue(
                    e.getMessage()
                            .contains("now: decoding the JPEG image of 1600x1200 pixels takes "),
                    e.getMessage());
            assertEquals(others.bytes(), budget.reserved());
        }
        Exchange exchange = exchange(jpeg);
        preprocessor.process(exchange);
        Exchanges.done(exchange);
        assertEquals(0, budget.reserved());
    }

    @Test
    void whatFailsAfterItsHeaderGivesBackWhatItReserved() {
        MemoryBudget budget = budget(1_000_000_000);
        ImagePreprocessor preprocessor = new ImagePreprocessor();
        for (String file :
                new String[] {"png-bad-crc.png", "png-bad-data.png", "gif-truncated.gif"}) {
            assertThrows(
                    BadInputException.class,
                    () -> preprocessor.process(exchange(ImageOracle.bytes(file))),
                    file);
            assertEquals(0, budget.reserved(), file);
        }
    }

    /** At least what the result alone takes, and not so much that it means nothing. */
    @Test
    void whatDecodingTakesIsInProportionToTheImage() {
        for (JsonNode image : ImageOracle.images()) {
            String name = image.get("file").asText();
            if (!image.get("decodable").asBoolean()
                    || ImageOracle.STRICTER.contains(name)
                    || name.equals("webp-many-groups.webp")) {
                continue;
            }
            byte[] bytes = ImageOracle.bytes(name);
            EncodedImage file = ImageDecoder.open(bytes, 10_000_000);
            long pixels = (long) file.width() * file.height();
            long least = name.startsWith("jpeg-gray") ? pixels + bytes.length : pixels;
            long most = 100_000 + 16 * pixels + 4 * bytes.length + 1_000 * file.width();
            assertTrue(file.decodingBytes(false) >= least, name);
            assertTrue(file.decodingBytes(false) <= most, name + ": " + file.decodingBytes(false));
        }
    }

    /** A progressive JPEG is decoded from the coefficients of the whole image. */
    @Test
    void aProgressiveJpegTakesItsCoefficientsToo() {
        long baseline = decodingBytes("jpeg-420.jpg");
        long progressive = decodingBytes("jpeg-progressive.jpg");
        // 4:2:0: one and a half blocks of 64 two-byte coefficients for each 64 pixels
        long coefficients = 96 * 80 * 3;
        assertEquals(coefficients, progressive - baseline, 3_000);
        // They are freed before the RGB copy of three bytes a pixel is made.
        assertTrue(
                decodingBytes("jpeg-cmyk-progressive.jpg")
                        > decodingBytes("jpeg-cmyk.jpg") + 96 * 72 * (4 * 2 - 3) - 6_000);
    }

    private static long decodingBytes(String file) {
        return ImageDecoder.open(ImageOracle.bytes(file), 10_000_000).decodingBytes(false);
    }

    @Test
    void anImageThatMakesATooLargeTensorIsRefused() {
        ImagePreprocessor preprocessor = new ImagePreprocessor();
        preprocessor.setFit(ImageFit.NONE);
        preprocessor.setDtype(DType.FLOAT64);
        preprocessor.setMaxPixels(ImageDecoder.MAX_PIXELS);
        BadInputException e =
                assertThrows(
                        BadInputException.class,
                        () ->
                                preprocessor.process(
                                        exchange(ImageOracle.bytes("png-bomb-30000x30000.png"))));
        assertTrue(e.getMessage().startsWith("the PNG image is 30000x30000"), e.getMessage());
        preprocessor.setMaxPixels(100_000_000);
        byte[] gif = ImageOracle.bytes("gif-still.gif").clone();
        // a canvas of 9984x9984 around the frame
        gif[7] = gif[9] = 39;
        gif[6] = gif[8] = 0;
        BadInputException large =
                assertThrows(BadInputException.class, () -> preprocessor.process(exchange(gif)));
        assertEquals(
                "the GIF image of 9984x9984 pixels makes a tensor of 2392326144 bytes: 2 GiB is the"
                        + " limit",
                large.getMessage());
    }

    @Test
    void aPassedDeadlineEndsIt() {
        MemoryBudget budget = budget(1_000_000_000);
        ImagePreprocessor preprocessor = new ImagePreprocessor();
        for (JsonNode image : ImageOracle.images()) {
            String file = image.get("file").asText();
            Exchange exchange = exchange(ImageOracle.bytes(file));
            exchange.setProperty(PipelineConstants.DEADLINE, Deadline.after(Duration.ZERO));
            RuntimeException e =
                    assertThrows(RuntimeException.class, () -> preprocessor.process(exchange));
            assertTrue(
                    e instanceof BadInputException
                            || e instanceof DeadlineExceededException
                                    && e.getMessage()
                                            .startsWith("deadline exceeded while decoding"),
                    file + ": " + e);
            assertEquals(0, budget.reserved(), file);
        }
    }

    /** Enlarging takes far longer than the deadline, whenever it is found to have passed. */
    @Test
    void aDeadlineThatPassesMeanwhileEndsIt() {
        MemoryBudget budget = budget(1_000_000_000);
        ImagePreprocessor preprocessor = new ImagePreprocessor();
        preprocessor.setWidth(6_000);
        preprocessor.setHeight(6_000);
        preprocessor.setDtype(DType.UINT8);
        Exchange exchange = exchange(ImageOracle.bytes("png-rgb.png"));
        exchange.setProperty(PipelineConstants.DEADLINE, Deadline.after(Duration.ofMillis(1)));
        assertThrows(DeadlineExceededException.class, () -> preprocessor.process(exchange));
        assertEquals(0, budget.reserved());
        Exchanges.done(exchange);
        assertEquals(0, budget.reserved());
    }
}
