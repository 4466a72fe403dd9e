package io.bactrian.preprocess.picture;

import io.bactrian.tensor.BadInputException;
import java.nio.ByteOrder;
import java.nio.ShortBuffer;
import java.util.zip.CRC32;
import java.util.zip.DataFormatException;
import java.util.zip.Inflater;
import org.tensorflow.exceptions.TFInvalidArgumentException;

/**
 * PNG by libpng. As in Pillow alpha and transparency are dropped, 16-bit colour keeps its high
 * byte, and 16-bit grey is cut off at 255 rather than scaled (Pillow 12, src/libImaging/Convert.c).
 */
final class PngFile extends PictureFile {

    private static final int SIGNATURE_BYTES = 8;

    /** Of a chunk but for its data: length, type, checksum. */
    private static final int CHUNK_BYTES = 12;

    /** Pillow's MAX_TEXT_CHUNK and MAX_TEXT_MEMORY: what compressed text may inflate to. */
    private static final int MAX_TEXT_BYTES = 1 << 20;

    private static final int MAX_ALL_TEXT_BYTES = 64 << 20;

    private static final int GREY = 0;
    private static final int GREY_ALPHA = 4;

    private final int bits;
    private final int colourType;
    private final ByteReader in;

    PngFile(byte[] bytes) {
        super(PictureFormat.PNG, bytes);
        in = new ByteReader(bytes, format(), true);
        in.check(SIGNATURE_BYTES, CHUNK_BYTES + 13);
        if (!in.has(SIGNATURE_BYTES + 4, "IHDR")) {
            throw format().corrupt("it does not start with a header");
        }
        int header = SIGNATURE_BYTES + 8;
        size(in.u32(header), in.u32(header + 4));
        bits = in.u8(header + 8);
        colourType = in.u8(header + 9);
        checkChunks();
    }

    /** Checks what comes before the pixels, and finds the orientation. */
    private void checkChunks() {
        boolean pixels = false;
        long at = SIGNATURE_BYTES;
        while (at < in.length()) {
            if (pixels && in.length() - at < CHUNK_BYTES) {
                break;
            }
            long length = in.u32(at);
            in.check(at, length + CHUNK_BYTES);
            int data = (int) at + 8;
            pixels |= in.has(at + 4, "IDAT");
            if (!pixels) {
                checkSum(data, (int) length);
            }
            if (in.has(at + 4, "eXIf")) {
                orientation = Exif.orientation(bytes, data, data + (int) length);
            } else if (in.has(at + 4, "IEND")) {
                break;
            }
            at += length + CHUNK_BYTES;
        }
        if (!pixels) {
            throw format().truncated();
        }
    }

    private void checkSum(int data, int length) {
        CRC32 sum = new CRC32();
        sum.update(bytes, data - 4, length + 4);
        if (sum.getValue() != in.u32(data + length)) {
            throw format().corrupt("a chunk's checksum is wrong");
        }
    }

    @Override
    Picture decode() {
        checkText();
        boolean grey = colourType == GREY || colourType == GREY_ALPHA;
        try {
            if (colourType == GREY && bits == 16) {
                return grey16();
            }
            return NativeDecoder.decode(
                            grey ? NativeDecoder.Codec.PNG_GREY : NativeDecoder.Codec.PNG_RGB,
                            bytes)
                    .asPicture();
        } catch (TFInvalidArgumentException e) {
            throw whyNot();
        }
    }

    private Picture grey16() {
        try (NativeDecoder.Pixels decoded =
                NativeDecoder.decode(NativeDecoder.Codec.PNG_GREY_16, bytes)) {
            ShortBuffer samples = decoded.memory().order(ByteOrder.nativeOrder()).asShortBuffer();
            byte[] pixels = new byte[samples.remaining()];
            for (int i = 0; i < pixels.length; i++) {
                pixels[i] = (byte) Math.min(samples.get(i) & 0xFFFF, 255);
            }
            return new PixelPicture(decoded.width(), decoded.height(), 1, pixels);
        }
    }

    /** Says what libpng found wrong: it only says that something was. */
    private BadInputException whyNot() {
        boolean ended = false;
        for (long at = SIGNATURE_BYTES; at + CHUNK_BYTES <= in.length() && !ended; ) {
            int length = in.i32(at);
            checkSum((int) at + 8, length);
            ended = in.has(at + 4, "IEND");
            at += length + CHUNK_BYTES;
        }
        return ended ? format().corrupt() : format().truncated();
    }

    /** Refuses text that inflates to more than Pillow takes, before libpng inflates it. */
    private void checkText() {
        long all = 0;
        for (long at = SIGNATURE_BYTES; at + CHUNK_BYTES <= in.length(); ) {
            int length = in.i32(at);
            int data = (int) at + 8;
            int end = data + length;
            if (in.has(at + 4, "zTXt") || in.has(at + 4, "iCCP")) {
                // keyword, 0, method
                int text = afterZero(data, end) + 1;
                all += inflated(text, end);
            } else if (in.has(at + 4, "iTXt")) {
                // keyword, 0, compressed or not, method, language, 0, translated keyword, 0
                int flag = afterZero(data, end);
                if (flag < end && bytes[flag] != 0) {
                    all += inflated(afterZero(afterZero(flag + 2, end), end), end);
                }
            }
            if (all > MAX_ALL_TEXT_BYTES) {
                throw format().corrupt(
                                "its texts are larger than " + MAX_ALL_TEXT_BYTES + " bytes");
            }
            at += length + CHUNK_BYTES;
        }
    }

    private int afterZero(int from, int end) {
        int at = from;
        while (at < end && bytes[at] != 0) {
            at++;
        }
        return Math.min(at + 1, end);
    }

    private int inflated(int from, int end) {
        if (from >= end) {
            return 0;
        }
        Inflater inflater = new Inflater();
        try {
            inflater.setInput(bytes, from, end - from);
            byte[] sink = new byte[8192];
            int total = 0;
            int count;
            while ((count = inflater.inflate(sink)) > 0) {
                total += count;
                if (total > MAX_TEXT_BYTES) {
                    throw format().corrupt(
                                    "a text in it is larger than " + MAX_TEXT_BYTES + " bytes");
                }
            }
            return total;
        } catch (DataFormatException e) {
            return 0;
        } finally {
            inflater.end();
        }
    }
}
