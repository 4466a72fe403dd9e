package io.bactrian.preprocess.image;

import io.bactrian.limit.Deadline;
import java.util.zip.CRC32;

/**
 * A PNG image. As in Pillow, alpha and transparency are dropped, 16-bit color keeps its high byte,
 * and 16-bit gray is clipped to 255 rather than scaled (Pillow 12, src/libImaging/Convert.c).
 *
 * <p>The constructor locates the chunks and checks those that decoding needs; {@link PngPixels}
 * decodes the IDAT chunks.
 */
final class PngFile extends EncodedImage {

    static final int GRAY = 0;
    static final int RGB = 2;
    static final int PALETTE = 3;
    static final int GRAY_ALPHA = 4;
    static final int RGB_ALPHA = 6;

    private static final int SIGNATURE_BYTES = 8;
    private static final int HEADER_BYTES = 13;

    /** The bytes of a chunk besides its data: length, type and checksum. */
    private static final int CHUNK_OVERHEAD_BYTES = 12;

    private final ByteReader in;
    private final CRC32 crc = new CRC32();
    private final int bits;
    private final int colorType;
    private final boolean interlaced;
    private int paletteOffset = -1;
    private int paletteBytes;

    /** The range of the first consecutive IDAT chunks. */
    private int pixelsOffset = -1;

    private int pixelsEnd = -1;
    private int end = -1;

    PngFile(byte[] bytes) {
        super(ImageFormat.PNG, bytes);
        in = new ByteReader(bytes, format(), true);
        in.check(SIGNATURE_BYTES, CHUNK_OVERHEAD_BYTES + HEADER_BYTES);
        if (!in.has(SIGNATURE_BYTES + 4, "IHDR") || in.u32(SIGNATURE_BYTES) != HEADER_BYTES) {
            throw format().corrupt("it does not start with a header");
        }
        int header = SIGNATURE_BYTES + 8;
        verifyChecksum(header, HEADER_BYTES);
        setSize(in.u32(header), in.u32(header + 4));
        bits = in.u8(header + 8);
        colorType = in.u8(header + 9);
        interlaced = in.u8(header + 12) == 1;
        if (!isAllowed(colorType, bits)
                || in.u8(header + 10) != 0
                || in.u8(header + 11) != 0
                || in.u8(header + 12) > 1) {
            throw format().corrupt("its header has values that PNG does not define");
        }
        readChunks();
        if (pixelsOffset < 0 || end < 0) {
            throw format().truncated();
        }
        if (colorType == PALETTE && (paletteOffset < 0 || paletteBytes % 3 != 0)) {
            throw format().corrupt("it has no palette");
        }
    }

    /** {@return whether PNG allows this number of bits per sample for the color type} */
    private static boolean isAllowed(int colorType, int bits) {
        return switch (colorType) {
            case GRAY -> bits == 1 || bits == 2 || bits == 4 || bits == 8 || bits == 16;
            case PALETTE -> bits == 1 || bits == 2 || bits == 4 || bits == 8;
            case RGB, GRAY_ALPHA, RGB_ALPHA -> bits == 8 || bits == 16;
            default -> false;
        };
    }

    /** Locates the chunks, up to IEND. */
    private void readChunks() {
        try (PngText texts = new PngText(bytes)) {
            readChunks(texts);
        }
    }

    private void readChunks(PngText texts) {
        boolean oriented = false;
        long at = SIGNATURE_BYTES + CHUNK_OVERHEAD_BYTES + HEADER_BYTES;
        while (end < 0 && at < in.length()) {
            int chunk = (int) at;
            long length = in.u32(at);
            in.check(at, length + CHUNK_OVERHEAD_BYTES);
            int data = chunk + 8;
            int dataEnd = data + (int) length;
            at += length + CHUNK_OVERHEAD_BYTES;
            if (in.has(chunk + 4, "IDAT")) {
                pixelsOffset = pixelsOffset < 0 ? chunk : pixelsOffset;
                continue;
            }
            if (pixelsOffset < 0) {
                verifyChecksum(data, (int) length);
            } else if (pixelsEnd < 0) {
                pixelsEnd = chunk;
            }
            if (in.has(chunk + 4, "IEND")) {
                end = (int) at;
            } else if (in.has(chunk + 4, "PLTE") && pixelsOffset < 0) {
                paletteOffset = data;
                paletteBytes = (int) length;
            } else if (in.has(chunk + 4, "eXIf")) {
                orientation = oriented ? orientation : Exif.orientation(bytes, data, dataEnd);
                oriented = true;
            } else if (in.has(chunk + 4, "zTXt") || in.has(chunk + 4, "iCCP")) {
                texts.checkCompressed(data, dataEnd);
            } else if (in.has(chunk + 4, "iTXt")) {
                texts.checkInternational(data, dataEnd);
            }
        }
    }

    private void verifyChecksum(int data, int length) {
        crc.reset();
        crc.update(bytes, data - 4, length + 4);
        if (crc.getValue() != in.u32(data + length)) {
            throw format().corrupt("a chunk's checksum is wrong");
        }
    }

    int bits() {
        return bits;
    }

    int colorType() {
        return colorType;
    }

    boolean isInterlaced() {
        return interlaced;
    }

    @Override
    int endOfImage() {
        return end;
    }

    @Override
    long decodingBytes() {
        return (long) width * height * PngPixels.channels(colorType) + PngPixels.workBytes(this);
    }

    @Override
    DecodedImage decode(Deadline deadline) {
        byte[] pixels;
        try (PngPixels decoder = new PngPixels(this, deadline)) {
            pixels = decoder.decode();
        }
        if (colorType == PALETTE) {
            byte[] palette = new byte[3 * 256];
            System.arraycopy(
                    bytes, paletteOffset, palette, 0, Math.min(paletteBytes, palette.length));
            return new PaletteImage(width, height, pixels, palette);
        }
        return new InterleavedImage(width, height, PngPixels.channels(colorType), pixels);
    }

    /** An iterator over the IDAT chunks, which verifies the checksum of each. */
    final class Chunks {

        private int next = pixelsOffset;
        private int data;
        private int length;

        /**
         * Advances to the next chunk that is not empty.
         *
         * @return whether there is one
         */
        boolean next() {
            while (next < pixelsEnd) {
                data = next + 8;
                length = in.i32(next);
                verifyChecksum(data, length);
                next += length + CHUNK_OVERHEAD_BYTES;
                if (length > 0) {
                    return true;
                }
            }
            return false;
        }

        byte[] bytes() {
            return bytes;
        }

        int data() {
            return data;
        }

        int length() {
            return length;
        }
    }
}
