package io.bactrian.preprocess.image;

import io.bactrian.tensor.BadInputException;
import java.util.Arrays;

/**
 * Checks the bytes after the end of an image. As in Pillow, padding and data that cameras append
 * (videos, thumbnails, diagnostics) are ignored. A second image is refused unless the first one
 * announces it, since a client that sends two would take the answer to be about both.
 */
final class TrailingBytes {

    private TrailingBytes() {}

    /**
     * Checks that no second image follows.
     *
     * @param end the offset of the first byte after the image, or -1 if it is unknown
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
        if (next == null || file.announcesMoreImages() || !isImage(next, bytes, at)) {
            return;
        }
        throw new BadInputException(
                "the body holds more than one image: after a "
                        + file.format()
                        + " of "
                        + end
                        + " bytes comes a "
                        + next
                        + ": send one image per request");
    }

    /** {@return whether a byte is a fill byte, white space, or curl's separator of two files} */
    private static boolean isPadding(byte[] bytes, int at) {
        return switch (bytes[at]) {
            case 0, ' ', '\t', '\r', '\n', '&' -> true;
            // unless it starts a JPEG
            case (byte) 0xFF -> at + 1 == bytes.length || bytes[at + 1] != (byte) 0xD8;
            default -> false;
        };
    }

    /** {@return whether an image can be read here, and not only its signature} */
    private static boolean isImage(ImageFormat format, byte[] bytes, int at) {
        try {
            format.open(Arrays.copyOfRange(bytes, at, bytes.length)).endOfImage();
            return true;
        } catch (BadInputException e) {
            return false;
        }
    }
}
