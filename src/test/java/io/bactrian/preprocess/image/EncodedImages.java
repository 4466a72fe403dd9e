package io.bactrian.preprocess.image;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.zip.CRC32;
import java.util.zip.Deflater;

/** Encoded images for tests, valid and hostile ones. */
final class EncodedImages {

    private static final Path ORACLE = Path.of("src/test/resources/oracle");
    private static final byte[] PNG_SIGNATURE = {(byte) 0x89, 'P', 'N', 'G', '\r', '\n', 26, '\n'};

    private EncodedImages() {}

    /** {@return an image of the oracle, which has Pillow's results} */
    static byte[] oracle(String file) {
        try {
            return Files.readAllBytes(ORACLE.resolve(file));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static byte[] concat(byte[]... parts) {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        for (byte[] part : parts) {
            all.writeBytes(part);
        }
        return all.toByteArray();
    }

    static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.ISO_8859_1);
    }

    /** {@return an 8-bit PNG with one IDAT chunk, and other chunks before it} */
    static byte[] png(int width, int height, int colorType, byte[] compressed, byte[]... before) {
        ByteBuffer header = ByteBuffer.allocate(13).putInt(width).putInt(height);
        header.put((byte) 8).put((byte) colorType);
        return concat(
                PNG_SIGNATURE,
                chunk("IHDR", header.array()),
                concat(before),
                chunk("IDAT", compressed),
                chunk("IEND", new byte[0]));
    }

    static byte[] chunk(String type, byte[] data) {
        byte[] body = concat(ascii(type), data);
        CRC32 sum = new CRC32();
        sum.update(body);
        return ByteBuffer.allocate(body.length + 8)
                .putInt(data.length)
                .put(body)
                .putInt((int) sum.getValue())
                .array();
    }

    /** {@return the bytes as a zlib stream, complete or without its end} */
    static byte[] deflated(byte[] bytes, boolean complete) {
        Deflater deflater = new Deflater(9);
        deflater.setInput(bytes);
        if (complete) {
            deflater.finish();
        }
        byte[] buffer = new byte[bytes.length + 100];
        int length =
                deflater.deflate(
                        buffer,
                        0,
                        buffer.length,
                        complete ? Deflater.NO_FLUSH : Deflater.FULL_FLUSH);
        deflater.end();
        return java.util.Arrays.copyOf(buffer, length);
    }

    /**
     * {@return a gray JPEG whose scans are empty}
     *
     * @param frame the marker of the frame, such as 0xC2 for a progressive one
     */
    static byte[] jpegWithEmptyScans(int frame, int width, int height, int scans) {
        ByteArrayOutputStream jpeg = new ByteArrayOutputStream();
        jpeg.writeBytes(new byte[] {(byte) 0xFF, (byte) 0xD8});
        byte[] quantization = new byte[65];
        java.util.Arrays.fill(quantization, 1, 65, (byte) 1);
        segment(jpeg, 0xDB, quantization);
        ByteBuffer header = ByteBuffer.allocate(9).put((byte) 8);
        header.putShort((short) height).putShort((short) width);
        segment(jpeg, frame, header.put((byte) 1).put((byte) 1).put((byte) 0x11).array());
        for (int table : new int[] {0x00, 0x10}) {
            byte[] codes = new byte[19];
            codes[0] = (byte) table;
            codes[1] = 1;
            codes[2] = 1;
            codes[18] = 1;
            segment(jpeg, 0xC4, codes);
        }
        boolean progressive = frame == 0xC2 || frame == 0xCA;
        for (int i = 0; i < scans; i++) {
            segment(jpeg, 0xDA, new byte[] {1, 1, 0, 0, (byte) (progressive ? 0 : 63), 0});
        }
        jpeg.writeBytes(new byte[] {(byte) 0xFF, (byte) 0xD9});
        return jpeg.toByteArray();
    }

    private static void segment(ByteArrayOutputStream jpeg, int marker, byte[] data) {
        jpeg.writeBytes(segment(marker, data));
    }

    /** {@return a marker segment of a JPEG} */
    static byte[] segment(int marker, byte[] data) {
        return ByteBuffer.allocate(4 + data.length)
                .put((byte) 0xFF)
                .put((byte) marker)
                .putShort((short) (2 + data.length))
                .put(data)
                .array();
    }

    /**
     * {@return a little-endian TIFF of one page}
     *
     * @param segments the strips, or the tiles if there is a tag for the tile width
     */
    static byte[] tiff(Map<Integer, long[]> tags, byte[]... segments) {
        SortedMap<Integer, long[]> all = new TreeMap<>(tags);
        long[] offsets = new long[segments.length];
        long[] counts = new long[segments.length];
        int at = 8;
        for (int i = 0; i < segments.length; i++) {
            offsets[i] = at;
            counts[i] = segments[i].length;
            at += segments[i].length;
        }
        boolean tiled = tags.containsKey(322);
        all.putIfAbsent(tiled ? 324 : 273, offsets);
        all.putIfAbsent(tiled ? 325 : 279, counts);
        ByteBuffer directory = ByteBuffer.allocate(6 + 12 * all.size());
        directory.order(ByteOrder.LITTLE_ENDIAN).putShort((short) all.size());
        ByteArrayOutputStream values = new ByteArrayOutputStream();
        int valuesAt = at + directory.capacity();
        for (var tag : all.entrySet()) {
            int count = tag.getValue().length;
            directory.putShort(tag.getKey().shortValue()).putShort((short) 4).putInt(count);
            ByteBuffer longs = ByteBuffer.allocate(4 * count).order(ByteOrder.LITTLE_ENDIAN);
            for (long value : tag.getValue()) {
                longs.putInt((int) value);
            }
            if (count == 1) {
                directory.put(longs.flip());
            } else {
                directory.putInt(valuesAt + values.size());
                values.writeBytes(longs.array());
            }
        }
        ByteBuffer header = ByteBuffer.allocate(8).order(ByteOrder.LITTLE_ENDIAN);
        header.put(ascii("II*\0")).putInt(at);
        return concat(header.array(), concat(segments), directory.array(), values.toByteArray());
    }
}
