package io.bactrian.postprocess.mask;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.zip.CRC32;
import java.util.zip.Deflater;
import org.jspecify.annotations.Nullable;

/**
 * The writer of a mask as a PNG image (ISO/IEC 15948): indices of a palette or gray levels, in as
 * few bits as the highest takes. Rows are not filtered, which does not help indices, and of which
 * Java's ImageIO tries all kinds.
 */
public final class MaskPng {

    private static final byte[] SIGNATURE = {(byte) 0x89, 'P', 'N', 'G', '\r', '\n', 0x1a, '\n'};
    private static final byte GRAY = 0;
    private static final byte INDEXED = 3;
    private static final int HEADER_BYTES = 13;
    private static final int BUFFER_BYTES = 1 << 14;

    /** The default level takes more than twice as long, for files a quarter smaller. */
    private static final int LEVEL = 3;

    private final ByteArrayOutputStream out = new ByteArrayOutputStream();

    private MaskPng() {}

    /**
     * {@return the image of a mask, whose pixels are indices of a palette}
     *
     * @param map the mask
     * @param palette has a color for each of its classes
     */
    public static byte[] indexed(ClassMap map, Palette palette) {
        int highest = map.highest();
        return new MaskPng().write(map, bits(highest), palette.colors(highest + 1));
    }

    /**
     * {@return the image of a mask, whose pixels are gray levels of 0 to 255}
     *
     * @param levels the levels
     */
    public static byte[] gray(ClassMap levels) {
        return new MaskPng().write(levels, Byte.SIZE, null);
    }

    /** {@return the fewest bits that PNG has for a number: 1, 2, 4 or 8} */
    private static int bits(int highest) {
        int bits = 1;
        while (highest >> bits != 0) {
            bits *= 2;
        }
        return bits;
    }

    private byte[] write(ClassMap map, int bits, byte @Nullable [] colors) {
        out.writeBytes(SIGNATURE);
        chunk(
                "IHDR",
                ByteBuffer.allocate(HEADER_BYTES)
                        .putInt(map.width())
                        .putInt(map.height())
                        .put((byte) bits)
                        .put(colors == null ? GRAY : INDEXED)
                        .array());
        if (colors != null) {
            chunk("PLTE", colors);
        }
        chunk("IDAT", deflated(map, bits));
        chunk("IEND", new byte[0]);
        return out.toByteArray();
    }

    private void chunk(String type, byte[] content) {
        byte[] name = type.getBytes(StandardCharsets.US_ASCII);
        CRC32 checksum = new CRC32();
        checksum.update(name);
        checksum.update(content);
        writeInt(content.length);
        out.writeBytes(name);
        out.writeBytes(content);
        writeInt((int) checksum.getValue());
    }

    private void writeInt(int value) {
        out.writeBytes(ByteBuffer.allocate(Integer.BYTES).putInt(value).array());
    }

    private static byte[] deflated(ClassMap map, int bits) {
        // The first byte of a row is its filter: none.
        byte[] row = new byte[1 + (map.width() * bits + Byte.SIZE - 1) / Byte.SIZE];
        Deflater deflater = new Deflater(LEVEL);
        try {
            ByteArrayOutputStream compressed = new ByteArrayOutputStream();
            byte[] buffer = new byte[BUFFER_BYTES];
            for (int y = 0; y < map.height(); y++) {
                pack(map, y, bits, row);
                deflater.setInput(row);
                while (!deflater.needsInput()) {
                    compressed.write(buffer, 0, deflater.deflate(buffer));
                }
            }
            deflater.finish();
            while (!deflater.finished()) {
                compressed.write(buffer, 0, deflater.deflate(buffer));
            }
            return compressed.toByteArray();
        } finally {
            deflater.end();
        }
    }

    private static void pack(ClassMap map, int y, int bits, byte[] row) {
        int width = map.width();
        if (bits == Byte.SIZE) {
            System.arraycopy(map.pixels(), y * width, row, 1, width);
            return;
        }
        int perByte = Byte.SIZE / bits;
        int at = y * width;
        for (int i = 1; i < row.length; i++) {
            int packed = 0;
            for (int x = (i - 1) * perByte; x < i * perByte; x++) {
                packed = packed << bits | (x < width ? map.pixels()[at + x] : 0);
            }
            row[i] = (byte) packed;
        }
    }
}
