package io.bactrian.preprocess.image;

import com.twelvemonkeys.imageio.metadata.tiff.TIFF;
import java.io.ByteArrayInputStream;
import java.io.InputStream;
import java.io.SequenceInputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * Replaces the directory of a TIFF. The new directory is appended, so that all other offsets remain
 * valid.
 */
final class TiffRewriter {

    private static final int HEADER_BYTES = 8;
    private static final int DIRECTORY_POINTER_OFFSET = 4;

    private final SortedMap<Integer, long[]> tags = new TreeMap<>();

    void put(int tag, long... values) {
        tags.put(tag, values);
    }

    /**
     * {@return the file with a directory of the tags that were put}
     *
     * @param bytes the file
     * @param order its byte order
     */
    InputStream rewritten(byte[] bytes, ByteOrder order) {
        int start = bytes.length + 1 & ~1;
        byte[] header = Arrays.copyOf(bytes, HEADER_BYTES);
        ByteBuffer.wrap(header).order(order).putInt(DIRECTORY_POINTER_OFFSET, start);
        return new SequenceInputStream(
                Collections.enumeration(
                        List.of(
                                new ByteArrayInputStream(header),
                                new ByteArrayInputStream(
                                        bytes, HEADER_BYTES, bytes.length - HEADER_BYTES),
                                new ByteArrayInputStream(new byte[start - bytes.length]),
                                new ByteArrayInputStream(directory(start, order)))));
    }

    private byte[] directory(int start, ByteOrder order) {
        int end = 2 + tags.size() * TiffDirectory.ENTRY_BYTES + 4;
        int length = end;
        for (var tag : tags.entrySet()) {
            length += tag.getValue().length * bytes(tag.getKey());
        }
        ByteBuffer entries = ByteBuffer.allocate(length).order(order);
        ByteBuffer values = entries.duplicate().order(order).position(end);
        entries.putShort((short) tags.size());
        for (var tag : tags.entrySet()) {
            int count = tag.getValue().length;
            int size = bytes(tag.getKey());
            int next = entries.position() + TiffDirectory.ENTRY_BYTES;
            entries.putShort(tag.getKey().shortValue());
            entries.putShort((short) (size == 2 ? TiffDirectory.SHORT : TiffDirectory.LONG));
            entries.putInt(count);
            boolean inside = count * size <= 4;
            if (!inside) {
                entries.putInt(start + values.position());
            }
            for (long value : tag.getValue()) {
                put(inside ? entries : values, size, value);
            }
            entries.position(next);
        }
        return entries.array();
    }

    private static void put(ByteBuffer to, int size, long value) {
        if (size == 2) {
            to.putShort((short) value);
        } else {
            to.putInt((int) value);
        }
    }

    /** {@return the bytes per value of a tag; some tags must be of type SHORT} */
    private static int bytes(int tag) {
        return switch (tag) {
            case TIFF.TAG_BITS_PER_SAMPLE, TIFF.TAG_COLOR_MAP, TIFF.TAG_EXTRA_SAMPLES -> 2;
            default -> 4;
        };
    }
}
