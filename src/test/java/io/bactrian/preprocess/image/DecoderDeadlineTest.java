package io.bactrian.preprocess.image;

import static io.bactrian.preprocess.image.EncodedImages.oracle;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.bactrian.limit.Deadline;
import io.bactrian.limit.DeadlineExceededException;
import java.time.Duration;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Deadlines of the decoders in Java. The work of native decoders is bounded in advance. */
class DecoderDeadlineTest {

    @ParameterizedTest
    @CsvSource({
        "png-rgb.png, PNG",
        "png-rgb-interlaced.png, PNG",
        "gif-still.gif, GIF",
        "bmp-24bit.bmp, BMP",
        "bmp-rle8.bmp, BMP",
        "tiff-none.tiff, TIFF",
        "tiff-tiled.tiff, TIFF",
        "tiff-1bit-group4.tiff, TIFF",
        "tiff-jpeg.tiff, TIFF",
        "jpeg-cmyk.jpg, JPEG"
    })
    void decodingEndsWhenTheDeadlineHasPassed(String file, String format) {
        byte[] bytes = oracle(file);
        EncodedImage image = ImageDecoder.open(bytes, 1_000_000);
        DeadlineExceededException e =
                assertThrows(
                        DeadlineExceededException.class,
                        () -> image.decode(Deadline.after(Duration.ZERO)).close());
        assertEquals("deadline exceeded while decoding the " + format + " image", e.getMessage());
    }
}
