package io.bactrian.preprocess.image;

import com.twelvemonkeys.imageio.metadata.tiff.TIFF;
import io.bactrian.tensor.BadInputException;
import java.util.ArrayDeque;
import java.util.HashSet;
import java.util.Queue;
import java.util.Set;

/**
 * Computes the end of a TIFF, which its header does not declare: the last byte that any directory
 * of any page refers to.
 */
final class TiffExtent {

    /** The maximum entries and values read, more than any real file has. */
    private static final int MAX_VALUES = 1 << 20;

    private static final int[] DIRECTORY_TAGS = {
        TIFF.TAG_SUB_IFD, TIFF.TAG_EXIF_IFD, TIFF.TAG_GPS_IFD, TIFF.TAG_INTEROP_IFD
    };
    private static final int[][] DATA_TAGS = {
        {TIFF.TAG_STRIP_OFFSETS, TIFF.TAG_STRIP_BYTE_COUNTS},
        {TIFF.TAG_TILE_OFFSETS, TIFF.TAG_TILE_BYTE_COUNTS},
        {TIFF.TAG_JPEG_INTERCHANGE_FORMAT, TIFF.TAG_JPEG_INTERCHANGE_FORMAT_LENGTH}
    };

    private final ByteReader in;
    private final Queue<Long> queue = new ArrayDeque<>();
    private final Set<Long> seen = new HashSet<>();
    private long end = 8;
    private int valueCount;

    private TiffExtent(ByteReader in) {
        this.in = in;
    }

    /** {@return the offset of the first byte after the file, or -1 if a directory can't be read} */
    static int end(ByteReader in) {
        try {
            TiffExtent extent = new TiffExtent(in);
            extent.enqueue(in.u32(4));
            while (!extent.queue.isEmpty()) {
                extent.directory(new TiffDirectory(in, ImageFormat.TIFF, extent.queue.remove()));
            }
            return extent.valueCount > MAX_VALUES ? -1 : (int) extent.end;
        } catch (BadInputException e) {
            return -1;
        }
    }

    private void enqueue(long directory) {
        if (directory != 0 && seen.add(directory)) {
            queue.add(directory);
        }
    }

    private void directory(TiffDirectory directory) {
        valueCount += 1 + directory.entries();
        if (valueCount > MAX_VALUES) {
            queue.clear();
            return;
        }
        include(directory.end(), 4);
        enqueue(in.u32(directory.end()));
        for (int i = 0; i < directory.entries(); i++) {
            long entry = directory.entry(i);
            include(directory.data(entry), directory.dataBytes(entry));
        }
        for (int tag : DIRECTORY_TAGS) {
            for (long pointer : values(directory, tag)) {
                enqueue(pointer);
            }
        }
        for (int[] tags : DATA_TAGS) {
            long[] offsets = values(directory, tags[0]);
            long[] counts = values(directory, tags[1]);
            for (int i = 0; i < Math.min(offsets.length, counts.length); i++) {
                include(offsets[i], counts[i]);
            }
        }
    }

    private long[] values(TiffDirectory directory, int tag) {
        long count = directory.count(tag);
        if (count > MAX_VALUES - valueCount) {
            valueCount = MAX_VALUES + 1;
            return new long[0];
        }
        valueCount += (int) count;
        return count == 0 ? new long[0] : directory.values(tag, (int) count);
    }

    private void include(long from, long length) {
        in.check(from, length);
        end = Math.max(end, from + length);
    }
}
