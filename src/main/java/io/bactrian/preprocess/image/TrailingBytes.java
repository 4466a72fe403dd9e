package io.bactrian.preprocess.image;

import io.bactrian.tensor.BadInputException;
import java.util.Arrays;

/**
 * What follows after the end of an image. Padding and what cameras append (videos, thumbnails,
 * diagnostics) is skipped, as Pillow does. A second whole image is refused unless the first
 * announces it: whoever sends two would take the first one's answer for both.
 */
final class TrailingBytes {

    private TrailingBytes() {}

    /**
     * @param end where the first byte after the image is, or -1 if that is not known
     * @throws BadInputException if another image follows
     */
    static void check(EncodedImage file, byte[] bytes, int end) {
        if (end < 0) {
            return;
        }
        int at = end;
        while (at < bytes.length && isPadding(bytes, at)) {
            at++;
        }
        ImageFormat next = ImageFormat.signature(bytes, at);
        if (next == null || file.announcesMoreImages() || !isWhole(next, bytes, at)) {
            return;
        }
        throw new BadInputException(
                "the body holds more than one image: after a "
                        + file.format()
                        + " of "
                        + end
                        + " bytes comes a "
                        + next
                        + ": send one image a request");
    }

    /** Fill bytes, line ends, and the ampersand that curl puts between two files. */
    private static boolean isPadding(byte[] bytes, int at) {
        return switch (bytes[at]) {
            case 0, ' ', '\t', '\r', '\n', '&' -> true;
            // but for the first byte of a JPEG
            case (byte) 0xFF -> at + 1 == bytes.length || bytes[at + 1] != (byte) 0xD8;
            default -> false;
        };
    }

    /** Whether it is more than a few bytes that look like an image's first. */
    private static boolean isWhole(ImageFormat format, byte[] bytes, int at) {
        try {
            format.open(Arrays.copyOfRange(bytes, at, bytes.length)).endOfImage();
            return true;
        } catch (BadInputException e) {
            return false;
        }
    }
}
