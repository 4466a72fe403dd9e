package io.bactrian.preprocess.image;

import io.bactrian.fuzz.NativeLeaks;
import io.bactrian.limit.Deadline;
import io.bactrian.tensor.BadInputException;

/** Any bytes are an image or are refused, in bounded time. */
public final class ImageFuzzer {

    /** Few, so that most of the time goes to files that differ, and not to pixels. */
    private static final long MAX_PIXELS = 250_000;

    private static final NativeLeaks LEAKS = new NativeLeaks();

    private ImageFuzzer() {}

    public static void fuzzerTestOneInput(byte[] bytes) {
        try (DecodedImage image =
                ImageDecoder.decode(ImageDecoder.open(bytes, MAX_PIXELS), true, Deadline.none())) {
            if ((long) image.width() * image.height() > MAX_PIXELS) {
                throw new IllegalStateException("larger than its header said");
            }
            GrayscaleImage.of(image).close();
        } catch (BadInputException e) {
            // Refused.
        }
        LEAKS.check();
    }
}
